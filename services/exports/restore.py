"""Reading an export archive back: tickets as any import, then what people decided about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Database, Item, Resolution, Verdict
from services.errors import ConflictError, InputError
from services.exports.archive import ExportArchive
from services.exports.tables import ANSWERS, TICKETS, VERDICTS, Values
from services.intake.importers.entries import ChannelRef, ImportEntry, Row, RowError
from services.issues.verdicts import DECISIONS, decide
from services.memory.channel_facts import ChannelFacts
from services.memory.new_items import NewItem

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


def ticket_entries(archive: ExportArchive) -> Iterator[ImportEntry]:
    """Yield the tickets and products of an archive as rows to import."""
    for number, values in enumerate(archive.read(TICKETS), start=1):
        try:
            yield Row(number, _item(values), _channel(values))
        except (TypeError, ValueError) as error:
            yield RowError(number, str(error))


def _item(values: Values) -> NewItem:
    source, id_, created_at = values["source"], values["id"], values["created_at"]
    extra = values["extra"] if isinstance(values["extra"], dict) else {}
    if not source or not id_ or created_at is None or values["kind"] not in ("ticket", "product"):
        raise ValueError("a ticket needs source, id, kind and created_at")
    same = ("title", "author", "url", "status", "resolved_at", "ts", "thread_ts")
    return NewItem(
        source=source,
        external_id=id_,
        text=values["text"] or "",
        created_at=created_at,
        is_dated=values["is_dated"] is not False,
        kind=values["kind"],
        resolution=values["answer"],
        extra=extra,
        revision=values["revision"] or "",
        **{name: values[name] for name in same},
    )


def _channel(values: Values) -> ChannelRef:
    name, slack_id = values["channel"], values["channel_slack_id"]
    if not slack_id:
        return name or None
    return ChannelFacts(
        slack_id,
        name,
        is_private=values["channel_is_private"] is not False,
        is_shared=values["channel_is_shared"],
        has_guests=values["channel_has_guests"],
    )


def restore_answers(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store the answers that are not stored yet."""
    for batch in _batches(archive.read(ANSWERS)):
        with database.write() as session:
            ids = item_ids(session, workspace_id, [(one["source"], one["id"]) for one in batch])
            known = {
                (item_id, marked_at, text)
                for item_id, marked_at, text in session.execute(
                    select(Resolution.item_id, Resolution.marked_at, Resolution.text).where(
                        Resolution.item_id.in_(set(ids.values()))
                    )
                )
            }
            for one in batch:
                _restore_answer(session, ids.get((one["source"], one["id"])), one, known, counts)


def _restore_answer(
    session: Session,
    item_id: int | None,
    values: Values,
    known: set[tuple[int, datetime, str]],
    counts: RestoreCounts,
) -> None:
    if item_id is None:
        counts.left_out["answers"] += 1
        return
    text, marked_at = values["text"] or "", _required(values, "marked_at")
    if (item_id, marked_at, text) in known:
        counts.unchanged["answers"] += 1
        return
    session.add(
        Resolution(
            item_id=item_id,
            text=text,
            revision=values["revision"] or "",
            marked_by=values["marked_by"] or "import",
            marked_at=marked_at,
            **{name: values[name] for name in ("author", "ts", "undone_by", "undone_at")},
        )
    )
    counts.added["answers"] += 1


def restore_verdicts(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store verdicts on pairs without one, as they were decided; contradictions are left out."""
    for batch in _batches(archive.read(VERDICTS)):
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


def _batches(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
