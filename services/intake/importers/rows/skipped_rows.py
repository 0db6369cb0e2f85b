"""Rows that are no tickets by what they say of themselves."""

from __future__ import annotations

from services.intake.importers.audience.chat_rooms import (
    DIRECT,
    PRIVATE_ROOM,
    is_direct,
    is_direct_file,
    is_in_private_room,
)
from services.intake.importers.plans.plan import Plan
from services.intake.importers.records import Record, is_empty
from services.intake.importers.replies.discarded import DISCARDED, is_discarded
from services.intake.importers.rows.private_rows import MARKED_PRIVATE, is_private
from services.intake.importers.vocabulary.synonyms import Field

RATING = "ratings without words"
_RATINGS = frozenset({"star rating", "rating", "stars", "score"})

WORDLESS = "messages of a chat without words"
_MESSAGES = frozenset({"message", "service", "system", "event"})
_SAID: tuple[Field, ...] = ("title", "text", "replies")


def reason_to_skip(record: Record, plan: Plan, kind: str, *, with_discarded: bool) -> str | None:
    """Return why a row of a `kind` is no ticket by what it says of itself; None for all others."""
    if not with_discarded and is_discarded(record, plan.mapping, plan.layout):
        return DISCARDED
    if (room := reason_of_room(record, plan)) is not None:
        return room
    # A product that is not published is in the catalog.
    if kind == "ticket" and is_private(record, plan):
        return MARKED_PRIVATE
    if is_rating(record, plan):
        return RATING
    return WORDLESS if is_wordless(record, plan) else None


def reason_of_room(record: Record, plan: Plan) -> str | None:
    """Return why a row is a message that only some people read; None for all others."""
    if is_direct(record.named) or is_direct_file(plan.table.name):
        return DIRECT
    return PRIVATE_ROOM if is_in_private_room(record.named) else None


def is_rating(record: Record, plan: Plan) -> bool:
    """Say whether a row is a review of an app or a shop that gives stars and says nothing."""
    named = record.named
    is_rated = any(not is_empty(named[name]) for name in _RATINGS & named.keys())
    return is_rated and not plan.has_any(record, *_SAID)


def is_wordless(record: Record, plan: Plan) -> bool:
    """Say whether a row is a message of a chat without words, such as a picture."""
    kind = str(record.named.get("type") or "").lower()
    return kind in _MESSAGES and not plan.has_any(record, *_SAID)
