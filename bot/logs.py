"""Log lines for people (`text`) or for machines (`json`). They never carry message text."""

from __future__ import annotations

import logging
import sys

from bot.settings import LogFormat

# What the libraries say below these levels names addresses and payloads, or is no news: Bolt warns
# of every event that nobody listens to.
_LIBRARIES = {
    "alembic": logging.WARNING,
    "slack_bolt": logging.ERROR,
    "slack_sdk": logging.WARNING,
    "sentence_transformers": logging.WARNING,
    "transformers": logging.WARNING,
    "waitress": logging.WARNING,
    "httpx": logging.WARNING,
}


def set_up_logging(level: str, log_format: LogFormat) -> None:
    """Send log lines of `level` and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    if log_format == "json":
        from pythonjsonlogger.json import JsonFormatter

        handler.setFormatter(
            JsonFormatter(
                ["levelname", "name", "message"],
                timestamp=True,
                rename_fields={"levelname": "level", "name": "logger"},
            )
        )
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(least, logging.root.level))
