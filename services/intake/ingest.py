"""Storing messages as tickets, several of them as one ticket where they form a burst.

Each message has an item. The item of a burst's head is the ticket and has the text of all its
messages; the other items are hidden, and `Part` keeps the text of each. Changes are merged with the
stored messages near them, the tickets are planned again from that, and only what differs is
embedded and stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Database, Item, Part, is_among, many_ids, upsert
from models.queries import in_parts, lock_channels
from services.errors import RetryLaterError
from services.intake.burst_plan import BurstPlan, Changes, plan_changes
from services.intake.follow_ups import NewFollowUp, places_of, save_follow_ups
from services.intake.followed_tickets import Place
from services.intake.hand_over import hand_over
from services.intake.nearby_messages import stored_messages
from services.memory.items import ItemStore
from services.memory.new_items import ItemKey, NewItem, PreparedItem, SavedItem, SaveOutcome

# Attempts to store changes while others write into the same tickets, and the wait after that.
MAX_TRIES = 5
RETRY_SECONDS = 0.5

# Built once, on the plain table: every message asks.
_parts_table = Part.__table__
_PARTS = select(_parts_table.c.item_id, _parts_table.c.head_id, _parts_table.c.text).where(
    is_among(_parts_table.c.item_id, many_ids("ids"))
)


@dataclass(frozen=True)
class PreparedIngest:
    """Changes with their plan and its embeddings, ready to be stored."""

    workspace_id: int
    changes: Changes
    plan: BurstPlan
    prepared: list[PreparedItem]


@dataclass(frozen=True)
class IngestResult:
    """The outcome of each changed item, in order; the outcome of a part has its ticket's id.

    The rest are item ids: the `tickets` that messages form, those of them `joined` from several
    messages, the messages that are `hidden` in them as parts, the deleted (`gone`) messages, and
    those that are no tickets and no part of one (`dropped`). `recounted` are tickets that more or
    fewer people say to have, too.
    """

    saved: list[SavedItem]
    tickets: list[int]
    joined: list[int]
    hidden: list[int]
    gone: list[int]
    dropped: list[int] = field(default_factory=list)
    recounted: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class TicketIngest:
    """Stores tickets. `max_pause` is the longest pause in a burst, in seconds; 0: no bursts."""

    database: Database
    items: ItemStore
    max_pause: float

    def store(
        self,
        workspace_id: int,
        items: Sequence[NewItem],
        now: datetime,
        *,
        dropped: Sequence[NewItem] = (),
        follow_ups: Sequence[NewFollowUp] = (),
        split: Mapping[ItemKey, str | None] | None = None,
        before_write: Callable[[], object] = lambda: None,
    ) -> IngestResult:
        """Store new or edited items and follow-ups; hide items that are no tickets any more.

        `split` is as in `Changes`; `before_write` is called when the texts are embedded.

        Raises `RetryLaterError` if others kept writing into the same tickets.
        """
        changes = Changes(items, dropped=dropped, follow_ups=follow_ups, split=split or {})
        for _ in range(MAX_TRIES):
            prepared = self.prepare(workspace_id, changes)
            before_write()
            try:
                with self.database.write() as session:
                    return self.save(session, prepared, now)
            except RetryLaterError:
                continue
        raise RetryLaterError("others write into the same tickets", RETRY_SECONDS)

    def prepare(self, workspace_id: int, changes: Changes) -> PreparedIngest:
        """Plan changes and embed their texts in one `encode`, outside of any transaction."""
        with self.database.read() as session:
            plan = plan_changes(session, workspace_id, changes, self.max_pause)
        prepared = self.items.prepare(workspace_id, plan.tickets)
        return PreparedIngest(workspace_id, changes, plan, prepared)

    def save(self, session: Session, ingest: PreparedIngest, now: datetime) -> IngestResult:
        """Store what was prepared.

        Raises `RetryLaterError`, before anything is changed, if the plan is out of date because
        others wrote into the same tickets.
        """
        workspace_id, plan = ingest.workspace_id, ingest.plan
        _lock_channels(session, ingest)
        if plan_changes(session, workspace_id, ingest.changes, self.max_pause) != plan:
            raise RetryLaterError("somebody else wrote into the same ticket", RETRY_SECONDS)
        saved = self.items.save(session, workspace_id, ingest.prepared, now)
        hidden = self.items.hide(session, workspace_id, [*plan.parts, *plan.hidden], now)
        ids = hidden | {
            new.item.key: one.item_id for new, one in zip(ingest.prepared, saved, strict=True)
        }
        heads = {ids[key]: ids[head] for key, head in plan.heads.items()}
        gone = _ids(session, workspace_id, ingest.changes.gone)
        dropped = [ids[item.key] for item in plan.hidden]
        added = {one.item_id for one in saved if one.outcome == "added"}  # they have no parts yet
        before = _parts(session, {*heads, *gone.values(), *dropped} - added)
        hand_over(session, heads, before)
        for key in ingest.changes.gone:
            gone[key] = self.items.remove(
                session, workspace_id, key, now, revision=ingest.changes.deletion
            )
        _delete_parts(session, dropped)
        _put_parts(session, plan, ids, heads)
        recounted = _save_follow_ups(session, ingest)
        outcomes = _outcomes(plan, saved, ids, before) | {
            key: SavedItem(item_id, "outdated")
            for key, item_id in _ids(session, workspace_id, plan.outdated).items()
        }
        others = iter(saved)
        tickets = [one.item_id for one in saved[len(plan.others) :]]
        return IngestResult(
            [outcomes.get(item.key) or next(others) for item in ingest.changes.items],
            tickets,
            sorted({heads[ids[one.key]] for one in plan.parts} & set(tickets)),
            sorted(ids[one.key] for one in plan.parts),
            sorted(gone.values()),
            sorted({*dropped, *(ids[key] for key in plan.no_tickets)}),
            sorted(recounted),
        )


def parts_of(session: Session, head_id: int) -> list[Item]:
    """Return the messages of a ticket in order, including the head."""
    rows = select(Item).join(Part, Part.item_id == Item.id).where(Part.head_id == head_id)
    return list(session.scalars(rows.order_by(Item.ts, Item.external_id)))


def _ids(session: Session, workspace_id: int, keys: Iterable[ItemKey]) -> dict[ItemKey, int]:
    return {key: item.id for key, (item, _) in stored_messages(session, workspace_id, keys).items()}


def _lock_channels(session: Session, ingest: PreparedIngest) -> None:
    """Wait until nobody else stores tickets or follow-ups in these channels."""
    ids = {one.item.channel_id for burst in ingest.plan.bursts for one in burst.messages}
    ids |= {one.item.channel_id for one in ingest.changes.follow_ups}
    lock_channels(session, ids)


def _save_follow_ups(session: Session, ingest: PreparedIngest) -> set[int]:
    """Store follow-ups and find the tickets of those near the changed messages.

    Returns the ids of the tickets that have more or fewer reports now.
    """
    changes, plan = ingest.changes, ingest.plan
    gone = places_of(session, ingest.workspace_id, changes.gone)
    removed = [*gone, *_places([*changes.items, *changes.dropped])]
    planned = _places([one.item for burst in plan.bursts for one in burst.messages])
    changed = [*removed, *planned, *_places([*plan.others, *plan.hidden])]
    in_bursts = {item.key for item in changes.messages}
    alone = [one for one in changes.follow_ups if one.item.key not in in_bursts]
    fresh = [*alone, *plan.follow_ups]
    return save_follow_ups(session, fresh, [*removed, *planned], changed)


def _places(items: Iterable[NewItem]) -> list[Place]:
    return [(item.channel_id, item.ts) for item in items if item.channel_id and item.ts]


def _parts(session: Session, item_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Return the head and the text of stored parts, by item id."""
    return {
        item_id: (head_id, text)
        for some in in_parts(item_ids)
        for item_id, head_id, text in session.connection().execute(_PARTS, {"ids": some})
    }


