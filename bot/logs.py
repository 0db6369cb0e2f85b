"""Logging for people (`text`) or machines (`json`). Log lines never contain message text."""

from __future__ import annotations

import logging
import sys

from bot.settings import LogFormat

# Below these levels libraries log addresses and payloads, or noise: Bolt warns about every event
# without a listener.
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
    """Log messages of `level` and above to standard error."""
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
    for name, min_level in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(min_level, logging.root.level))
