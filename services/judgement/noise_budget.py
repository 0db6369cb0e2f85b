"""The noise budget: how many wrong flags in ten a channel accepts, and what follows from it.

What verdicts have taught is cut where the budget allows it (`calibration.find_cut`). Where a
channel's own decisions show that its budget is exceeded all the same, the bot stays quiet there
until a new calibration, a larger budget or better decisions give it another chance.

Only a limited share of any hundred tickets in a row is answered, and the closer that share is to
its limit, the more similar a match must be. Answers count by how often people rejected those they
decided on: a channel whose answers are confirmed is not limited.
"""

from __future__ import annotations

import logging
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from models import (
    Answer,
    Calibration,
    Channel,
    Item,
    Part,
    ShownMatch,
    Verdict,
    is_among,
    many_ids,
)
from models.queries import in_parts
from services.channels.audience import Audience, audience_of_channel, audience_of_members
from services.channels.settings import SPEAKING, save_settings, settings_of
from services.issues.verdicts import on_shown_pair
from services.judgement.caution import Caution, caution_of
from services.judgement.cut import DEFAULT_BUDGET, MIN_WRONG_SHARE
from services.judgement.shown_similarity import ANSWERED_SIMILARITY, SIMILAR_SIMILARITY

if TYPE_CHECKING:
    from services.judgement.bands import Match

# Only the newest decisions count.
MAX_CLICKS = 50

# Fewer decisions are too few to fall silent for. The quantile is that of one-sided 90 %.
MIN_CLICKS = 10
CONFIDENCE_Z = 1.2816

# How many of the last tickets in a channel may be answered.
ANSWER_WINDOW = 100
MAX_ANSWERED = 30
# How similar a match must be when that number is nearly reached.
MAX_REQUIRED_SIMILARITY = 0.95
HELD_BACK = "%s/%s is not answered: the limit (%.1f of %d answers in %d tickets)"

logger = logging.getLogger(__name__)

# Built once: each message that may be answered asks.
_FITTED_AT = (
    select(Calibration.fitted_at)
    .where(
        Calibration.workspace_id == bindparam("workspace"),
        Calibration.kind == "ticket",
        Calibration.rolled_back_at.is_(None),
    )
    .order_by(Calibration.id.desc())
    .limit(1)
    .scalar_subquery()
)
_FLAGGED = (
    select(Verdict.verdict)
    .select_from(ShownMatch)
    .join(Answer, Answer.id == ShownMatch.answer_id)
    .join(Verdict, on_shown_pair())
    .where(
        Answer.channel_id == bindparam("channel"),
        ShownMatch.band == "duplicate",
        Verdict.undone_at.is_(None),
        or_(_FITTED_AT.is_(None), Answer.created_at >= _FITTED_AT),
    )
    .order_by(Verdict.id.desc())
    .limit(MAX_CLICKS)
)
_NEWEST = (
    select(Item.ts, Answer.id)
    .outerjoin(Answer, Answer.item_id == Item.id)
    .where(
        Item.channel_id == bindparam("channel"),
        Item.kind == "ticket",
        Item.ts.is_not(None),
        ~select(Part.item_id).where(Part.item_id == Item.id, Part.head_id != Item.id).exists(),
    )
    .order_by(Item.ts.desc())
    .limit(bindparam("limit"))
)
_DECIDED = (
    select(Answer.id, Verdict.verdict)
    .join(ShownMatch, ShownMatch.answer_id == Answer.id)
    .join(Verdict, on_shown_pair())
    .where(
        is_among(Answer.id, many_ids("ids")),
        Verdict.undone_at.is_(None),
    )
)


@dataclass(frozen=True)
class NoiseBudget:
    """A channel's noise budget, `wrong_in_ten`, and how it has done so far.

    `right` of the `decided` flags were right; `is_kept` says whether the budget is not exceeded.
    """

    wrong_in_ten: int
    decided: int
    right: int
    is_kept: bool


def noise_budget_after(wrong_in_ten: int, flags: Sequence[bool]) -> NoiseBudget:
    """Return the state of a noise budget after the newest decided flags: whether each was right.

    The budget is exceeded where the precision of the flags is below what it demands and chance does
    not explain it.
    """
    target = 1 - max(wrong_in_ten / 10, MIN_WRONG_SHARE)
    right = sum(flags)
    is_kept = len(flags) < MIN_CLICKS or not _is_below(target, right, len(flags))
    return NoiseBudget(wrong_in_ten, len(flags), right, is_kept)


