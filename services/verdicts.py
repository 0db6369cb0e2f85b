"""Verdicts: what people decided about pairs of items. All stay on record; one a pair stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from models import Item, Verdict
from services.errors import InputError

Decision = Literal["duplicate", "related", "distinct"]
DECISIONS: tuple[Decision, ...] = ("duplicate", "related", "distinct")


def decide(
    session: Session,
    workspace_id: int,
    pair: tuple[int, int],
    decision: Decision,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Store a verdict in place of the standing one; return whether anything changed."""
    first, second = sorted(pair)
    if first == second:
        raise InputError("An item cannot be compared with itself.")
    # Two people who click at once take turns here.
    session.execute(select(Item.id).where(Item.id.in_((first, second))).with_for_update())
    standing = session.scalar(
        select(Verdict).where(
            Verdict.item_a_id == first, Verdict.item_b_id == second, Verdict.undone_at.is_(None)
        )
    )
    if standing is not None:
        if standing.verdict == decision:
            return False
        standing.undone_by, standing.undone_at = by, now
        session.flush()
    session.add(
        Verdict(
            workspace_id=workspace_id,
            item_a_id=first,
            item_b_id=second,
            verdict=decision,
            decided_by=by,
            decided_at=now,
        )
    )
    session.flush()
    return True


def undo(session: Session, pair: tuple[int, int], *, by: str, now: datetime) -> bool:
    """Take the standing verdict on a pair back; return whether there was one."""
    first, second = sorted(pair)
    undone = session.execute(
        update(Verdict)
        .where(Verdict.item_a_id == first, Verdict.item_b_id == second, Verdict.undone_at.is_(None))
        .values(undone_by=by, undone_at=now)
        .returning(Verdict.id)
    ).all()
    return bool(undone)


def standing_verdicts(session: Session, item_id: int) -> dict[int, Verdict]:
    """Return the standing verdicts on an item, by the other item's id."""
    rows = session.scalars(
        select(Verdict).where(
            Verdict.undone_at.is_(None),
            or_(Verdict.item_a_id == item_id, Verdict.item_b_id == item_id),
        )
    )
    return {row.item_b_id if row.item_a_id == item_id else row.item_a_id: row for row in rows}


def standing_pairs(session: Session) -> dict[tuple[int, int], str]:
    """Return all standing verdicts by pair, the lower item id first."""
    rows = session.execute(
        select(Verdict.item_a_id, Verdict.item_b_id, Verdict.verdict).where(
            Verdict.undone_at.is_(None)
        )
    )
    return {(first, second): verdict for first, second, verdict in rows}


def export_verdicts(session: Session, workspace_id: int) -> Iterator[dict[str, str]]:
    """Return the standing verdicts of a workspace with the items' own ids, the oldest first."""
    first, second = aliased(Item), aliased(Item)
    rows = session.execute(
        select(Verdict, first.external_id, second.external_id)
        .join(first, first.id == Verdict.item_a_id)
        .join(second, second.id == Verdict.item_b_id)
        .where(Verdict.workspace_id == workspace_id, Verdict.undone_at.is_(None))
        .order_by(Verdict.id)
    )
    for verdict, a, b in rows:
        yield {
            "a": a,
            "b": b,
            "verdict": verdict.verdict,
            "by": verdict.decided_by,
            "at": verdict.decided_at.isoformat(),
        }


def ruled_out(session: Session, item_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Return the pairs with one of these items that people found not to be duplicates.

    Each pair is there in both directions.
    """
    rows = session.execute(
        select(Verdict.item_a_id, Verdict.item_b_id).where(
            and_(
                Verdict.verdict == "distinct",
                Verdict.undone_at.is_(None),
                or_(Verdict.item_a_id.in_(item_ids), Verdict.item_b_id.in_(item_ids)),
            )
        )
    ).all()
    return _both_ways((first, second) for first, second in rows)


def _both_ways(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    return {way for first, second in pairs for way in ((first, second), (second, first))}
