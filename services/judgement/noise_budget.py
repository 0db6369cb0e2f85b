"""Promises: how many wrong flags in ten a channel accepts, and what follows from it.

A team with a model gets a cut: the probability from which a match is called a duplicate. The
channel's own clicks move it. Where they show that the promise is not kept, the bot is quiet there
until a new model, another budget or better clicks give it another chance.

Of any hundred tickets in a row only so many are answered at all, and the nearer that share is used
up, the more alike a ticket must be. What a model calls a duplicate is said all the same: the budget
promises how often it may be wrong. A new team has no model, and no such promise.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Answer, Channel, Item, Part, ShownMatch, Verdict
from services.channels.audience import Audience, audience_of_channel, audience_of_members
from services.channels.settings import SPEAKING, save_settings, settings_of
from services.issues.verdicts import on_shown_pair
from services.judgement.bands import SIMILAR_PROBABILITY, SIMILAR_SIMILARITY, Match
from services.judgement.calibration import SURE
from services.judgement.calibration_store import current_calibration

# Of ten flags. More than five wrong ones is noise that nobody asks for.
MAX_BUDGET = 5

# A budget of none cannot be promised: one in a hundred.
NO_BUDGET_CUT = 0.99
LOWEST_CUT, HIGHEST_CUT = 0.5, 0.99

# The newest decisions tell; the model counts as much as so many of them.
CLICKS = 50
MODEL_CLICKS = 20

# Fewer clicks say too little to be quiet for. One-sided, nine in ten.
MIN_CLICKS = 10
CONFIDENCE_Z = 1.2816

# Of the last tickets in a channel, how many may be answered.
WINDOW = 100
MAX_ANSWERED = 30
# How alike a ticket must be when the share is as good as used up.
HIGHEST_BAR = 0.95


@dataclass(frozen=True)
class Flag:
    """A match that was called a duplicate and decided on; `probability` None before a model."""

    probability: float | None
    is_right: bool


@dataclass(frozen=True)
class NoiseBudget:
    """What a channel was promised: the cut that follows, and whether it is kept."""

    budget: int
    decided: int
    right: int
    cut: float
    is_kept: bool


def promise(budget: int, flags: Sequence[Flag]) -> NoiseBudget:
    """Return what follows from a budget (wrong flags in ten) and the newest decided flags.

    The cut is that of the budget, moved on the log-odds scale by what the clicks say against the
    model, which counts as `MODEL_CLICKS` clicks that agree with it. The budget is exceeded where
    the precision is below the target, and not by chance.
    """
    target = NO_BUDGET_CUT if budget == 0 else 1 - budget / 10
    right = sum(flag.is_right for flag in flags)
    known = [flag for flag in flags if flag.probability is not None]
    shift = 0.0
    if known:
        said = sum(flag.probability or 0.0 for flag in known) / len(known)
        was = sum(flag.is_right for flag in known)
        moved = (was + MODEL_CLICKS * said) / (len(known) + MODEL_CLICKS)
        shift = _logit(moved) - _logit(said)
    cut = 1 / (1 + math.exp(shift - _logit(target)))
    return NoiseBudget(
        budget,
        len(flags),
        right,
        min(max(cut, LOWEST_CUT), HIGHEST_CUT),
        len(flags) < MIN_CLICKS or not _is_below(target, right, len(flags)),
    )


def _is_below(target: float, right: int, count: int) -> bool:
    """Say whether a precision is below `target` at 90 % confidence, `right` of `count` being right.

    The one-sided score test: it says so exactly where the upper end of Wilson's interval ("Probable
    Inference, the Law of Succession, and Statistical Inference", 1927) is below `target`. Loading
    scipy for it would take longer than the commands that ask.
    """
    return right / count < target - CONFIDENCE_Z * math.sqrt(target * (1 - target) / count)


def promise_in(session: Session, channel: Channel) -> NoiseBudget:
    """Return a channel's promise after the clicks on what the model that judges now has flagged."""
    row = current_calibration(session, channel.workspace_id, "ticket")
    statement = (
        select(ShownMatch.probability, Verdict.verdict)
        .join(Answer, Answer.id == ShownMatch.answer_id)
        .join(Verdict, on_shown_pair())
        .where(
            Answer.channel_id == channel.id,
            ShownMatch.band == "duplicate",
            Verdict.undone_at.is_(None),
        )
        .order_by(Verdict.id.desc())
        .limit(CLICKS)
    )
    if row is not None:
        statement = statement.where(
            Answer.created_at >= row.fitted_at, ShownMatch.probability.is_not(None)
        )
    flags = [Flag(chance, said == "duplicate") for chance, said in session.execute(statement)]
    return promise(channel.noise_budget, flags)


