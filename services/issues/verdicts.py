"""Verdicts: what people decided about pairs of items.

All stay on record; at most one of a pair is current.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from shlex import quote

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from models import Answer, Item, ShownMatch, Verdict, Workspace
from models.queries import in_parts
from services.errors import ConflictError, DejaError, InputError
from services.issues.groups import PairIds, connected, on_items
from services.issues.verdict_rules import Decision, Refusal, VerdictEntry, VerdictSet
from services.memory.item_names import find_named, names_of
from services.phrases import phrase

DECISIONS: tuple[Decision, ...] = ("duplicate", "related", "distinct")

# Every answer runs these.
_CURRENT = Verdict.undone_at.is_(None)
_ON_ITEMS = select(Verdict).where(on_items(_CURRENT))
_DISTINCT = select(Verdict.item_a_id, Verdict.item_b_id).where(
    on_items(_CURRENT & (Verdict.verdict == "distinct"))
)


@dataclass(frozen=True)
class NamedVerdict:
    """A decision on two items named by their external ids, as in a file."""

    a: str
    b: str
    decision: Decision
    by: str


def on_shown_pair() -> ColumnElement[bool]:
    """Return the condition that a verdict, current or undone, is on a pair that an answer shows."""
    return or_(
        and_(Verdict.item_a_id == Answer.item_id, Verdict.item_b_id == ShownMatch.item_id),
        and_(Verdict.item_b_id == Answer.item_id, Verdict.item_a_id == ShownMatch.item_id),
    )


def decide(
    session: Session,
    workspace_id: int,
    pair: tuple[int, int],
    decision: Decision,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Store a verdict in place of the current one; return whether anything changed.

    A *distinct* verdict on two items of one group splits the group; see
    `services/issues/verdict_rules.py`. Raises `ConflictError`, and changes nothing, if a
    *duplicate* verdict would put two items into one group that somebody ruled out.
    """
    ordered = _ordered(pair)
    _lock_verdicts(session, workspace_id)
    verdicts = VerdictSet.of(_around(session, pair))
    outcome = verdicts.decide(ordered, decision, by=by, now=now)
    if isinstance(outcome, Refusal):
        raise _conflict(outcome, _names(session, [outcome]))
    _write(session, workspace_id, verdicts)
    return outcome


def decide_named(
    session: Session, workspace_id: int, decisions: Sequence[NamedVerdict], now: datetime
) -> list[bool | DejaError]:
    """Store verdicts in order; return for each whether it changed anything, or why it is refused.

    Does what `decide` does, for many verdicts in a few queries.
    """
    names = [name for one in decisions for name in (one.a, one.b)]
    found = find_named(session, workspace_id, names)
    _lock_verdicts(session, workspace_id)
    verdicts = VerdictSet.of(_entries(session, Verdict.workspace_id == workspace_id))
    outcomes = [_decide_named(verdicts, one, found, now) for one in decisions]
    _write(session, workspace_id, verdicts)
    names_of_refused = _names(session, [one for one in outcomes if isinstance(one, Refusal)])
    return [
        _conflict(one, names_of_refused) if isinstance(one, Refusal) else one for one in outcomes
    ]


def undo(session: Session, pair: tuple[int, int], *, by: str, now: datetime) -> bool:
    """Undo the current verdict on a pair; return whether there was one.

    Undoing a *duplicate* verdict splits a group that it alone held together. Undoing a *distinct*
    one does not restore the verdicts that it undid.
    """
    first, second = sorted(pair)
    _lock_verdicts(session, select(Item.workspace_id).where(Item.id == first).scalar_subquery())
    undone = session.execute(
        update(Verdict)
        .where(Verdict.item_a_id == first, Verdict.item_b_id == second, Verdict.undone_at.is_(None))
        .values(undone_by=by, undone_at=now)
        .returning(Verdict.id)
    ).all()
    return bool(undone)


def current_verdicts(session: Session, item_id: int) -> dict[int, Verdict]:
    """Return the current verdicts on an item, by the other item's id."""
    rows = session.scalars(_ON_ITEMS, {"ids": [item_id]})
    return {row.item_b_id if row.item_a_id == item_id else row.item_a_id: row for row in rows}


def verdicts_by_pair(session: Session) -> dict[tuple[int, int], str]:
    """Return all current verdicts by pair, the lower item id first."""
    rows = session.execute(
        select(Verdict.item_a_id, Verdict.item_b_id, Verdict.verdict).where(
            Verdict.undone_at.is_(None)
        )
    )
    return {(first, second): verdict for first, second, verdict in rows}


def export_verdicts(session: Session, workspace_id: int) -> Iterator[dict[str, str]]:
    """Return the current verdicts of a workspace, oldest first, with the items' external ids."""
    rows = session.scalars(
        select(Verdict)
        .where(Verdict.workspace_id == workspace_id, Verdict.undone_at.is_(None))
        .order_by(Verdict.id)
    ).all()
    names = names_of(session, {side for row in rows for side in (row.item_a_id, row.item_b_id)})
    for verdict in rows:
        yield {
            "a": names[verdict.item_a_id],
            "b": names[verdict.item_b_id],
            "verdict": verdict.verdict,
            "by": verdict.decided_by,
            "at": verdict.decided_at.isoformat(),
        }