def _outcomes(
    plan: BurstPlan,
    saved: Sequence[SavedItem],
    ids: Mapping[ItemKey, int],
    before: Mapping[int, tuple[int, str]],
) -> dict[ItemKey, SavedItem]:
    """Return the outcome of each message of a burst; the head has that of the whole ticket."""
    outcomes: dict[ItemKey, SavedItem] = {}
    tickets = iter(saved[len(plan.others) :])
    for burst in plan.bursts:
        head_id = ids[burst.messages[0].item.key]
        for part in (one.item for one in burst.messages):
            outcome = _outcome(before.get(ids[part.key]), part)
            outcomes[part.key] = SavedItem(head_id, outcome)
        if burst.is_ticket:
            outcomes[burst.messages[0].item.key] = next(tickets)
    outcomes |= {item.key: SavedItem(ids[item.key], "unchanged") for item in plan.hidden}
    return outcomes


def _outcome(before: tuple[int, str] | None, part: NewItem) -> SaveOutcome:
    if before is None:
        return "added"
    return "unchanged" if before[1] == part.text else "updated"


def _delete_parts(session: Session, item_ids: Sequence[int]) -> None:
    for some in in_parts(item_ids):
        session.execute(delete(Part).where(Part.item_id.in_(some)))


def _put_parts(
    session: Session, plan: BurstPlan, ids: Mapping[ItemKey, int], heads: Mapping[int, int]
) -> None:
    rows = [
        {
            "item_id": ids[one.item.key],
            "head_id": heads[ids[one.item.key]],
            "text": one.item.text,
            "split_by": one.split_by,
        }
        for burst in plan.bursts
        for one in burst.messages
    ]
    upsert(session, Part, sorted(rows, key=lambda row: int(row["item_id"] or 0)))
