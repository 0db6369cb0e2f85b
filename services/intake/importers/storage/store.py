"""Storing the rows of a reader in batches; importing the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Database, Item
from models.queries import SLACK_SOURCE
from services.channels.settings import channel_of_slack
from services.garbage import collecting_seldom
from services.intake.classify import ChannelRules
from services.intake.follow_ups import NewFollowUp
from services.intake.image_texts import image_texts
from services.intake.importers.entries import (
    ChannelRef,
    ImportEntry,
    MarkedReply,
    Row,
)
from services.intake.importers.slack.marked_rows import known_marks, save_marked
from services.intake.importers.storage.batches import BATCH, Batches
from services.intake.importers.storage.hidden_tickets import to_hide, withheld
from services.intake.importers.storage.summary import ImportSummary
from services.intake.ingest import TicketIngest
from services.intake.nearby_messages import edited_since
from services.intake.overrides import add_override, known_overrides
from services.interruption import uninterrupted
from services.memory.channel_facts import ensure_named_channel, save_channel
from services.memory.new_items import ItemKey, NewItem, SaveOutcome

__all__ = ["BATCH", "count_only", "import_entries", "rules_of_channels"]


@collecting_seldom()
def import_entries(
    ingest: TicketIngest,
    workspace_id: int,
    entries: Iterable[ImportEntry],
    now: datetime,
    on_progress: Callable[[int], object] = lambda _step: None,
    *,
    summary: ImportSummary | None = None,
) -> ImportSummary:
    """Store the rows among `entries` and count all; `on_progress` takes the step of each batch.

    Each batch is committed by itself, so an interrupted import can simply be started again: what
    was stored by then is in `summary`, if one is given.
    """
    summary = summary or ImportSummary()
    channels: dict[ChannelRef, int | None] = {None: None}
    for batch in Batches().of(entries):
        with_channel = [one for one in batch if isinstance(one, Row | MarkedReply)]
        rows = [one for one in with_channel if isinstance(one, Row)]
        unknown = {one.channel for one in with_channel} - channels.keys()
        if unknown:
            with ingest.database.write() as session:
                channels |= {ref: ensure_channel(session, workspace_id, ref) for ref in unknown}
        summary.removed += _hide(ingest, workspace_id, withheld(batch), now)
        # What is stored is counted, whatever interrupts.
        with ExitStack() as shield:
            hold = partial(_enter, shield)
            outcomes = _store(ingest, workspace_id, rows, channels, now, before_write=hold)
            answers = save_marked(ingest.database, batch, channels, now)
            summary.count_batch(batch, outcomes, answers)
        on_progress(batch[-1].step)
    return summary


def _hide(ingest: TicketIngest, workspace_id: int, items: Sequence[NewItem], now: datetime) -> int:
    """Hide the stored ones of some tickets; return how many these are."""
    if not items:
        return 0
    with ingest.database.read() as session:
        hidden = to_hide(session, workspace_id, items)
    if hidden:
        ingest.store(workspace_id, [], now, dropped=hidden)
    return len(hidden)


def _enter(shield: ExitStack) -> None:
    shield.enter_context(uninterrupted())


@collecting_seldom()
def count_only(
    ingest: TicketIngest, workspace_id: int, entries: Iterable[ImportEntry]
) -> ImportSummary:
    """Count all entries as `import_entries` would, and change nothing."""
    summary = ImportSummary()
    tickets: set[str] = set()
    counted: dict[int, int] = {}
    for batch in Batches().of(entries):
        rows = [entry for entry in batch if isinstance(entry, Row)]
        replies = [entry for entry in batch if isinstance(entry, MarkedReply)]
        tickets.update(
            row.item.external_id
            for row in rows
            if row.item.source == SLACK_SOURCE and not row.ends_ticket
        )
        with ingest.database.read() as session:
            items = [row.item for row in rows]
            expected = ingest.items.expected_outcomes(session, workspace_id, items)
            outcomes = list(map(partial(_after_repeats, counted), items, expected))
            answers = known_marks(session, workspace_id, replies, tickets)
            summary.removed += len(to_hide(session, workspace_id, withheld(batch)))
        summary.count_batch(batch, outcomes, answers)
    return summary


def _after_repeats(counted: dict[int, int], item: NewItem, expected: SaveOutcome) -> SaveOutcome:
    """Return the outcome of an item after those that were counted, by hashes of keys and content.

    A file may have a million of them, and the same one several times.
    """
    words = item.title, item.text, item.author, item.url, item.status, item.resolution
    content, key = hash(words), hash(item.key)
    before, counted[key] = counted.get(key), content
    if before is None:
        return expected
    return "unchanged" if before == content else "updated"


def rules_of_channels(session: Session, workspace_id: int) -> dict[str, ChannelRules]:
    """Return the rules of a workspace's channels, by Slack id."""
    channels = session.scalars(select(Channel).where(Channel.workspace_id == workspace_id))
    return {
        one.slack_id: ChannelRules.of(
            one, known_overrides(session, one.id), image_texts(session, one)
        )
        for one in channels
        if one.slack_id is not None
    }


