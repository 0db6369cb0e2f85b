"""Storing what a reader finds, a batch at a time; the same file again changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Item
from services.intake.classify import ChannelRules
from services.intake.importers.entries import ImportEntry, Row, RowError, Skipped
from services.intake.ingest import TicketIngest
from services.memory.items import SaveOutcome
from services.memory.workspaces import ChannelFacts, named_channel, save_channel

# As many as the model embeds well at once; their texts and vectors are all that is held in memory.
BATCH = 256

# Errors that are kept to be listed. Nobody reads more, and they must not fill the memory.
MAX_ERRORS = 10_000

OUTDATED = "items that were deleted, or changed since"

Place = str | ChannelFacts | None


@dataclass
class Summary:
    """What became of a source. `errors` are the first `MAX_ERRORS`, `unread` counts all."""

    outcomes: Counter[SaveOutcome] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    unread: int = 0

    def note(self, entry: Skipped | RowError) -> None:
        """Count what is not stored."""
        if isinstance(entry, Skipped):
            self.skipped[entry.reason] += 1
            return
        self.unread += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(entry)


def import_entries(
    memory: TicketIngest,
    workspace_id: int,
    entries: Iterable[ImportEntry],
    now: datetime,
    reach: Callable[[int], object] = lambda _step: None,
) -> Summary:
    """Store the rows among `entries` and tell what became of all; `reach` learns how far it is.

    Each batch is committed by itself, so an import that was stopped is simply started again.
    """
    summary = Summary()
    channels: dict[Place, int | None] = {None: None}
    for batch in _batches(iter(entries), BATCH):
        rows = [entry for entry in batch if isinstance(entry, Row)]
        for entry in batch:
            if not isinstance(entry, Row):
                summary.note(entry)
        for outcome in _store(memory, workspace_id, rows, channels, now):
            if outcome == "outdated":
                summary.skipped[OUTDATED] += 1
            else:
                summary.outcomes[outcome] += 1
        reach(batch[-1].step)
    return summary


def rules_of_channels(session: Session, workspace_id: int) -> dict[str, ChannelRules]:
    """Return the rules of a workspace's channels, by Slack id."""
    channels = session.scalars(select(Channel).where(Channel.workspace_id == workspace_id))
    return {one.slack_id: ChannelRules.of(one) for one in channels if one.slack_id is not None}


def _store(
    memory: TicketIngest,
    workspace_id: int,
    rows: Sequence[Row],
    channels: dict[Place, int | None],
    now: datetime,
) -> list[SaveOutcome]:
    if not rows:
        return []
    new_places = {row.channel for row in rows} - channels.keys()
    if new_places:
        with memory.database.write() as session:
            channels |= {place: _channel(session, workspace_id, place) for place in new_places}
    with memory.database.read() as session:
        dates = _known_dates(session, workspace_id, rows)
    items = [
        replace(
            row.item,
            channel_id=channels[row.channel],
            created_at=dates.get(row.item.key, row.item.created_at),
        )
        for row in rows
    ]
    return [one.outcome for one in memory.remember(workspace_id, items, now).saved]


def _channel(session: Session, workspace_id: int, place: Place) -> int | None:
    """Return the channel's id. An export is older than what Slack says, so it opens no channel."""
    if place is None:
        return None
    if isinstance(place, str):
        return named_channel(session, workspace_id, place).id
    known = session.scalar(
        select(Channel).where(
            Channel.workspace_id == workspace_id, Channel.slack_id == place.slack_id
        )
    )
    if known is not None:
        is_private = True if place.is_private else None
        place = replace(place, name=known.name or place.name, is_private=is_private)
    return save_channel(session, workspace_id, place).id


def _known_dates(
    session: Session, workspace_id: int, rows: Sequence[Row]
) -> dict[tuple[str, str], datetime]:
    """Return when the undated rows were first imported: that stays their date."""
    undated = [row.item for row in rows if not row.is_dated]
    if not undated:
        return {}
    found = session.execute(
        select(Item.source, Item.external_id, Item.created_at).where(
            Item.workspace_id == workspace_id,
            Item.source.in_({item.source for item in undated}),
            Item.external_id.in_([item.external_id for item in undated]),
        )
    )
    return {(source, external_id): created_at for source, external_id, created_at in found}


def _batches(entries: Iterator[ImportEntry], size: int) -> Iterator[list[ImportEntry]]:
    while batch := list(islice(entries, size)):
        yield batch