def _is_below(target: float, right: int, count: int) -> bool:
    """Say whether a precision is below `target` at 90 % confidence, `right` of `count` being right.

    This is the one-sided score test: it agrees with the upper end of Wilson's interval ("Probable
    Inference, the Law of Succession, and Statistical Inference", 1927). Loading scipy for it would
    take longer than the commands that need it.
    """
    return right / count < target - CONFIDENCE_Z * math.sqrt(target * (1 - target) / count)


def noise_budget_of(session: Session, channel: Channel) -> NoiseBudget:
    """Return a channel's noise budget after the decisions on what the current model flagged."""
    known = {"channel": channel.id, "workspace": channel.workspace_id}
    found = session.connection().scalars(_FLAGGED, known)
    flags = [verdict == "duplicate" for verdict in found]
    return noise_budget_after(channel.noise_budget, flags)


def audience_and_budget(
    session: Session, workspace_id: int, channel_id: int | None
) -> tuple[Audience, int]:
    """Return the readers of a channel, and its noise budget in wrong flags of ten.

    Items without a channel are read by every full member.
    """
    channel = None if channel_id is None else session.get(Channel, channel_id)
    if channel is None:
        return audience_of_members(workspace_id), DEFAULT_BUDGET
    return audience_of_channel(channel), channel.noise_budget


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
        self._channel = channel.slack_id
        self._only_duplicates = channel.mode == "quiet"
        self._is_silent = (
            channel.mode not in SPEAKING
            or channel.muted_at is not None
            or not noise_budget_of(session, channel).is_kept
        )
        self._caution = Caution() if self._is_silent else caution_of(session, channel)
        known = {"channel": channel.id, "limit": ANSWER_WINDOW + tickets}
        newest = [] if self._is_silent else session.connection().execute(_NEWEST, known).all()
        rows = newest[::-1]
        decided = _decided_answers(session, [answer_id for _, answer_id in rows if answer_id])
        self._times = [ts or "" for ts, _ in rows]
        self._answers = [
            None if answer_id is None else decided.get(answer_id, "undecided")
            for _, answer_id in rows
        ]

    def select(self, ts: str, matches: Sequence[Match]) -> list[Match]:
        """Return the matches to show for the ticket sent at `ts`, perhaps none."""
        if self._is_silent:
            return []
        end = bisect_right(self._times, ts)
        window = Counter(self._answers[max(end - ANSWER_WINDOW, 0) : end])
        answered = sum(number for state, number in window.items() if state is not None)
        if self._only_duplicates:
            matches = [match for match in matches if match.band == "duplicate"]
        matches = [match for match in matches if self._caution.admits(match)]
        load = answer_load(answered, window["confirmed"], window["rejected"])
        shown = select_matches(matches, load)
        if matches and not shown:
            logger.debug(HELD_BACK, self._channel, ts, load, MAX_ANSWERED, ANSWER_WINDOW)
        if shown and end:
            self._answers[end - 1] = "undecided"
        return shown


def _decided_answers(session: Session, answer_ids: Sequence[int]) -> dict[int, str]:
    """Return of those answers that people decided on whether one of its matches was confirmed."""
    found: dict[int, str] = {}
    for part in in_parts(answer_ids):
        rows = session.connection().execute(_DECIDED, {"ids": part})
        for answer_id, verdict in rows:
            if verdict != "distinct":
                found[answer_id] = "confirmed"
            else:
                found.setdefault(answer_id, "rejected")
    return found


def select_matches(matches: Sequence[Match], load: float) -> list[Match]:
    """Return the matches to show where `load` answers of the last `ANSWER_WINDOW` count.

    What verdicts have taught to call a duplicate is always shown: the budget limits its errors.
    """
    share = load / MAX_ANSWERED
    return [
        match
        for match in matches
        if _is_learned(match) or (share < 1 and match.similarity >= _required(match, share))
    ]


def _required(match: Match, share: float) -> float:
    """Return how similar a match must be where this share of the limit is used up."""
    if match.band == "duplicate" or match.shows_the_same:
        return 0.0
    least = ANSWERED_SIMILARITY if match.band == "answered" else SIMILAR_SIMILARITY
    return least + share * (MAX_REQUIRED_SIMILARITY - least)


def _is_learned(match: Match) -> bool:
    return match.band == "duplicate" and match.probability is not None


def answer_load(answered: int, confirmed: int, rejected: int) -> float:
    """Return how many answers count towards the limit, given those that people decided on.

    Confirmed ones do not, rejected ones do; undecided ones count by the share that was rejected of
    those decided on, with one rejected more, so that all count before anybody has decided.
    """
    share = (rejected + 1) / (confirmed + rejected + 1)
    return rejected + (answered - confirmed - rejected) * share
