"""Outcomes: whether the answer of one ticket helped with other tickets, as people reported."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    distinct,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from models import MAX_STATEMENTS, Item, Outcome, Resolution, is_among, many_ids
from models.queries import in_parts, is_live
from services.issues.groups import PairIds
from services.issues.resolutions import ensure_resolution


@dataclass(frozen=True)
class AnswerRecord:
    """The number of other tickets for which an answer worked, and for which it failed."""

    worked: int = 0
    failed: int = 0

    @property
    def fails(self) -> bool:
        """Whether it failed more often than it worked."""
        return self.failed > self.worked


def record_outcome(
    session: Session, solved: Item, item_id: int, worked: bool | None, *, by: str, now: datetime
) -> bool:
    """Store whether the answer of a ticket helped with another one; return whether that is new.

    `worked` is None where the answer was used and nobody has reported back yet.
    """
    resolution = ensure_resolution(session, solved)
    if resolution is None:
        return False
    current = session.scalar(
        select(Outcome).where(
            Outcome.resolution_id == resolution.id,
            Outcome.item_id == item_id,
            Outcome.undone_at.is_(None),
        )
    )
    if current is not None:
        if worked is None or current.worked == worked:
            return False
        current.undone_by, current.undone_at = by, now
        session.flush()
    session.add(
        Outcome(
            resolution_id=resolution.id, item_id=item_id, worked=worked, said_by=by, said_at=now
        )
    )
    session.flush()
    return True


def record_failure(
    session: Session, item_id: int, *, by: str, since: datetime, now: datetime
) -> int | None:
    """Store that the answer last used for a ticket, at `since` or earlier, did not help.

    Return the id of the ticket whose answer it was; None if no used answer awaits an outcome.
    """
    row = session.execute(
        select(Outcome, Item)
        .join(Resolution, Resolution.id == Outcome.resolution_id)
        .join(Item, Item.id == Resolution.item_id)
        .where(
            Outcome.item_id == item_id,
            Outcome.worked.is_(None),
            Outcome.undone_at.is_(None),
            Outcome.said_at <= since,
        )
        .order_by(Outcome.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    row.Outcome.worked, row.Outcome.said_by, row.Outcome.said_at = False, by, now
    return int(row.Item.id)


def outcome_of(session: Session, pair: PairIds) -> tuple[bool, str] | None:
    """Return whether the first ticket's answer worked for the second one, and who said so last."""
    row = session.execute(
        select(Outcome.worked, Outcome.said_by)
        .join(Resolution, Resolution.id == Outcome.resolution_id)
        .where(
            Resolution.item_id == pair[0],
            Outcome.item_id == pair[1],
            Outcome.worked.is_not(None),
            Outcome.undone_at.is_(None),
        )
        .order_by(Outcome.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (bool(row.worked), row.said_by)


def undo_failures(session: Session, pair: PairIds, *, by: str, now: datetime) -> None:
    """Undo that the answer of one of two tickets did not help with the other."""
    of_each = [
        and_(
            Outcome.item_id == item_id,
            Outcome.resolution_id.in_(select(Resolution.id).where(Resolution.item_id == other_id)),
        )
        for item_id, other_id in (pair, pair[::-1])
    ]
    session.execute(
        update(Outcome)
        .where(Outcome.worked.is_(False), Outcome.undone_at.is_(None), or_(*of_each))
        .values(undone_by=by, undone_at=now)
    )


# Built once: each alias adapts the columns of its table anew.
_SAME, _TRIED = aliased(Resolution), aliased(Resolution)


def records_of(
    session: Session, item_ids: Collection[int], readable: ColumnElement[bool]
) -> dict[int, AnswerRecord]:
    """Return how often the current answers of tickets helped with others, by ticket.

    An answer that was copied to another ticket counts as the same one: it comes from one message.
    Only tickets that pass `readable` are counted, so that no figure reveals the others.
    """
    counts: dict[int, Counter[bool]] = defaultdict(Counter)
    known = {"ids": list(item_ids)}
    for item_id, worked, number in session.connection().execute(_records(readable), known):
        counts[item_id][bool(worked)] += number
    return {item_id: AnswerRecord(one[True], one[False]) for item_id, one in counts.items()}


@lru_cache(MAX_STATEMENTS)
def _records(readable: ColumnElement[bool]) -> Select[int, bool | None, int]:
    """Return the statement for what passes a condition, which is kept with it."""
    current = select(func.max(Resolution.id)).where(
        is_among(Resolution.item_id, many_ids("ids")),
        Resolution.undone_at.is_(None),
        Resolution.text != "",
    )
    return (
        select(Resolution.item_id, Outcome.worked, func.count(distinct(Outcome.item_id)))
        .join(_SAME, or_(_SAME.id == Resolution.id, _SAME.ts == Resolution.ts))
        .join(Outcome, Outcome.resolution_id == _SAME.id)
        .where(
            Resolution.id.in_(current.group_by(Resolution.item_id)),
            Outcome.undone_at.is_(None),
            Outcome.worked.is_not(None),
            is_live(Outcome.item_id, readable),
        )
        .group_by(Resolution.item_id, Outcome.worked)
    )


def tickets_with_tried_answers(session: Session, item_ids: Iterable[int]) -> set[int]:
    """Return the tickets whose answers were tried for these, so that their records count them."""
    return {
        item_id
        for part in in_parts(item_ids)
        for item_id in session.scalars(
            select(_SAME.item_id)
            .join(_TRIED, or_(_SAME.id == _TRIED.id, _SAME.ts == _TRIED.ts))
            .join(Outcome, Outcome.resolution_id == _TRIED.id)
            .where(Outcome.item_id.in_(part))
        )
    }


def is_outperformed(
    session: Session,
    pair: PairIds,
    answers: Mapping[int, str | None],
    readable: ColumnElement[bool],
) -> bool:
    """Say whether the first ticket's answer failed and the second ticket has a better one."""
    own, other = pair
    records = records_of(session, pair, readable)
    return bool(answers.get(other)) and (
        not answers.get(own)
        or outperforms(records.get(other, AnswerRecord()), records.get(own, AnswerRecord()))
    )


def outperforms(record: AnswerRecord, other: AnswerRecord) -> bool:
    """Say whether an answer takes the place of another one that would otherwise be shown first."""
    return other.fails and not record.fails