def place_and_cut(
    session: Session, workspace_id: int, channel_id: int | None
) -> tuple[Audience, float]:
    """Return the place of a channel's items, and from which probability one is a duplicate there.

    What stands in no channel every full member reads: its figures are made of what they all read.
    """
    channel = None if channel_id is None else session.get(Channel, channel_id)
    if channel is None:
        return audience_of_members(workspace_id), SURE
    return audience_of_channel(channel), promise_in(session, channel).cut


def set_budget(
    session: Session, channel: Channel, wrong_in_ten: int, *, by: str, now: datetime
) -> None:
    """Store a channel's budget, and on record who changed it."""
    after = replace(settings_of(channel), noise_budget=wrong_in_ten)
    save_settings(session, channel, after, by=by, now=now)


def channels_over_budget(session: Session, workspace_id: int) -> list[Channel]:
    """Return the channels in which the bot is quiet because its promise is not kept."""
    channels = session.scalars(
        select(Channel).where(Channel.workspace_id == workspace_id, Channel.slack_id.is_not(None))
    )
    return [channel for channel in channels.all() if not promise_in(session, channel).is_kept]


class AnswerLimiter:
    """What is worth to be said unasked in a channel, while a round of its tickets is answered."""

    def __init__(self, session: Session, channel: Channel, tickets: int) -> None:
        """Look at how the channel is spoken to, and at as many of its newest `tickets` and more."""
        self._only_duplicates = channel.mode == "quiet"
        self._is_silent = (
            channel.mode not in SPEAKING
            or channel.muted_at is not None
            or not promise_in(session, channel).is_kept
        )
        is_part = select(Part.item_id).where(Part.item_id == Item.id, Part.head_id != Item.id)
        newest = (
            select(Item.ts, Answer.id.is_not(None))
            .outerjoin(Answer, Answer.item_id == Item.id)
            .where(
                Item.channel_id == channel.id,
                Item.kind == "ticket",
                Item.ts.is_not(None),
                ~is_part.exists(),
            )
            .order_by(Item.ts.desc())
            .limit(WINDOW + tickets)
        )
        rows = [] if self._is_silent else session.execute(newest).all()[::-1]
        self._sent = [ts or "" for ts, _ in rows]
        self._is_answered = [bool(is_answered) for _, is_answered in rows]

    def select(self, ts: str, matches: Sequence[Match]) -> list[Match]:
        """Return what of the matches of the ticket sent at `ts` is said, perhaps nothing."""
        if self._is_silent:
            return []
        end = bisect_right(self._sent, ts)
        answered = sum(self._is_answered[max(end - WINDOW, 0) : end])
        if self._only_duplicates:
            matches = [match for match in matches if match.band == "duplicate"]
        said = above_the_bar(matches, answered)
        if said and end:
            self._is_answered[end - 1] = True
        return said


def above_the_bar(matches: Sequence[Match], answered: int) -> list[Match]:
    """Return what is told, where `answered` of the last `WINDOW` tickets were.

    What a model calls a duplicate is always told: how often that may be wrong is promised.
    """
    share = answered / MAX_ANSWERED
    return [match for match in matches if _is_above(match, share)]


def _is_above(match: Match, share: float) -> bool:
    if match.probability is None:
        bar = SIMILAR_SIMILARITY + share * (HIGHEST_BAR - SIMILAR_SIMILARITY)
        return share < 1 and (match.band == "duplicate" or match.similarity >= bar)
    bar = SIMILAR_PROBABILITY + share * (SURE - SIMILAR_PROBABILITY)
    return match.band == "duplicate" or (share < 1 and match.probability >= bar)


def _logit(share: float) -> float:
    share = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(share / (1 - share))
