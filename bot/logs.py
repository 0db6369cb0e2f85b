"""Log lines for people (`text`) or for machines (`json`). They never carry message text."""

from __future__ import annotations

import logging
import sys

from bot.settings import Settings

# The libraries' own lines below this level name tokens' owners, addresses and payloads.
_NOISY = ("slack_bolt", "slack_sdk", "sentence_transformers", "waitress", "httpx", "transformers")


def set_up_logging(settings: Settings) -> None:
    """Send all log lines to standard error in the settings' format."""
    handler: logging.Handler
    if settings.log_format == "json":
        from pythonjsonlogger.json import JsonFormatter

        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(
            JsonFormatter(
                ["levelname", "name", "message"],
                timestamp=True,
                rename_fields={"levelname": "level", "name": "logger"},
            )
        )
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))
