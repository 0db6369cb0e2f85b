"""Whether a ticket is solved, in Python and in SQL."""

from __future__ import annotations

from sqlalchemy import func

from models import Item

# What trackers call a ticket that is finished.
SOLVED = frozenset({"resolved", "closed", "done", "fixed", "solved", "completed"})


def is_solved(status: str, resolution: str | None) -> bool:
    """Say whether a ticket counts as solved: it has an answer, or its tracker closed it."""
    return bool(resolution) or status.casefold() in SOLVED


# The same as a condition over `Item`.
IS_SOLVED = (func.coalesce(Item.resolution, "") != "") | func.lower(Item.status).in_(SOLVED)
