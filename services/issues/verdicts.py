"""Verdicts: what people decided about pairs of items. All stay on record; one a pair stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from models import Answer, Item, ShownMatch, Verdict, Workspace
from models.queries import in_parts
from services.errors import ConflictError, DejaError, InputError
from services.issues.groups import PairIds, connected
from services.issues.verdict_rules import Decision, Ledger, Refusal, VerdictEntry
from services.memory.item_names import find_named, names_of

DECISIONS: tuple[Decision, ...] = ("duplicate", "related", "distinct")


@dataclass(frozen=True)
class NamedVerdict:
    """A decision on two items named by their own ids, as a file has it."""

    a: str
    b: str
    decision: Decision
    by: str


def on_shown_pair() -> ColumnElement[bool]:
    """Return the condition that a verdict, standing or not, is on a match that an answer shows."""
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
    """Store a verdict in place of the standing one; return whether anything changed.

    A *distinct* verdict on two items of one group parts them, see `services/ledger.py`. Raises
    `ConflictError`, and changes nothing, where a *duplicate* verdict would put two items into one
    group that somebody ruled out.
    """
    ordered = _ordered(pair)
    _take_turn(session, workspace_id)
    ledger = Ledger.of(_around(session, pair))
    outcome = ledger.decide(ordered, decision, by=by, now=now)
    if isinstance(outcome, Refusal):
        raise _conflict(outcome, _names(session, [outcome]))
    _write(session, workspace_id, ledger)
    return outcome


def decide_named(
    session: Session, workspace_id: int, verdicts: Sequence[NamedVerdict], now: datetime
) -> list[bool | DejaError]:
    """Store verdicts one after the other; return of each whether it changed anything, or why not.

    What `decide` does, for many in a few queries.
    """
    names = [name for one in verdicts for name in (one.a, one.b)]
    found = find_named(session, workspace_id, names)
    _take_turn(session, workspace_id)
    ledger = Ledger.of(_entries(session, Verdict.workspace_id == workspace_id))
    outcomes = [_decide_named(ledger, one, found, now) for one in verdicts]
    _write(session, workspace_id, ledger)
    names_of_refused = _names(session, [one for one in outcomes if isinstance(one, Refusal)])
    return [
        _conflict(one, names_of_refused) if isinstance(one, Refusal) else one for one in outcomes
    ]


def undo(session: Session, pair: tuple[int, int], *, by: str, now: datetime) -> bool:
    """Take the standing verdict on a pair back; return whether there was one.

    A group that a *duplicate* verdict alone held together is then two. A *distinct* verdict taken
    back brings back nothing that it undid.
    """
    first, second = sorted(pair)
    _take_turn(session, select(Item.workspace_id).where(Item.id == first).scalar_subquery())
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


def _ordered(pair: tuple[int, int]) -> PairIds:
    if pair[0] == pair[1]:
        raise InputError("An item cannot be compared with itself.")
    return min(pair), max(pair)


def _take_turn(session: Session, workspace_id: int | ColumnElement[int]) -> None:
    """Wait until nobody else decides in this workspace.

    One verdict depends on all others of two groups. One lock, taken in milliseconds by a click, is
    simpler than one for each of their members, and cannot be waited for in a circle. It does not
    hinder who only refers to the workspace, as new items do.
    """
    one = select(Workspace.id).where(Workspace.id == workspace_id)
    session.execute(one.with_for_update(key_share=True))


def _around(session: Session, pair: tuple[int, int]) -> list[VerdictEntry]:
    """Return the standing verdicts on the members of both groups, in order."""
    found = {
        entry.id: entry
        for part in in_parts(connected(session, pair))
        for entry in _entries(
            session, or_(Verdict.item_a_id.in_(part), Verdict.item_b_id.in_(part))
        )
    }
    return [found[id_] for id_ in sorted(id_ for id_ in found if id_ is not None)]


def _entries(session: Session, where: ColumnElement[bool]) -> list[VerdictEntry]:
    first, second = aliased(Item), aliased(Item)
    rows = session.execute(
        select(
            Verdict.item_a_id,
            Verdict.item_b_id,
            Verdict.verdict,
            Verdict.decided_by,
            Verdict.decided_at,
            Verdict.id,
            and_(first.deleted_at.is_(None), second.deleted_at.is_(None)),
        )
        .join(first, first.id == Verdict.item_a_id)
        .join(second, second.id == Verdict.item_b_id)
        .where(where, Verdict.undone_at.is_(None))
        .order_by(Verdict.id)
    )
    return [
        VerdictEntry((a, b), verdict, by, at, id=id_, is_live=is_live)
        for a, b, verdict, by, at, id_, is_live in rows
    ]


def _decide_named(
    ledger: Ledger, verdict: NamedVerdict, found: dict[str, int | DejaError], now: datetime
) -> bool | Refusal | DejaError:
    a, b = found[verdict.a], found[verdict.b]
    if isinstance(a, DejaError):
        return a
    if isinstance(b, DejaError):
        return b
    try:
        pair = _ordered((a, b))
    except InputError as error:
        return error
    return ledger.decide(pair, verdict.decision, by=verdict.by, now=now)


def _write(session: Session, workspace_id: int, ledger: Ledger) -> None:
    """Store what a ledger was told: first what no longer stands, as one verdict a pair may."""
    undone: dict[tuple[str, datetime], list[int]] = {}
    for entry in ledger.undone:
        if entry.id is not None and entry.undone is not None:
            undone.setdefault(entry.undone, []).append(entry.id)
    for (by, at), ids in undone.items():
        for part in in_parts(ids):
            taken_back = update(Verdict).where(Verdict.id.in_(part))
            session.execute(taken_back.values(undone_by=by, undone_at=at))
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
        for entry in ledger.added
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
        f"{a} and {b} cannot be the same issue: {c} and {d} would be too, and {because.by} ruled "
        f"that out on {because.at:%Y-%m-%d}. Undo that first: "
        f"deja verdicts undo {quote(c)} {quote(d)}",
        pair=because.pair,
        decided_by=because.by,
        decided_at=because.at,
    )
