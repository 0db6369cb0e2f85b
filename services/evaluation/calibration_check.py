"""Whether the last month's decisions bear out what the bot said of its matches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Answer, Channel, ShownMatch, Verdict
from services.issues.verdicts import on_shown_pair
from services.judgement.cut import MIN_WRONG_SHARE

MONTH = timedelta(days=30)

# Fewer decisions say nothing. The quantile is that of one-sided 99 %: this is asked every night.
MIN_DECISIONS = 10
Z = 2.326


@dataclass(frozen=True)
class DecidedMatch:
    """A match that was shown with the probability `said`, and whether people confirmed it."""

    said: float
    is_right: bool


def decided_matches(session: Session, now: datetime) -> list[DecidedMatch]:
    """Return the matches that people decided on in the last month.

    Those that were shown as duplicates without a probability are to be right as often as the noise
    budget of their channel demands. Nothing was promised of similar ones without a probability.
    """
    rows = session.execute(
        select(Verdict.verdict, ShownMatch.probability, Channel.noise_budget)
        .select_from(ShownMatch)
        .join(Answer, Answer.id == ShownMatch.answer_id)
        .join(Channel, Channel.id == Answer.channel_id)
        .join(Verdict, on_shown_pair())
        .where(
            or_(ShownMatch.band == "duplicate", ShownMatch.probability.is_not(None)),
            Verdict.undone_at.is_(None),
            Verdict.decided_at >= now - MONTH,
            Verdict.decided_at < now,
        )
    )
    return [
        DecidedMatch(
            said=1 - max(budget / 10, MIN_WRONG_SHARE) if probability is None else probability,
            is_right=verdict == "duplicate",
        )
        for verdict, probability, budget in rows
    ]


def is_calibrated(decided: Sequence[DecidedMatch]) -> bool | None:
    """Say whether about as many matches were right as was said; None for too few decisions.

    A one-sided score test on the sum of unequal chances: to be right more often is no fault.
    """
    if len(decided) < MIN_DECISIONS:
        return None
    expected = sum(one.said for one in decided)
    error = math.sqrt(sum(one.said * (1 - one.said) for one in decided))
    return sum(one.is_right for one in decided) >= expected - Z * error
