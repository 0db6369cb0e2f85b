"""Planning bursts: the tickets that messages form, from the changes and what is stored near them.

This is where a message joins a stored ticket: today the further messages of a burst do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.orm import Session

from models import Item, Part
from models.queries import in_parts
from services.intake.bursts import MAX_MESSAGES, Burst, BurstMessage, bursts, chains
from services.memory.items import ItemKey, NewItem

# Writes seconds as Slack's `ts`, so that times sort alike as text and as numbers.
TS_FORMAT = "{:017.6f}"

# In seconds: a `ts` may be written with fewer digits.
TS_TOLERANCE = 1.0

# Time ranges in one query. Each is a condition of five comparisons.
MAX_RANGES = 100

Writer = tuple[int, str]
Range = tuple[float, float]


@dataclass(frozen=True)
class Changes:
    """What to store: new or edited items, the keys of deleted messages, and splits.

    `split` says by message key who made the message a ticket of its own; None for a message that
    somebody joined to its burst again.
    """

    items: Sequence[NewItem] = ()
    gone: frozenset[ItemKey] = frozenset()
    split: Mapping[ItemKey, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The bursts that messages form, and all items that are never part of one.

    `outdated` are the keys of changes that are older than what is stored.
    """

    bursts: list[Burst]
    others: list[NewItem]
    outdated: frozenset[ItemKey]

    @property
    def tickets(self) -> list[NewItem]:
        """The items that are embedded and searched."""
        return [*self.others, *(burst.ticket for burst in self.bursts)]

    @property
    def heads(self) -> dict[ItemKey, ItemKey]:
        """The head of each message's burst, in the order of the messages."""
        return {
            one.item.key: burst.messages[0].item.key
            for burst in self.bursts
            for one in burst.messages
        }

    @property
    def parts(self) -> list[NewItem]:
        """The messages that are not the head of a burst."""
        return [one.item for burst in self.bursts for one in burst.messages[1:]]


def plan_changes(session: Session, workspace_id: int, changes: Changes, max_pause: float) -> Plan:
    """Merge changes with the stored messages near them; return the tickets that result."""
    keys = {*(item.key for item in changes.items if _can_join(item)), *changes.gone, *changes.split}
    stored = stored_messages(session, workspace_id, keys)
    outdated: set[ItemKey] = set()
    fresh: dict[ItemKey, NewItem] = {}
    for item in changes.items:
        old = fresh.get(item.key)
        if not _can_join(item) or (old is not None and item.revision < old.revision):
            continue
        if item.key in stored and item.revision < stored[item.key][0].revision:
            outdated.add(item.key)
        else:
            fresh[item.key] = item
    known = {key: _burst_message(*row) for key, row in stored.items() if row[1]}
    return Plan(
        _bursts(session, _Overlay(fresh, changes, known), max_pause),
        [item for item in changes.items if not _can_join(item)],
        frozenset(outdated - fresh.keys()),
    )


def stored_messages(
    session: Session, workspace_id: int, keys: Iterable[ItemKey]
) -> dict[ItemKey, tuple[Item, Part | None]]:
    """Return stored items by key, each with its `Part` if it may be part of a burst."""
    found: dict[ItemKey, tuple[Item, Part | None]] = {}
    for some in in_parts(sorted(keys)):
        rows = session.execute(
            select(Item, Part)
            .outerjoin(Part, Part.item_id == Item.id)
            .where(
                Item.workspace_id == workspace_id,
                tuple_(Item.source, Item.external_id).in_(some),
            )
            .execution_options(populate_existing=True)
        )
        found |= {(item.source, item.external_id): (item, part) for item, part in rows}
    return found


def _bursts(session: Session, overlay: _Overlay, max_pause: float) -> list[Burst]:
    """Return the bursts around the changed messages.

    How far their chains extend is not known in advance, so the range is doubled until all fit.
    """
    times = overlay.times()
    reach = max_pause * MAX_MESSAGES
    while True:
        ranges = {writer: _ranges(of_writer, reach) for writer, of_writer in times.items()}
        messages = overlay.apply(_near(session, ranges))
        found = [
            (writer, chain)
            for writer in sorted(times)
            for chain in chains(messages.get(writer, []), max_pause)
            if any(abs(one.at - at) <= max_pause for one in chain for at in times[writer])
        ]
        if all(_is_complete(chain, ranges[writer], max_pause) for writer, chain in found):
            return [burst for _, chain in found for burst in bursts(chain)]
        reach *= 2


