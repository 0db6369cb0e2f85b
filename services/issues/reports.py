"""Reports of an issue: its tickets, and people who wrote none but said "same here".

Each person counts once for an issue: whoever says it twice, of two of its tickets, or besides a
ticket of their own, is no further report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import FollowUp, Item, is_among, many_ids
from models.queries import in_parts

# The kind of follow-up that counts as a report.
SAME = "same"

_REPORTS = (FollowUp.kind == SAME, FollowUp.undone_at.is_(None))

# Built once: every answer runs it.
_REPORTERS = select(FollowUp.item_id, FollowUp.author).where(
    *_REPORTS, is_among(FollowUp.item_id, many_ids("ids"))
)

Key = TypeVar("Key", bound=Hashable)


def count_reports(session: Session, issues: Mapping[Key, Collection[int]]) -> dict[Key, int]:
    """Return how many reports each issue has, of which the ids of the tickets are given."""
    ids = {item_id for tickets in issues.values() for item_id in tickets}
    people = _reporters(session, ids)
    authors = _authors(session, people and ids)
    return {
        key: len(tickets)
        + len(
            {person for one in tickets for person in people.get(one, ())}
            - {authors.get(one) for one in tickets}
        )
        for key, tickets in issues.items()
    }


def reported_tickets(session: Session, workspace_id: int) -> set[int]:
    """Return the ids of the tickets of a workspace that anybody reported once more."""
    reports = select(FollowUp.item_id).join(Item, Item.id == FollowUp.item_id).distinct()
    found = session.scalars(reports.where(*_REPORTS, Item.workspace_id == workspace_id))
    return {item_id for item_id in found if item_id is not None}


def _reporters(session: Session, item_ids: Iterable[int]) -> dict[int, set[str]]:
    """Return who said of each ticket that they have the same problem."""
    found: dict[int, set[str]] = defaultdict(set)
    for part in in_parts(item_ids):
        for item_id, author in session.connection().execute(_REPORTERS, {"ids": part}):
            found[item_id or 0].add(author)
    return dict(found)


def _authors(session: Session, item_ids: Iterable[int]) -> dict[int, str | None]:
    return {
        item_id: author
        for part in in_parts(item_ids)
        for item_id, author in session.execute(
            select(Item.id, Item.author).where(Item.id.in_(part))
        )
    }