def _store(
    ingest: TicketIngest,
    workspace_id: int,
    rows: Sequence[Row],
    channels: Mapping[ChannelRef, int | None],
    now: datetime,
    *,
    before_write: Callable[[], object],
) -> list[SaveOutcome]:
    """Store rows; return the outcome of each."""
    if not rows:
        return []
    with ingest.database.read() as session:
        dates = _known_dates(session, workspace_id, rows)
        items = [_placed(row.item, channels[row.channel], dates) for row in rows]
        pairs = list(zip(rows, items, strict=True))
        dropped = edited_since(
            session, workspace_id, [item for row, item in pairs if not row.is_ticket]
        )
    _store_reactions(ingest.database, rows, channels, now)
    follow_ups = [
        NewFollowUp(item, row.follow_up) for row, item in pairs if row.follow_up is not None
    ]
    tickets = [item for row, item in pairs if row.is_ticket]
    split = {row.item.key: row.split_by for row in rows if row.split_by is not None}
    stored = ingest.store(
        workspace_id,
        tickets,
        now,
        dropped=dropped,
        follow_ups=follow_ups,
        split=split,
        before_write=before_write,
    )
    saved = iter(stored.saved)
    return [next(saved).outcome if row.is_ticket else "unchanged" for row in rows]


def _placed(
    item: NewItem, channel_id: int | None, dates: Mapping[ItemKey, tuple[datetime, bool]]
) -> NewItem:
    """Return an item in its channel, with its date; most are as they were, and copies cost."""
    known = dates.get(item.key)
    if known is not None and not item.is_dated:
        item = replace(item, created_at=known[0], is_dated=known[1])
    return item if item.channel_id == channel_id else replace(item, channel_id=channel_id)


def _store_reactions(
    database: Database,
    rows: Sequence[Row],
    channels: Mapping[ChannelRef, int | None],
    now: datetime,
) -> None:
    """Store the reactions that override what messages are, before these are stored."""
    reactions = [(channels[row.channel], one) for row in rows for one in row.reactions]
    if not reactions:
        return
    with database.write() as session:
        for channel_id, reaction in reactions:
            channel = session.get(Channel, channel_id)
            if channel is not None:
                add_override(session, channel, reaction, now, is_old=True)


def ensure_channel(session: Session, workspace_id: int, ref: ChannelRef) -> int | None:
    """Return the id of a channel, which is stored if it is new.

    An export is older than what Slack says now, so it never makes a private channel public.
    """
    if ref is None:
        return None
    if isinstance(ref, str):
        return ensure_named_channel(session, workspace_id, ref).id
    known = channel_of_slack(session, workspace_id, ref.slack_id)
    if known is not None:
        is_private = True if ref.is_private else None
        ref = replace(ref, name=known.name or ref.name, is_private=is_private)
    return save_channel(session, workspace_id, ref).id


def _known_dates(
    session: Session, workspace_id: int, rows: Sequence[Row]
) -> dict[ItemKey, tuple[datetime, bool]]:
    """Return what is stored as the dates of undated rows, which stays, and whether it is known."""
    undated = [row.item for row in rows if not row.item.is_dated]
    if not undated:
        return {}
    found = session.execute(
        select(Item.source, Item.external_id, Item.created_at, Item.is_dated).where(
            Item.workspace_id == workspace_id,
            Item.source.in_({item.source for item in undated}),
            Item.external_id.in_([item.external_id for item in undated]),
        )
    )
    return {
        (source, external_id): (created_at, is_dated)
        for source, external_id, created_at, is_dated in found
    }
