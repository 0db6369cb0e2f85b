"""The noise budget: how many wrong flags in ten a channel accepts, and what follows from it.

A team with a model gets a threshold: the probability from which a match is called a duplicate. The
channel's own decisions move it. Where they show that the budget is exceeded, the bot stays quiet
there until a new model, a larger budget or better decisions give it another chance.

Only a limited share of any hundred tickets in a row is answered at all, and the closer that share
is to its limit, the more similar a match must be. What a model calls a duplicate is shown anyway:
the budget limits how often that may be wrong. A new team has no model, and so no such limit.
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
from services.judgement.calibration import DEFAULT_THRESHOLD
from services.judgement.calibration_store import current_calibration

# In ten flags. More than five wrong ones is noise that nobody wants.
MAX_BUDGET = 5

# No wrong flags at all cannot be guaranteed; this means one in a hundred.
ZERO_BUDGET_THRESHOLD = 0.99
MIN_THRESHOLD, MAX_THRESHOLD = 0.5, 0.99

# Only the newest decisions count, and the model counts as this many of them.
MAX_CLICKS = 50
MODEL_CLICKS = 20

# Fewer decisions are too few to fall silent for. The quantile is that of one-sided 90 %.
MIN_CLICKS = 10
CONFIDENCE_Z = 1.2816

# How many of the last tickets in a channel may be answered.
ANSWER_WINDOW = 100
MAX_ANSWERED = 30
# How similar a match must be when that number is nearly reached.
MAX_REQUIRED_SIMILARITY = 0.95


@dataclass(frozen=True)
class Flag:
    """A match that was called a duplicate and decided on; no `probability` before a model."""

    probability: float | None
    is_right: bool


@dataclass(frozen=True)
class NoiseBudget:
    """A channel's noise budget, `wrong_in_ten`, and how it has done so far.

    `right` of the `decided` flags were right; `threshold` is the probability from which a match is
    now called a duplicate; `is_kept` says whether the budget is not exceeded.
    """

    wrong_in_ten: int
    decided: int
    right: int
    threshold: float
    is_kept: bool


def noise_budget_after(wrong_in_ten: int, flags: Sequence[Flag]) -> NoiseBudget:
    """Return the state of a noise budget after the newest decided flags.

    The threshold is the precision that the budget demands, shifted in log-odds by how far the
    decisions differ from the model's probabilities; the model counts as `MODEL_CLICKS` decisions
    that agree with it. The budget is exceeded where the precision of the flags is below the target
    and chance does not explain it.
    """
    target = ZERO_BUDGET_THRESHOLD if wrong_in_ten == 0 else 1 - wrong_in_ten / 10
    right = sum(flag.is_right for flag in flags)
    threshold = _sigmoid(_logit(target) - _shift(flags))
    return NoiseBudget(
        wrong_in_ten,
        len(flags),
        right,
        min(max(threshold, MIN_THRESHOLD), MAX_THRESHOLD),
        len(flags) < MIN_CLICKS or not _is_below(target, right, len(flags)),
    )


def _shift(flags: Sequence[Flag]) -> float:
    """Return by how much, in log-odds, the flags were right more often than the model expected."""
    known = [flag for flag in flags if flag.probability is not None]
    if not known:
        return 0.0
    expected = sum(flag.probability or 0.0 for flag in known) / len(known)
    right = sum(flag.is_right for flag in known)
    observed = (right + MODEL_CLICKS * expected) / (len(known) + MODEL_CLICKS)
    return _logit(observed) - _logit(expected)


def _is_below(target: float, right: int, count: int) -> bool:
    """Say whether a precision is below `target` at 90 % confidence, `right` of `count` being right.

    This is the one-sided score test: it agrees with the upper end of Wilson's interval ("Probable
    Inference, the Law of Succession, and Statistical Inference", 1927). Loading scipy for it would
    take longer than the commands that need it.
    """
    return right / count < target - CONFIDENCE_Z * math.sqrt(target * (1 - target) / count)


def noise_budget_of(session: Session, channel: Channel) -> NoiseBudget:
    """Return a channel's noise budget after the decisions on what the current model flagged."""
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
        .limit(MAX_CLICKS)
    )
    if row is not None:
        statement = statement.where(
            Answer.created_at >= row.fitted_at, ShownMatch.probability.is_not(None)
        )
    rows = session.execute(statement)
    flags = [Flag(probability, verdict == "duplicate") for probability, verdict in rows]
    return noise_budget_after(channel.noise_budget, flags)


