"""Logging for people (`text`) or machines (`json`). Log lines never contain message text.

In JSON, `request_id` joins the lines about one request of Slack, from the event to the posted
answer, in whichever processes they are written.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from threading import Lock
from typing import TextIO

from bot.settings import LogFormat

# Below these levels libraries log addresses and payloads, or noise: Bolt warns about every event
# without a listener.
_LIBRARIES = {
    "alembic": logging.WARNING,
    "slack_bolt": logging.ERROR,
    # It logs each call and each connection that fails; `OutageLog` says the same once.
    "slack_sdk": logging.CRITICAL,
    "sentence_transformers": logging.WARNING,
    "transformers": logging.WARNING,
    "waitress": logging.WARNING,
    "httpx": logging.WARNING,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
}


# Of more jobs that run together than these, none is named.
MAX_NAMED = 10

_request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def request_context(job_keys: Sequence[str]) -> Iterator[None]:
    """Let the log lines of this thread tell which requests they are about.

    The key of a job ends with what caused it: the id of Slack's event, the trigger of a click, or
    the time of a message. The keys of the jobs that follow from it end with the same.
    """
    token = _request_id.set(" ".join(causes_of(job_keys)))
    try:
        yield
    finally:
        _request_id.reset(token)


def causes_of(job_keys: Sequence[str]) -> list[str]:
    """Return the ids of the requests that jobs follow from; none if they are many."""
    causes = dict.fromkeys(key.rsplit(":", 1)[-1] for key in job_keys[: MAX_NAMED + 1])
    return list(causes) if len(causes) <= MAX_NAMED else []


def _add_request_id(record: logging.LogRecord) -> bool:
    if current := _request_id.get():
        record.request_id = current
    return True


def set_up_logging(level: str, log_format: LogFormat) -> None:
    """Log messages of `level` and above to standard error."""
    logging.basicConfig(level=level, handlers=[log_handler(sys.stderr, log_format)], force=True)
    for name, min_level in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(min_level, logging.root.level))


def log_handler(stream: TextIO, log_format: LogFormat) -> logging.Handler:
    """Return the handler that writes log lines to a stream."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(_add_request_id)
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
    return handler


REMIND_AFTER = timedelta(hours=1)


class OutageLog:
    """Logs an outage in one line when it begins, one an hour, and one when it ends.

    `what` is what cannot be reached. The lines say that for whoever runs the bot, and how long.
    """

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._began: datetime | None = None
        self._logged: datetime | None = None
        self._lock = Lock()

    def note_failure(self, reason: str, now: datetime) -> None:
        """Note that it still cannot be reached."""
        with self._lock:
            if self._began is None:
                self._began = self._logged = now
                line = "%s cannot be reached, and work that needs it waits: %s"
                self._logger.warning(line, self._what, reason)
            elif self._logged is None or now - self._logged >= REMIND_AFTER:
                self._logged = now
                line = "%s has not been reached for %s: %s"
                self._logger.warning(line, self._what, _span(now - self._began), reason)

    def note_success(self, now: datetime) -> None:
        """Note that it was reached."""
        with self._lock:
            if self._began is not None:
                line = "%s can be reached again, after %s"
                self._logger.warning(line, self._what, _span(now - self._began))
            self._began = self._logged = None


def _span(span: timedelta) -> str:
    """Return a time as hours, minutes and seconds: `2:05:00`."""
    return str(timedelta(seconds=int(span.total_seconds())))
