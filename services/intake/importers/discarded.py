"""Tickets and replies that somebody deleted or called spam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.importers.flags import flag
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.records import Record, is_empty
from services.intake.importers.synonyms import Mapping_

DISCARDED = "tickets that were deleted, or are spam"
_STATES = frozenset({"deleted", "spam", "trash", "trashed"})
_FLAGS = frozenset({"deleted", "is deleted", "is spam", "trashed", "is trashed"})
_TIMES = frozenset({"deleted at", "deleted date time"})
# MySQL writes a missing time as 0000-00-00 00:00:00.
_NO_TIME = "0000-"


def is_discarded(record: Record, mapping: Mapping_, layout: Layout) -> bool:
    """Say whether the ticket of a row was deleted, or is spam, by its state, a flag or a time."""
    states = (record.values.get(name) for name in mapping.get("status", ()))
    if any(isinstance(word, str) and word.strip().lower() in _STATES for word in states):
        return True
    # A table with columns of both names comes from a help desk, which marks spam so.
    is_flag = layout is not TABLE or "deleted" in record.named
    is_spam = is_flag and flag(record.named.get("spam")) is True
    return is_spam or is_deleted(record.named)


def is_deleted(fields: Mapping[str, Any]) -> bool:
    """Say whether a ticket or reply is gone or spam; names are as `normalized` writes them.

    In a table of no known tool, "spam" with 1 or TRUE may be a label: what it is about.
    """
    return (
        fields.get("spam") is True
        or any(flag(fields[name]) is True for name in _FLAGS & fields.keys())
        or any(_is_time(fields[name]) for name in _TIMES & fields.keys())
    )


def _is_time(value: object) -> bool:
    is_missing = is_empty(value) or flag(value) is False or str(value).startswith(_NO_TIME)
    return not is_missing