def audience_and_threshold(
    session: Session, workspace_id: int, channel_id: int | None
) -> tuple[Audience, float]:
    """Return the readers of a channel, and the probability from which a match is a duplicate there.

    Items without a channel are read by every full member.
    """
    channel = None if channel_id is None else session.get(Channel, channel_id)
    if channel is None:
        return audience_of_members(workspace_id), DEFAULT_THRESHOLD
    return audience_of_channel(channel), noise_budget_of(session, channel).threshold


def set_budget(
    session: Session, channel: Channel, wrong_in_ten: int, *, by: str, now: datetime
) -> None:
    """Store a channel's budget, and record who changed it."""
    after = replace(settings_of(channel), noise_budget=wrong_in_ten)
    save_settings(session, channel, after, by=by, now=now)


def channels_over_budget(session: Session, workspace_id: int) -> list[Channel]:
    """Return the channels in which the bot is quiet because its noise budget is exceeded."""
    channels = session.scalars(
        select(Channel).where(Channel.workspace_id == workspace_id, Channel.slack_id.is_not(None))
    )
    return [channel for channel in channels.all() if not noise_budget_of(session, channel).is_kept]


class AnswerLimiter:
    """Limits what is answered in a channel unasked, while a batch of its tickets is processed."""

    def __init__(self, session: Session, channel: Channel, tickets: int) -> None:
        """Read the channel's settings and the window of tickets before its newest `tickets`."""
        self._only_duplicates = channel.mode == "quiet"
        self._is_silent = (
            channel.mode not in SPEAKING
            or channel.muted_at is not None
            or not noise_budget_of(session, channel).is_kept
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
            .limit(ANSWER_WINDOW + tickets)
        )
        rows = [] if self._is_silent else session.execute(newest).all()[::-1]
        self._times = [ts or "" for ts, _ in rows]
        self._is_answered = [bool(is_answered) for _, is_answered in rows]

    def select(self, ts: str, matches: Sequence[Match]) -> list[Match]:
        """Return the matches to show for the ticket sent at `ts`, perhaps none."""
        if self._is_silent:
            return []
        end = bisect_right(self._times, ts)
        answered = sum(self._is_answered[max(end - ANSWER_WINDOW, 0) : end])
        if self._only_duplicates:
            matches = [match for match in matches if match.band == "duplicate"]
        shown = select_matches(matches, answered)
        if shown and end:
            self._is_answered[end - 1] = True
        return shown


def select_matches(matches: Sequence[Match], answered: int) -> list[Match]:
    """Return the matches to show where `answered` of the last `ANSWER_WINDOW` tickets were.

    What a model calls a duplicate is always shown: the noise budget limits how often it is wrong.
    """
    share = answered / MAX_ANSWERED
    return [match for match in matches if _is_similar_enough(match, share)]


def _is_similar_enough(match: Match, share: float) -> bool:
    if match.probability is None:
        required = SIMILAR_SIMILARITY + share * (MAX_REQUIRED_SIMILARITY - SIMILAR_SIMILARITY)
        return share < 1 and (match.band == "duplicate" or match.similarity >= required)
    required = SIMILAR_PROBABILITY + share * (DEFAULT_THRESHOLD - SIMILAR_PROBABILITY)
    return match.band == "duplicate" or (share < 1 and match.probability >= required)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _logit(share: float) -> float:
    share = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(share / (1 - share))
