"""Tickets and replies that somebody deleted or called spam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.importers.flags import flag
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.records import Record, is_empty
from services.intake.importers.synonyms import Field, Mapping_

DISCARDED = "tickets that were deleted, or are spam"
_STATES = frozenset({"deleted", "spam", "trash", "trashed"})
_FLAGS = frozenset({"deleted", "is deleted", "is spam", "trashed", "is trashed"})
_TIMES = frozenset({"deleted at", "deleted date time"})
# MySQL writes a missing time as 0000-00-00 00:00:00.
_NO_TIME = "0000-"


def reason_to_skip(
    record: Record, mapping: Mapping_, layout: Layout, *, with_discarded: bool
) -> str | None:
    """Return why a row is no ticket by what it says of itself; None for all others."""
    if not with_discarded and is_discarded(record, mapping, layout):
        return DISCARDED
    if is_direct(record.named):
        return DIRECT
    if is_rating(record, mapping):
        return RATING
    return WORDLESS if is_wordless(record, mapping) else None


def is_discarded(record: Record, mapping: Mapping_, layout: Layout) -> bool:
    """Say whether the ticket of a row was deleted, or is spam, by its state, a flag or a time."""
    states = (record.values.get(name) for name in mapping.get("status", ()))
    if any(isinstance(word, str) and word.strip().lower() in _STATES for word in states):
        return True
    is_spam = layout is not TABLE and flag(record.named.get("spam")) is True
    return is_spam or is_deleted(record.named)


def is_rating(record: Record, mapping: Mapping_) -> bool:
    """Say whether a row is a review of an app or a shop that gives stars and says nothing."""
    is_rated = any(not is_empty(record.named.get(name)) for name in _RATINGS)
    return is_rated and not _says_anything(record, mapping)


def _says_anything(record: Record, mapping: Mapping_) -> bool:
    fields: tuple[Field, ...] = ("title", "text", "replies")
    said = (record.values.get(name) for field in fields for name in mapping.get(field, ()))
    return not all(map(is_empty, said))


RATING = "ratings without words"
_RATINGS = ("star rating", "rating", "stars", "score")


def is_wordless(record: Record, mapping: Mapping_) -> bool:
    """Say whether a row is a message of a chat without words, such as a picture."""
    kind = str(record.named.get("type") or "").lower()
    return kind in _MESSAGES and not _says_anything(record, mapping)


def is_direct(fields: Mapping[str, Any]) -> bool:
    """Say whether a row is a message from one person to another, which nobody else reads."""
    rooms = (str(fields.get(name) or "").lower().replace("_", "") for name in _ROOMS)
    # Whoever comes to a counter comes by a "direct" channel.
    channel = str(fields.get("channel type") or "").lower().replace("_", "")
    is_in_room = any(room in _DIRECT for room in rooms) or channel in _DIRECT - {"direct"}
    return is_in_room or any(flag(fields[name]) is True for name in _DIRECT_FLAGS & fields.keys())


DIRECT = "direct messages"
WORDLESS = "messages of a chat without words"
_ROOMS = ("room type", "chat type", "conversation kind")
_DIRECT = frozenset({"direct", "directmessage", "dm", "im", "mpim", "oneonone"})
_DIRECT_FLAGS = frozenset({"is direct", "is dm", "is im", "is mpim"})

_MESSAGES = frozenset({"message", "service", "system", "event"})


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
