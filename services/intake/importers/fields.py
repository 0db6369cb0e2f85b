"""The fields of a row as an item: values are checked and cleaned, or refused with a reason."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from models.types import safe_text
from services.errors import InputError
from services.intake.importers.entries import Row, RowDefaults
from services.memory.items import NewItem
from services.text.cleaning import plain_text

FIELDS = (
    "id", "title", "text", "created", "author", "channel", "url", "status", "resolution",
    "resolved",
)  # fmt: skip
TIMES = {"created", "resolved"}

# An id is part of a database index; PostgreSQL limits its rows to about 2,700 bytes.
MAX_ID_LENGTH = 255
MAX_STATUS_LENGTH = 32

# Dates outside of these years are mistakes, such as milliseconds read as seconds or the year 1 of
# an empty date.
MIN_YEAR = 1970
MAX_YEAR = 2999

# Metadata is nearly flat; deeper nesting could exhaust the stack of a reader.
MAX_DEPTH = 20

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?")
_ISO_BASIC_DATE = re.compile(r"[12][0-9]{7}")
_NOT_TEXT = {"id", "url"}


def row_from(fields: Mapping[str, Any], line: int, defaults: RowDefaults) -> Row:
    """Return the row with these fields.

    Values of `FIELDS` are text, numbers or None; other fields may have any JSON value and become
    metadata. Raises `InputError` with the reason if the fields are invalid.
    """
    known = {name: _text(name, fields.get(name)) for name in FIELDS if name not in TIMES}
    external_id, title, text = known["id"], known["title"], known["text"]
    if external_id is None:
        raise InputError("there is no id")
    if title is None and text is None:
        raise InputError("there is neither text nor title")
    _check_length("id", external_id, MAX_ID_LENGTH)
    _check_length("status", known["status"] or "", MAX_STATUS_LENGTH)
    created, resolved = (read_time(name, fields.get(name)) for name in ("created", "resolved"))
    if created is not None and resolved is not None and resolved < created:
        raise InputError(
            f"resolved is {_short(fields['resolved'])}: before created, {_short(fields['created'])}"
        )
    item = NewItem(
        source=defaults.source,
        external_id=external_id,
        kind=defaults.kind,
        title=title,
        text=text or "",
        author=known["author"],
        url=known["url"],
        status=known["status"],
        resolution=known["resolution"],
        resolved_at=resolved,
        created_at=created or defaults.now,
        extra={
            safe_text(name): _metadata(name, value, MAX_DEPTH)
            for name, value in fields.items()
            if name not in FIELDS
        },
    )
    channel = (known["channel"] or "").removeprefix("#") or defaults.channel
    return Row(line, item, channel, is_dated=created is not None)


def read_time(name: str, value: object) -> datetime | None:
    """Return a time (ISO 8601 or seconds since 1970) in UTC; None for an empty value.

    A time without a zone is in UTC. Raises `InputError` for an invalid one.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        time = _time(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"{name} is {_short(value)}: no date as ISO 8601 or seconds since 1970"
        ) from error
    if not MIN_YEAR <= time.year <= MAX_YEAR:
        raise InputError(f"{name} is {_short(value)}: not between {MIN_YEAR} and {MAX_YEAR}")
    return time


def _time(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError("neither text nor number")
    if isinstance(value, str):
        value = value.strip()
        if _ISO_BASIC_DATE.fullmatch(value) or not _NUMBER.fullmatch(value):
            time = datetime.fromisoformat(value)
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return _EPOCH + timedelta(seconds=float(value))


def _text(name: str, value: object) -> str | None:
    """Return a field as cleaned text; None if it is empty."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{name} is {_short(value)}: it must be text")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{name} is {_short(value)}: it must be text")
    text = str(value)
    cleaned = safe_text(text).strip() if name in _NOT_TEXT else plain_text(text)
    return cleaned or None


def _metadata(name: str, value: Any, depth: int) -> Any:
    """Return a JSON value that every database can store."""
    if depth == 0:
        raise InputError(f"{safe_text(name)} is nested too deep")
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{safe_text(name)} is no number")
    if isinstance(value, list):
        return [_metadata(name, one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {safe_text(key): _metadata(name, one, depth - 1) for key, one in value.items()}
    return value


def _check_length(name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise InputError(f"{name} has {len(text)} characters: at most {limit} are possible")


def _short(value: object) -> str:
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    shown = safe_text(repr(value))
    return shown if len(shown) <= MAX_STATUS_LENGTH else f"{shown[:MAX_STATUS_LENGTH]}…"
