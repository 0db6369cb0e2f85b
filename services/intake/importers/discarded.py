"""Tickets that somebody deleted or called spam."""

from __future__ import annotations

from services.intake.importers.plan import Plan
from services.intake.importers.records import Record, normalized

DISCARDED = "tickets that were deleted, or are spam"
_WORDS = frozenset({"deleted", "spam", "trash", "trashed"})
_FLAGS = frozenset({"spam", "deleted", "is spam", "is deleted", "trashed"})


def is_discarded(record: Record, plan: Plan) -> bool:
    """Say whether the ticket of a row was deleted, or is spam, by its state or a flag."""
    states = (record.values.get(name) for name in plan.mapping.get("status", ()))
    if any(isinstance(word, str) and word.strip().lower() in _WORDS for word in states):
        return True
    return any(
        value in (True, "true", "True", "1", 1)
        for name, value in record.values.items()
        if normalized(name) in _FLAGS
    )
