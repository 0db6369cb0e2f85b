"""Replay: what the bot would have answered in the past with its current judgement."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Database, Item
from models.queries import LIVE, in_parts, live_ids
from services.channels.audience import Audience
from services.evaluation.labelled_pairs import judge_pairs
from services.issues.groups import PairIds
from services.issues.verdicts import verdicts_by_pair
from services.judgement.bands import Match
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.duplicates import Duplicates
from services.judgement.judge import Judge
from services.judgement.noise_budget import (
    ANSWER_WINDOW,
    MAX_CLICKS,
    NoiseBudget,
    audience_and_budget,
    noise_budget_after,
    select_matches,
)

ChannelId = int | None


@dataclass(frozen=True)
class FlaggedTicket:
    """A ticket that would have been answered, and the match that would have headed the answer."""

    item_id: int
    match: Match


def tickets_to_replay(
    database: Database,
    workspace_id: int,
    *,
    since: datetime | None = None,
    channel_id: int | None = None,
    limit: int | None = None,
) -> list[int]:
    """Return the ids of the newest `limit` live tickets, in order of arrival."""
    # Without a date, nobody knows what came before a ticket.
    wanted = (Item.workspace_id == workspace_id) & (Item.kind == "ticket") & LIVE & Item.is_dated
    if since is not None:
        wanted &= Item.created_at >= since
    if channel_id is not None:
        wanted &= Item.channel_id == channel_id
    newest_first = select(Item.id).where(wanted)
    newest_first = newest_first.order_by(Item.created_at.desc(), Item.id.desc())
    with database.read() as session:
        return list(session.scalars(newest_first.limit(limit)))[::-1]


def judge_past(
    duplicates: Duplicates, item_ids: Sequence[int]
) -> Iterator[tuple[Item, list[Match]]]:
    """Judge each of these tickets against the items that came before it; nothing is changed.

    The model and the thresholds are the current ones.
    """
    by_channel: dict[ChannelId, tuple[Audience, int]] = {}
    for item_id in item_ids:
        with duplicates.database.read() as session:
            item = session.scalar(select(Item).where(Item.id == item_id, LIVE))
            if item is None:
                continue
            if item.channel_id not in by_channel:
                by_channel[item.channel_id] = audience_and_budget(
                    session, item.workspace_id, item.channel_id
                )
            audience, wrong_in_ten = by_channel[item.channel_id]
            earlier = (Item.created_at < item.created_at) | (
                (Item.created_at == item.created_at) & (Item.id < item.id)
            )
            before = audience.among(earlier & Item.is_dated)
            (judged,) = duplicates.judge_group(session, [item], before, wrong_in_ten)
            yield item, judged.matches


@dataclass
class Replay:
    """Goes through judged tickets in order of arrival; `channels` are their channels, by ticket."""

    channels: dict[int, ChannelId] = field(default_factory=dict)
    # Whether each earlier ticket was answered; with the ticket itself these fill the window.
    _answered: dict[ChannelId, deque[bool]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=ANSWER_WINDOW - 1))
    )

    def flagged(self, judged: Iterable[tuple[Item, list[Match]]]) -> Iterator[FlaggedTicket | None]:
        """Yield each ticket with the first match of its answer, None if it gets no answer.

        As live, the share of a channel's last tickets that were answered limits what is. A
        duplicate heads the answer even if another match is more likely.
        """
        for item, matches in judged:
            self.channels[item.id] = item.channel_id
            window = self._answered[item.channel_id]
            shown = select_matches(matches, sum(window))
            window.append(bool(shown))
            heading = next((match for match in shown if match.band == "duplicate"), None)
            yield FlaggedTicket(item.id, heading or shown[0]) if shown else None


def least_likely(flagged: Iterable[FlaggedTicket], number: int) -> list[FlaggedTicket]:
    """Return the `number` flags that are least likely to be right, the least likely first."""
    return sorted(flagged, key=lambda one: (_likelihood(one.match), one.item_id))[:number]


def ruled_out_flags(
    session: Session, judge: Judge, workspace_id: int, channels: Mapping[int, ChannelId]
) -> list[FlaggedTicket]:
    """Return the flags that are missing from a replay because people have ruled them out since.

    `channels` are those of the replayed tickets. A replay leaves out such pairs, as answers do;
    counts of right and wrong flags must include them.
    """
    pairs = [pair for pair, verdict in verdicts_by_pair(session).items() if verdict == "distinct"]
    order = _order_of_arrival(session, {item_id for pair in pairs for item_id in pair})
    by_channel: dict[ChannelId, list[PairIds]] = defaultdict(list)
    for pair in pairs:
        if pair[0] in order and pair[1] in order:
            earlier, later = sorted(pair, key=order.__getitem__)
            if later in channels:
                by_channel[channels[later]].append((later, earlier))
    found = []
    for channel_id, own in by_channel.items():
        audience, wrong_in_ten = audience_and_budget(session, workspace_id, channel_id)
        readable = live_ids(session, (earlier for _, earlier in own), audience.items)
        shown = [pair for pair in own if pair[1] in readable]
        for _, matches in judge_pairs(session, judge, shown, audience, wrong_in_ten):
            found += [FlaggedTicket(later, match) for (later, _), match in matches.items()]
    return [one for one in found if one.match.band == "duplicate"]


def decided_flags(
    flagged: Iterable[FlaggedTicket],
    ruled_out: Iterable[FlaggedTicket],
    verdicts: Mapping[PairIds, str],
) -> dict[int, bool]:
    """Return the flagged duplicates that people have decided on, by ticket, in order.

    For each ticket the most likely flag counts, ruled out or not. The pairs of `verdicts` have the
    lower id first.
    """
    best: dict[int, FlaggedTicket] = {}
    for one in (*flagged, *ruled_out):
        known = best.get(one.item_id)
        if one.match.band == "duplicate" and (
            known is None or _likelihood(one.match) > _likelihood(known.match)
        ):
            best[one.item_id] = one
    return {
        item_id: verdict == "duplicate"
        for item_id, one in best.items()
        if (verdict := verdicts.get(_ordered(item_id, one.match.item_id))) is not None
    }


def noise_budgets_of(
    session: Session, flags: Mapping[int, bool], channels: Mapping[int, ChannelId]
) -> list[tuple[Channel | None, NoiseBudget]]:
    """Return the noise budget of each channel with flags, after its newest ones.

    `channels` gives the order of the flags.
    """
    by_channel: dict[ChannelId, list[bool]] = defaultdict(list)
    for item_id, channel_id in channels.items():
        if item_id in flags:
            by_channel[channel_id].append(flags[item_id])
    found = []
    for channel_id, own in by_channel.items():
        channel = None if channel_id is None else session.get(Channel, channel_id)
        wrong_in_ten = DEFAULT_BUDGET if channel is None else channel.noise_budget
        found.append((channel, noise_budget_after(wrong_in_ten, own[-MAX_CLICKS:])))
    return found


def _likelihood(match: Match) -> float:
    """Return the probability of a match; its similarity before there is a model."""
    return match.similarity if match.probability is None else match.probability


def _order_of_arrival(session: Session, item_ids: Iterable[int]) -> dict[int, tuple[object, int]]:
    """Return a sort key by arrival for each live ticket among some items, by id."""
    return {
        item_id: (created_at, item_id)
        for part in in_parts(item_ids)
        for item_id, created_at in session.execute(
            select(Item.id, Item.created_at).where(Item.id.in_(part), LIVE, Item.kind == "ticket")
        )
    }


def _ordered(one: int, other: int) -> PairIds:
    return min(one, other), max(one, other)
