"""Replaying: what would have been said, had the bot judged then as it does now."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import LIVE, in_parts
from services.channels.audience import Audience
from services.evaluation.labelled_pairs import judge_pairs
from services.issues.verdicts import verdicts_by_pair
from services.judgement.bands import Match
from services.judgement.judge import Judge
from services.judgement.noise_budget import (
    CLICKS,
    WINDOW,
    Flag,
    NoiseBudget,
    above_the_bar,
    place_and_cut,
    promise,
)

# Accepted where a ticket has no channel: what a new channel accepts.
USUAL_BUDGET = 1

ChannelId = int | None


@dataclass(frozen=True)
class Flagged:
    """A ticket that would have been answered, and the best match it would have been told of."""

    item_id: int
    match: Match


@dataclass
class Replay:
    """Goes through judged tickets in order of arrival; `channels` are theirs, by ticket."""

    channels: dict[int, ChannelId] = field(default_factory=dict)
    # With the ticket itself these are a window.
    _answered: dict[ChannelId, deque[bool]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=WINDOW - 1))
    )

    def flagged(self, judged: Iterable[tuple[Item, list[Match]]]) -> Iterator[Flagged | None]:
        """Yield for each ticket what would have been said, None where nothing.

        A channel's last tickets decide how much is said, as they do live. What is called a
        duplicate heads an answer, even where something else is more likely.
        """
        for item, matches in judged:
            self.channels[item.id] = item.channel_id
            window = self._answered[item.channel_id]
            said = above_the_bar(matches, sum(window))
            window.append(bool(said))
            heading = next((match for match in said if match.band == "duplicate"), None)
            yield Flagged(item.id, heading or said[0]) if said else None


def weakest(flagged: Iterable[Flagged], number: int) -> list[Flagged]:
    """Return the flags that are least sure, the weakest first."""
    return sorted(flagged, key=lambda one: (_sureness(one.match), one.item_id))[:number]


def ruled_out_flags(
    session: Session, judge: Judge, workspace_id: int, channels: Mapping[int, ChannelId]
) -> list[Flagged]:
    """Return what would have been called a duplicate wrongly, had nobody ruled it out since.

    `channels` are those of the replayed tickets. Replaying itself leaves these pairs out, as an
    answer does; a count of right and wrong flags must not.
    """
    pairs = [pair for pair, said in verdicts_by_pair(session).items() if said == "distinct"]
    order = _order(session, {item_id for pair in pairs for item_id in pair})
    by_channel: dict[ChannelId, list[tuple[int, int]]] = defaultdict(list)
    for pair in pairs:
        if pair[0] in order and pair[1] in order:
            earlier, later = sorted(pair, key=order.__getitem__)
            if later in channels:
                by_channel[channels[later]].append((later, earlier))
    found = []
    for channel_id, own in by_channel.items():
        place, cut = place_and_cut(session, workspace_id, channel_id)
        readable = _readable(session, place, [earlier for _, earlier in own])
        named = [pair for pair in own if pair[1] in readable]
        for _, matches in judge_pairs(session, judge, named, place, cut):
            found += [Flagged(later, match) for (later, _), match in matches.items()]
    return [one for one in found if one.match.band == "duplicate"]


def decided_flags(
    flagged: Iterable[Flagged],
    ruled_out: Iterable[Flagged],
    verdicts: Mapping[tuple[int, int], str],
) -> dict[int, Flag]:
    """Return the decided ones of what would have been called a duplicate, by ticket in order.

    Of each ticket the surest flag counts, ruled out or not. `verdicts` have the lower id first.
    """
    surest: dict[int, Flagged] = {}
    for one in (*flagged, *ruled_out):
        known = surest.get(one.item_id)
        if one.match.band == "duplicate" and (
            known is None or _sureness(one.match) > _sureness(known.match)
        ):
            surest[one.item_id] = one
    return {
        item_id: Flag(one.match.probability, verdict == "duplicate")
        for item_id, one in surest.items()
        if (verdict := verdicts.get(_pair(item_id, one.match.item_id))) is not None
    }


def promises_of(
    session: Session, flags: Mapping[int, Flag], channels: Mapping[int, ChannelId]
) -> list[tuple[Channel | None, NoiseBudget]]:
    """Return what each channel's budget would have come to, for those with decided flags.

    The newest flags count, in the order of `channels`.
    """
    by_channel: dict[ChannelId, list[Flag]] = defaultdict(list)
    for item_id, channel_id in channels.items():
        if item_id in flags:
            by_channel[channel_id].append(flags[item_id])
    found = []
    for channel_id, own in by_channel.items():
        channel = None if channel_id is None else session.get(Channel, channel_id)
        budget = USUAL_BUDGET if channel is None else channel.noise_budget
        found.append((channel, promise(budget, own[-CLICKS:])))
    return found


def _sureness(match: Match) -> float:
    return match.similarity if match.probability is None else match.probability


def _order(session: Session, item_ids: Iterable[int]) -> dict[int, tuple[object, int]]:
    """Return when live items came, by id."""
    return {
        item_id: (created_at, item_id)
        for part in in_parts(item_ids)
        for item_id, created_at in session.execute(
            select(Item.id, Item.created_at).where(Item.id.in_(part), LIVE, Item.kind == "ticket")
        )
    }


def _readable(session: Session, place: Audience, item_ids: Sequence[int]) -> set[int]:
    return {
        item_id
        for part in in_parts(item_ids)
        for item_id in session.scalars(select(Item.id).where(Item.id.in_(part), place.items))
    }


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