def ruled_out(session: Session, item_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Return the pairs that contain one of these items and are decided to be distinct.

    Each pair is returned in both orders.
    """
    rows = session.connection().execute(_DISTINCT, {"ids": list(item_ids)}).all()
    return {pair for first, second in rows for pair in ((first, second), (second, first))}


def _ordered(pair: tuple[int, int]) -> PairIds:
    if pair[0] == pair[1]:
        raise InputError(phrase("An item can't be compared with itself."))
    return min(pair), max(pair)


def _lock_verdicts(session: Session, workspace_id: int | ColumnElement[int]) -> None:
    """Wait until nobody else decides in this workspace.

    A verdict depends on all others in two groups. One lock for all, held for milliseconds, is
    simpler than one for each item and cannot deadlock. It does not block rows that only refer to
    the workspace, such as new items.
    """
    one = select(Workspace.id).where(Workspace.id == workspace_id)
    session.execute(one.with_for_update(key_share=True))


def _around(session: Session, pair: tuple[int, int]) -> list[VerdictEntry]:
    """Return the current verdicts on the members of both groups, in order."""
    found = {
        entry.id: entry
        for part in in_parts(connected(session, pair))
        for entry in _entries(session, on_items(_CURRENT), {"ids": part})
    }
    return [found[id_] for id_ in sorted(id_ for id_ in found if id_ is not None)]


def _entries(
    session: Session, where: ColumnElement[bool], known: dict[str, list[int]] | None = None
) -> list[VerdictEntry]:
    rows = session.execute(_current().where(where), known)
    return [
        VerdictEntry((a, b), verdict, by, at, id=id_, is_live=is_live)
        for a, b, verdict, by, at, id_, is_live in rows
    ]


def _decide_named(
    verdicts: VerdictSet, decision: NamedVerdict, found: dict[str, int | DejaError], now: datetime
) -> bool | Refusal | DejaError:
    a, b = found[decision.a], found[decision.b]
    if isinstance(a, DejaError):
        return a
    if isinstance(b, DejaError):
        return b
    try:
        pair = _ordered((a, b))
    except InputError as error:
        return error
    return verdicts.decide(pair, decision.decision, by=decision.by, now=now)


def _write(session: Session, workspace_id: int, verdicts: VerdictSet) -> None:
    """Store the changes: first what was undone, because a pair may have one current verdict."""
    undone: dict[tuple[str, datetime], list[int]] = {}
    for entry in verdicts.undone:
        if entry.id is not None and entry.undone is not None:
            undone.setdefault(entry.undone, []).append(entry.id)
    for (by, at), ids in undone.items():
        for part in in_parts(ids):
            statement = update(Verdict).where(Verdict.id.in_(part))
            session.execute(statement.values(undone_by=by, undone_at=at))
    rows = [
        {
            "workspace_id": workspace_id,
            "item_a_id": entry.pair[0],
            "item_b_id": entry.pair[1],
            "verdict": entry.verdict,
            "decided_by": entry.by,
            "decided_at": entry.at,
            "undone_by": entry.undone and entry.undone[0],
            "undone_at": entry.undone and entry.undone[1],
        }
        for entry in verdicts.added
    ]
    if rows:
        session.execute(insert(Verdict), rows)


def _names(session: Session, refused: Sequence[Refusal]) -> dict[int, str]:
    pairs = [pair for one in refused for pair in (one.pair, one.because.pair)]
    return names_of(session, {item_id for pair in pairs for item_id in pair})


def _conflict(refusal: Refusal, names: dict[int, str]) -> ConflictError:
    because = refusal.because
    a, b = (names[item_id] for item_id in refusal.pair)
    c, d = (names[item_id] for item_id in because.pair)
    return ConflictError(
        phrase(
            "{a} and {b} can't be the same issue: {c} and {d} would be too, and {by} ruled that "
            "out on {day}. Undo that first: deja verdicts undo {first} {second}",
            a=a,
            b=b,
            c=c,
            d=d,
            by=because.by,
            day=because.at.date(),
            first=quote(c),
            second=quote(d),
        ),
        pair=because.pair,
        decided_by=because.by,
        decided_at=because.at,
    )


@cache
def _current() -> Select[int, int, str, str, datetime, int, bool]:
    """Return the query for current verdicts, and whether both items are live; built once.

    Each alias adapts the columns of its table, and `Item` has many. It needs all mappers, which
    take longer to configure than a command's help to print.
    """
    first, second = aliased(Item), aliased(Item)
    is_live = and_(first.deleted_at.is_(None), second.deleted_at.is_(None))
    pair = Verdict.item_a_id, Verdict.item_b_id
    return (
        select(*pair, Verdict.verdict, Verdict.decided_by, Verdict.decided_at, Verdict.id, is_live)
        .join(first, first.id == Verdict.item_a_id)
        .join(second, second.id == Verdict.item_b_id)
        .where(Verdict.undone_at.is_(None))
        .order_by(Verdict.id)
    )
