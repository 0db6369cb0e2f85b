"""Planning bursts: the tickets that messages form, from the changes and what is stored near them.

This is where a message joins an earlier ticket of its author: as a further message of the same
burst, or because it only makes sense after that ticket ("it's the one next to the kitchen").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy.orm import Session

from models.queries import DELETED
from services.intake.bursts import MAX_MESSAGES, Burst, BurstMessage, bursts, chains, with_pin
from services.intake.follow_ups import REFERENCE_WINDOW, NewFollowUp
from services.intake.nearby_messages import (
    Range,
    Writer,
    burst_message,
    messages_near,
    overrides_of,
    ranges_around,
    seconds_since_last,
    seconds_to_nearest,
    stored_messages,
)
from services.memory.new_items import ItemKey, NewItem
from services.text.small_talk.additions import added_by
from services.text.small_talk.follow_ups import FollowUpKind
from services.text.small_talk.references import reference_kind


@dataclass(frozen=True)
class Changes:
    """What to store: new or edited items, the keys of deleted messages, and splits.

    `split` says by message key who made it a ticket of its own; None where somebody joined it to
    its burst again. `dropped` are messages that are no longer tickets, `follow_ups` those that
    belong to one without being one. `deletion` is the revision that the deleted ones have then.
    """

    items: Sequence[NewItem] = ()
    gone: frozenset[ItemKey] = frozenset()
    split: Mapping[ItemKey, str | None] = field(default_factory=dict)
    dropped: Sequence[NewItem] = ()
    follow_ups: Sequence[NewFollowUp] = ()
    deletion: str = DELETED

    @cached_property
    def messages(self) -> list[NewItem]:
        """The messages that form tickets: items, and follow-ups that add to those beside them."""
        added = (one.item for one in self.follow_ups)
        return [*self.items, *(item for item in added if _can_join(item) and added_by(item.text))]

    @cached_property
    def alone(self) -> list[NewItem]:
        """The items that are never part of a burst."""
        return [item for item in self.items if not _can_join(item)]

    @cached_property
    def joining(self) -> list[NewItem]:
        """The messages that may be part of a burst."""
        return [item for item in self.messages if _can_join(item)]

    @cached_property
    def hidden(self) -> list[NewItem]:
        """The messages that are no tickets, and no part of one."""
        kept = {item.key for item in self.messages}
        return [item for item in self.dropped if item.key not in kept]

    @property
    def removed(self) -> frozenset[ItemKey]:
        """The keys of messages that belong to no ticket any more."""
        return self.gone | {item.key for item in self.hidden}


@dataclass(frozen=True)
class BurstPlan:
    """The bursts that messages form, and all items that are never part of one.

    `hidden` are items that are no tickets, and no part of one. `outdated` are the keys of changes
    that are older than what is stored.
    """

    bursts: list[Burst]
    others: list[NewItem]
    hidden: list[NewItem]
    outdated: frozenset[ItemKey]

    @property
    def tickets(self) -> list[NewItem]:
        """The items that are embedded and searched."""
        return [*self.others, *(burst.ticket for burst in self.joined)]

    @property
    def joined(self) -> list[Burst]:
        """The bursts that are tickets."""
        return [burst for burst in self.bursts if burst.is_ticket]

    @property
    def no_tickets(self) -> list[ItemKey]:
        """The messages of the bursts that are not tickets."""
        bursts = (burst for burst in self.bursts if not burst.is_ticket)
        return [one.item.key for burst in bursts for one in burst.messages]

    @property
    def follow_ups(self) -> list[NewFollowUp]:
        """The messages of the bursts that follow an earlier ticket of their author."""
        return [
            NewFollowUp(one.item, added_by(one.item.text) or burst.follows)
            for burst in self.bursts
            for one in burst.messages
            if burst.follows is not None
        ]

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
        """The messages of bursts that are not tickets: all but the heads, or all."""
        bursts = ((burst.messages, 1 if burst.is_ticket else 0) for burst in self.bursts)
        return [one.item for messages, first in bursts for one in messages[first:]]


def plan_changes(
    session: Session, workspace_id: int, changes: Changes, max_pause: float
) -> BurstPlan:
    """Merge changes with the stored messages near them; return the tickets that result."""
    keys = {*(item.key for item in changes.joining), *changes.removed, *changes.split}
    stored = stored_messages(session, workspace_id, keys)
    # Of what is no ticket any more only what was one, and was not edited again since.
    dropped = [
        one
        for one in changes.dropped
        if one.key in stored and one.revision >= stored[one.key][0].revision
    ]
    if len(dropped) < len(changes.dropped):
        changes = replace(changes, dropped=dropped)
    outdated: set[ItemKey] = set()
    fresh: dict[ItemKey, NewItem] = {}
    for item in changes.joining:
        old = fresh.get(item.key)
        if old is not None and item.revision < old.revision:
            continue
        if item.key in stored and item.revision < stored[item.key][0].revision:
            outdated.add(item.key)
        else:
            fresh[item.key] = item
    known = {key: burst_message(*row) for key, row in stored.items() if row[1]}
    others = changes.alone
    overrides = overrides_of(session, others)
    taken_out = {key for key, override in overrides.items() if override == "ignored"}
    return BurstPlan(
        _bursts(session, _Overlay(fresh, changes, known, frozenset(outdated)), max_pause),
        [with_pin(one, overrides.get(one.key)) for one in others if one.key not in taken_out],
        [*changes.hidden, *(item for item in others if item.key in taken_out)],
        frozenset(outdated - fresh.keys()),
    )


def _bursts(session: Session, overlay: _Overlay, max_pause: float) -> list[Burst]:
    """Return the bursts around the changed messages, and those that may follow these.

    How far their chains extend is not known in advance, so the range is doubled until all fit.
    """
    times = overlay.times()
    reach = REFERENCE_WINDOW.total_seconds() + max_pause * MAX_MESSAGES
    while True:
        ranges = {writer: ranges_around(of_writer, reach) for writer, of_writer in times.items()}
        messages = _with_overrides(session, overlay.apply(messages_near(session, ranges)))
        found = [
            (writer, chain)
            for writer in sorted(times)
            for chain in chains(messages.get(writer, []), max_pause)
            if _is_affected(chain, times[writer], max_pause)
        ]
        if all(_is_complete(chain, ranges[writer], max_pause) for writer, chain in found):
            return [
                _with_reference(burst, messages[writer])
                for writer, chain in found
                for burst in bursts(chain)
            ]
        reach *= 2


def _is_affected(chain: Sequence[BurstMessage], times: Sequence[float], max_pause: float) -> bool:
    """Say whether messages that changed at `times`, in order, belong to a chain or precede it."""
    if any(seconds_to_nearest(one.at, times) <= max_pause for one in chain):
        return True
    window = REFERENCE_WINDOW.total_seconds()
    is_near = any(seconds_since_last(one.at, times) <= window for one in chain)
    return is_near and any(reference_kind(burst.ticket.text) for burst in bursts(chain))


def _with_reference(burst: Burst, messages: Sequence[BurstMessage]) -> Burst:
    """Return a burst with what it says of an earlier ticket, if it only makes sense after one.

    `messages` are those of its author. Those with a matter are tickets or follow one, so it needs
    not be known which.
    """
    head = burst.messages[0]
    if head.split_by is not None or head.override is not None:
        return burst
    added = _added_by(burst)
    if added is not None:
        return replace(burst, follows=added)
    kind = reference_kind(burst.ticket.text)
    return replace(burst, follows=kind) if kind and _follows_another(head, messages) else burst


def _added_by(burst: Burst) -> FollowUpKind | None:
    """Return what messages add to a ticket if none of them has a matter."""
    kinds = [added_by(one.item.text) for one in burst.messages if one.override != "ignored"]
    return kinds[0] if all(kinds) else None


def _follows_another(head: BurstMessage, messages: Sequence[BurstMessage]) -> bool:
    """Say whether a message with a matter stands shortly before another one."""
    window = REFERENCE_WINDOW.total_seconds()
    return any(
        0 < head.at - one.at <= window
        and one.override != "ignored"
        and (one.override == "ticket" or one.split_by or added_by(one.item.text) is None)
        for one in messages
    )


def _with_overrides(
    session: Session, messages: Mapping[Writer, Sequence[BurstMessage]]
) -> dict[Writer, list[BurstMessage]]:
    items = [one.item for of_writer in messages.values() for one in of_writer]
    overrides = overrides_of(session, items)
    return {
        writer: [replace(one, override=overrides.get(one.item.key)) for one in of_writer]
        for writer, of_writer in messages.items()
    }


@dataclass(frozen=True)
class _Overlay:
    """Changes to messages, to be applied to the stored messages and their neighbours.

    `outdated` are the keys of changes that are older than what is stored.
    """

    fresh: Mapping[ItemKey, NewItem]
    changes: Changes
    stored: Mapping[ItemKey, BurstMessage]
    outdated: frozenset[ItemKey]

    def times(self) -> dict[Writer, list[float]]:
        """Return when the changed messages were written, by writer, in order."""
        changed = [BurstMessage(item) for item in self.fresh.values()]
        # The override of an outdated message may be new.
        keys = (*self.changes.removed, *self.changes.split, *self.outdated)
        changed += [self.stored[key] for key in keys if key in self.stored]
        found: dict[Writer, list[float]] = defaultdict(list)
        for one in changed:
            found[_writer(one.item)].append(one.at)
        return {writer: sorted(times) for writer, times in found.items()}

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
        removed = self.changes.removed
        for key, one in messages.items():
            if key not in removed:
                found[_writer(one.item)].append(one)
        return found


def _can_join(item: NewItem) -> bool:
    return item.joins and None not in (item.channel_id, item.author, item.ts)


def _writer(item: NewItem) -> Writer:
    return item.channel_id or 0, item.author or ""


def _is_complete(chain: Sequence[BurstMessage], ranges: Sequence[Range], max_pause: float) -> bool:
    """Say whether the ranges also cover the pauses before and after a chain."""
    first, last = chain[0].at - max_pause, chain[-1].at + max_pause
    return any(low <= first and last <= high for low, high in ranges)