@dataclass(frozen=True)
class _Overlay:
    """Changes to messages, to be applied to the stored messages and their neighbours."""

    fresh: Mapping[ItemKey, NewItem]
    changes: Changes
    stored: Mapping[ItemKey, BurstMessage]

    def times(self) -> dict[Writer, list[float]]:
        """Return when the changed messages were written, by writer."""
        changed = [BurstMessage(item) for item in self.fresh.values()]
        keys = (*self.changes.gone, *self.changes.split)
        changed += [self.stored[key] for key in keys if key in self.stored]
        found: dict[Writer, list[float]] = defaultdict(list)
        for one in changed:
            found[_writer(one.item)].append(one.at)
        return found

    def apply(self, near: Mapping[ItemKey, BurstMessage]) -> dict[Writer, list[BurstMessage]]:
        """Return stored messages as they are after the changes, by writer."""
        messages = dict(near)
        for key, item in self.fresh.items():
            old = messages.get(key)
            messages[key] = BurstMessage(item, old.split_by if old else None)
        for key, by in self.changes.split.items():
            if key in messages:
                messages[key] = replace(messages[key], split_by=by)
        found: dict[Writer, list[BurstMessage]] = defaultdict(list)
        for key, one in messages.items():
            if key not in self.changes.gone:
                found[_writer(one.item)].append(one)
        return found


def _can_join(item: NewItem) -> bool:
    return item.joins and None not in (item.channel_id, item.author, item.ts)


def _writer(item: NewItem) -> Writer:
    return item.channel_id or 0, item.author or ""


def _burst_message(item: Item, part: Part | None) -> BurstMessage:
    return BurstMessage(
        NewItem(
            source=item.source,
            external_id=item.external_id,
            text=part.text if part else item.text,
            created_at=item.created_at,
            channel_id=item.channel_id,
            author=item.author,
            url=item.url,
            extra=item.extra,
            ts=item.ts,
            revision=item.revision,
            joins=True,
        ),
        part.split_by if part else None,
    )


def _ranges(times: Sequence[float], reach: float) -> list[Range]:
    """Return a range of `reach` seconds on both sides of each time, overlapping ones merged."""
    found: list[Range] = []
    for at in sorted(times):
        if found and at - reach <= found[-1][1]:
            found[-1] = (found[-1][0], at + reach)
        else:
            found.append((at - reach, at + reach))
    return found


def _near(
    session: Session, ranges: Mapping[Writer, Sequence[Range]]
) -> dict[ItemKey, BurstMessage]:
    """Return the stored messages of these writers in these time ranges."""
    conditions = [
        and_(
            Item.channel_id == channel_id,
            Item.author == author,
            Item.ts.between(
                TS_FORMAT.format(low - TS_TOLERANCE), TS_FORMAT.format(high + TS_TOLERANCE)
            ),
        )
        for (channel_id, author), of_writer in sorted(ranges.items())
        for low, high in of_writer
    ]
    found: dict[ItemKey, BurstMessage] = {}
    for start in range(0, len(conditions), MAX_RANGES):
        rows = session.execute(
            select(Item, Part)
            .join(Part, Part.item_id == Item.id)
            .where(or_(*conditions[start : start + MAX_RANGES]))
            .execution_options(populate_existing=True)
        )
        found |= {
            (item.source, item.external_id): _burst_message(item, part) for item, part in rows
        }
    return found


def _is_complete(chain: Sequence[BurstMessage], ranges: Sequence[Range], max_pause: float) -> bool:
    """Say whether the ranges also cover the pauses before and after a chain."""
    first, last = chain[0].at - max_pause, chain[-1].at + max_pause
    return any(low <= first and last <= high for low, high in ranges)
