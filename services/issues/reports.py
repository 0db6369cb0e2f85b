"""Reports of a ticket by people who wrote no ticket themselves: they said "same here"."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import FollowUp, Item
from models.queries import in_parts

# The kind of follow-up that counts as a report.
SAME = "same"


def count_reporters(session: Session, item_ids: Iterable[int]) -> dict[int, int]:
    """Return how many other people reported each ticket once more; those of none are left out."""
    return {
        item_id: number
        for part in in_parts(set(item_ids))
        for item_id, number in session.execute(_reporters().where(FollowUp.item_id.in_(part)))
    }


def reported_tickets(session: Session, workspace_id: int) -> dict[int, int]:
    """Return how many other people reported each ticket of a workspace that anybody did."""
    rows = session.execute(_reporters().where(Item.workspace_id == workspace_id))
    return {item_id: number for item_id, number in rows}


def _reporters() -> Select[int, int]:
    """Count people: whoever says it twice reports once, and authors report with the ticket."""
    return (
        select(Item.id, func.count(FollowUp.author.distinct()))
        .join(FollowUp, FollowUp.item_id == Item.id)
        .where(
            FollowUp.kind == SAME,
            FollowUp.undone_at.is_(None),
            FollowUp.author != func.coalesce(Item.author, ""),
        )
        .group_by(Item.id)
    )
