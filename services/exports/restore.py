"""Reading an export archive back: what people decided about the tickets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Database, Item, Resolution, Verdict
from models.queries import IMPORTED
from services.errors import ConflictError, InputError
from services.exports.archive import ExportArchive
from services.exports.tables import ANSWERS, VERDICTS, Values
from services.intake.importers.entries import ImportEntry, Row
from services.intake.nearby_messages import stored_messages
from services.issues.resolutions import update_ticket
from services.issues.verdicts import DECISIONS, decide
from services.memory.new_items import ItemKey

# Rows per transaction.
BATCH = 500

Ids = dict[tuple[str, str], int]


@dataclass
class RestoreCounts:
    """What became of the rows beside the tickets, by table."""

    added: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, dict[str, int]]:
        """Return the counts by table."""
        kinds = {"added": self.added, "unchanged": self.unchanged, "left_out": self.left_out}
        names = sorted({name for one in kinds.values() for name in one})
        return {name: {kind: one[name] for kind, one in kinds.items()} for name in names}


def restore_answers(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store the answers that are not stored yet."""
    for batch in batches(archive.read(ANSWERS)):
        with database.write() as session:
            ids = item_ids(session, workspace_id, [(one["source"], one["id"]) for one in batch])
            stored = session.scalars(
                select(Resolution).where(Resolution.item_id.in_(set(ids.values())))
            )
            known: dict[int, list[Resolution]] = defaultdict(list)
            for row in stored:
                known[row.item_id].append(row)
            for one in batch:
                item_id = ids.get((one["source"], one["id"]))
                own = known.get(item_id or 0, ())
                getattr(counts, _restore_answer(session, item_id, one, own))["answers"] += 1


def _restore_answer(
    session: Session, item_id: int | None, values: Values, known: Sequence[Resolution]
) -> str:
    """Store an answer; what is known of it stays, and so does what solved the ticket later."""
    if item_id is None:
        return "left_out"
    text, marked_at = values["text"] or "", _required(values, "marked_at")
    if any((one.marked_at, one.text) == (marked_at, text) for one in known):
        return "unchanged"
    is_undone = values["undone_at"] is not None
    if not is_undone and any(one.undone_at is None and one.marked_at > marked_at for one in known):
        return "left_out"
    session.add(
        Resolution(
            item_id=item_id,
            text=text,
            revision=values["revision"] or "",
            marked_by=values["marked_by"] or IMPORTED,
            marked_at=marked_at,
            **{name: values[name] for name in ("author", "ts", "undone_by", "undone_at")},
        )
    )
    session.flush()
    if known:  # the state of a new ticket is in its own row
        update_ticket(session, session.get_one(Item, item_id))
    return "added"


def keep_decided(
    database: Database, workspace_id: int, entries: Iterator[ImportEntry]
) -> Iterator[ImportEntry]:
    """Pass entries on without what people have decided here, which stays.

    That is the state and the answer of tickets that they solved, and whether they split off a
    message.
    """
    while batch := list(islice(entries, BATCH)):
        keys = [one.item.key for one in batch if isinstance(one, Row)]
        with database.read() as session:
            ids = item_ids(session, workspace_id, keys)
            decided = set(
                session.scalars(
                    select(Resolution.item_id).where(Resolution.item_id.in_(set(ids.values())))
                )
            )
            split = [one for one in batch if isinstance(one, Row) and one.split_by]
            known = stored_messages(session, workspace_id, {one.item.key for one in split})
        for one in batch:
            yield _without_decided(one, ids, decided, known) if isinstance(one, Row) else one


def _without_decided(
    row: Row, ids: Ids, decided: Collection[int], known: Collection[ItemKey]
) -> Row:
    if row.item.key in known:
        row = replace(row, split_by=None)
    if ids.get(row.item.key) not in decided:
        return row
    return replace(row, item=replace(row.item, status=None, resolution=None, resolved_at=None))


def restore_verdicts(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store verdicts on pairs without one, as they were decided; contradictions are left out."""
    for batch in batches(archive.read(VERDICTS)):
        with database.write() as session:
            sides = [(one[f"source_{side}"], one[f"id_{side}"]) for one in batch for side in "ab"]
            ids = item_ids(session, workspace_id, sides)
            for one in batch:
                pair = [ids.get((one[f"source_{side}"], one[f"id_{side}"])) for side in "ab"]
                outcome = _restore_verdict(session, workspace_id, pair, one)
                getattr(counts, outcome)["verdicts"] += 1


def _restore_verdict(
    session: Session, workspace_id: int, pair: Iterable[int | None], values: Values
) -> str:
    found = sorted(id_ for id_ in pair if id_ is not None)
    decision = next((one for one in DECISIONS if one == values["verdict"]), None)
    if len(set(found)) != 2 or decision is None:  # noqa: PLR2004 - a pair
        return "left_out"
    first, second = found
    by, at = values["decided_by"] or "import", _required(values, "decided_at")
    known = list(
        session.scalars(
            select(Verdict).where(Verdict.item_a_id == first, Verdict.item_b_id == second)
        )
    )
    if any((one.decided_at, one.verdict) == (at, decision) for one in known):
        return "unchanged"
    if values["undone_at"] is not None:
        undone = Verdict(workspace_id=workspace_id, item_a_id=first, item_b_id=second)
        undone.verdict, undone.decided_by, undone.decided_at = decision, by, at
        undone.undone_by, undone.undone_at = values["undone_by"], values["undone_at"]
        session.add(undone)
        session.flush()
        return "added"
    if any(one.undone_at is None for one in known):
        return "left_out"  # what people decided here stands
    try:
        decide(session, workspace_id, (first, second), decision, by=by, now=at)
    except ConflictError:
        return "left_out"
    return "added"


def item_ids(session: Session, workspace_id: int, keys: Iterable[tuple[Any, Any]]) -> Ids:
    """Return the ids of the items with these sources and ids, as far as they are stored."""
    wanted = set(keys)
    rows = session.execute(
        select(Item.source, Item.external_id, Item.id).where(
            Item.workspace_id == workspace_id,
            Item.deleted_at.is_(None),
            Item.source.in_({source for source, _ in wanted}),
            Item.external_id.in_({id_ for _, id_ in wanted}),
        )
    )
    return {(source, id_): row_id for source, id_, row_id in rows}


def _required(values: Values, name: str) -> datetime:
    value = values[name]
    if not isinstance(value, datetime):
        raise InputError(f"a row has no {name}")
    return value


def batches(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
