"""Follow-ups: messages that belong to a ticket without being one ("any news?", "same here").

A row is kept of each, without its text, and also where no ticket is near: the ticket may become
known later, by a backfill. Which ticket a message follows depends on the messages alone, so the
order in which they become known does not matter:

- in a thread, the ticket of that thread;
- "same here" follows the newest ticket before it, whoever wrote that;
- anything else follows its author's own newest ticket before it. Messages that
  mention things only follow if their author wrote shortly before (`REFERENCE_WINDOW`), which
  `services.intake.burst_plan` decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from models import Channel, FollowUp, is_among, many_texts
from models.queries import SLACK_SOURCE, in_parts
from services.intake.followed_tickets import OWN_WINDOW, Place, find_followed
from services.intake.nearby_messages import merged_ranges
from services.memory.new_items import ItemKey, NewItem
from services.text.slack.times import TS_FORMAT
from services.text.small_talk.follow_ups import FollowUpKind

# A message that mentions things, but not what is wrong with them, follows one shortly before it.
# After half a day at work "it's the one next to the kitchen" is about something else, and whoever
# reads it then needs it as a ticket of its own.
REFERENCE_WINDOW = timedelta(hours=4)

# Built once: every message asks, and hardly any has a follow-up.
_IN_CHANNEL = FollowUp.channel_id == bindparam("channel")
_ROWS = select(FollowUp).with_for_update()
_AT = _ROWS.where(_IN_CHANNEL, is_among(FollowUp.ts, many_texts("stamps")))
_AFTER = _ROWS.where(
    or_(  # the channel on both sides: else SQLite reads all of its follow-ups
        _IN_CHANNEL & is_among(FollowUp.thread_ts, many_texts("threads")),
        _IN_CHANNEL & FollowUp.ts.between(bindparam("low"), bindparam("high")),
    )
)


@dataclass(frozen=True)
class NewFollowUp:
    """A message that follows a ticket, by what would be its item, and what it says of the ticket.

    The item has a channel, an author and a `ts`; its text is not stored.
    """

    item: NewItem
    kind: FollowUpKind

    @property
    def place(self) -> Place:
        """Where the message is."""
        return self.item.channel_id or 0, self.item.ts or ""


def save_follow_ups(
    session: Session,
    fresh: Sequence[NewFollowUp],
    removed: Iterable[Place],
    changed: Iterable[Place],
) -> set[int]:
    """Store follow-ups, remove messages that are none any more, and find the tickets of all.

    `changed` are messages that became tickets or ceased to be. Returns the ids of the tickets whose
    number of reports may have changed.
    """
    removed = set(removed) - {one.place for one in fresh}
    stored = _rows_at(session, [*removed, *(one.place for one in fresh)])
    before = {place: _report(row) for place, row in stored.items()}
    for place in removed & stored.keys():
        session.delete(stored[place])
    rows = {}
    for one in fresh:
        row = stored.get(one.place)
        if row is None or one.item.revision >= row.revision:
            rows[one.place] = _put(session, one, row)
    session.flush()
    for place, row in _rows_after(session, changed).items():
        before.setdefault(place, _report(row))
        rows.setdefault(place, row)
    followed = find_followed(session, rows.values())
    for place, row in rows.items():
        row.item_id = followed[place]
    session.flush()
    after = {place: _report(row) for place, row in rows.items()}
    after = dict.fromkeys(removed) | after
    pairs = ((before.get(place), after[place]) for place in after)
    return {one for old, new in pairs if old != new for one in (old, new) if one is not None}


def places_of(session: Session, workspace_id: int, keys: Iterable[ItemKey]) -> list[Place]:
    """Return where the messages with these keys are, as far as their channels are known."""
    named = [key.partition("/") for source, key in keys if source == SLACK_SOURCE]
    if not named:
        return []
    channels = select(Channel.slack_id, Channel.id).where(
        Channel.workspace_id == workspace_id, Channel.slack_id.in_([one[0] for one in named])
    )
    ids = {slack_id: channel_id for slack_id, channel_id in session.execute(channels)}
    return [(ids[slack_id], ts) for slack_id, _, ts in named if slack_id in ids]


def find_follow_up(session: Session, channel_id: int, ts: str) -> FollowUp | None:
    """Return the row of a message; None if it is no follow-up."""
    return session.get(FollowUp, (channel_id, ts), populate_existing=True)


def _put(session: Session, one: NewFollowUp, row: FollowUp | None) -> FollowUp:
    if row is None:
        channel_id, ts = one.place
        row = FollowUp(channel_id=channel_id, ts=ts)
        session.add(row)
    row.thread_ts, row.author = one.item.thread_ts, one.item.author or ""
    row.kind, row.revision = one.kind.value, one.item.revision
    return row


def _report(row: FollowUp) -> int | None:
    """Return the ticket that a follow-up reports once more, if it does."""
    counts = row.kind == FollowUpKind.SAME and row.undone_at is None
    return row.item_id if counts else None


def _rows_at(session: Session, places: Iterable[Place]) -> dict[Place, FollowUp]:
    return _by_place(
        row
        for channel_id, stamps in sorted(_by_channel(places).items())
        for part in in_parts(sorted(stamps))
        for row in session.scalars(_AT, {"channel": channel_id, "stamps": part})
    )


def _by_channel(places: Iterable[Place]) -> dict[int, set[str]]:
    stamps: dict[int, set[str]] = defaultdict(set)
    for channel_id, ts in places:
        stamps[channel_id].add(ts)
    return stamps


def _rows_after(session: Session, changed: Iterable[Place]) -> dict[Place, FollowUp]:
    """Return the follow-ups that may belong to one of the changed messages."""
    return _by_place(row for known in _after(changed) for row in session.scalars(_AFTER, known))


def _after(changed: Iterable[Place]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of `_AFTER`: each time range, and all threads with a channel's first."""
    window = OWN_WINDOW.total_seconds()
    for channel_id, own in sorted(_by_channel(changed).items()):
        threads = sorted(own)
        for low, high in merged_ranges((ts, TS_FORMAT.format(float(ts) + window)) for ts in own):
            yield {"channel": channel_id, "threads": threads, "low": low, "high": high}
            threads = []


def _by_place(rows: Iterable[FollowUp]) -> dict[Place, FollowUp]:
    return {(row.channel_id, row.ts): row for row in rows}
