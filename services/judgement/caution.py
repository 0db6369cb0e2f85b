"""Caution: how near a similar ticket must be to be mentioned in a channel, after wrong ones.

Where people say of the similar tickets in a channel that they are not the same matter, fewer are
mentioned there: step by step only those with a higher contrast (`bands.Match`), in the end none.
Where they say it of fewer, the step is taken back. What is called a duplicate is not affected.

A channel's step follows from the decisions on what was mentioned there since its last reset; only
resets are stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from models import Answer, Change, Channel, ShownMatch, Verdict
from models.judgements import MARKED
from services.channels.settings import record_change
from services.issues.verdicts import on_shown_pair
from services.judgement.cut import lower_bound
from services.phrases import Phrase, phrase

if TYPE_CHECKING:
    from services.judgement.bands import Match

# The contrast that a similar ticket must have at each step; after the last, none is mentioned.
# Chosen on english_se, semeval_cqa and gitbugs_seamonkey.
CONTRASTS = (-math.inf, 0.6, 0.8)
SILENT = len(CONTRASTS)

# A step is taken where less than a third of the last answers were right, at 90 % confidence, and
# taken back where more were.
MIN_RIGHT_SHARE = 1 / 3
CONFIDENCE_Z = 1.2816
MIN_ANSWERS, MAX_ANSWERS = 8, 20

# Older decisions than these do not count; each answer has up to three.
MAX_VERDICTS = 300

SETTING = "similar tickets"

_ONLY_CLOSER = phrase(
    "In this channel I mention similar tickets only when they are much closer than others, "
    "because people rejected most of them."
)
_SILENT = phrase(
    "I don't mention similar tickets in this channel any more, because people rejected most of "
    "them."
)


@dataclass(frozen=True)
class DecidedAnswer:
    """An answer that mentioned similar tickets, and whether people found any of them right."""

    answered_at: datetime
    decided_at: datetime
    is_right: bool


@dataclass(frozen=True)
class Caution:
    """How cautious to be with similar tickets: the step, and the decisions since it was taken.

    `right` of the `decided` answers were right.
    """

    step: int = 0
    decided: int = 0
    right: int = 0

    @property
    def is_silent(self) -> bool:
        """Whether no similar tickets are mentioned."""
        return self.step == SILENT

    @property
    def description(self) -> Phrase | None:
        """What it means for a channel; None at the start."""
        if not self.step:
            return None
        return _SILENT if self.is_silent else _ONLY_CLOSER

    def admits(self, match: Match) -> bool:
        """Say whether a match may be mentioned."""
        if match.band == "duplicate":
            return True
        if self.is_silent:
            return False
        return match.shows_the_same or match.contrast >= CONTRASTS[self.step]


def caution_after(answers: Iterable[DecidedAnswer]) -> Caution:
    """Return the caution after decided answers, in the order in which they were decided.

    After a step only answers that were given since count.
    """
    caution, recent, since = Caution(), list[bool](), None
    for answer in answers:
        if since is not None and answer.answered_at < since:
            continue
        recent = [*recent, answer.is_right][-MAX_ANSWERS:]
        change = _change(recent)
        step = min(max(caution.step + change, 0), SILENT)
        if step != caution.step:
            caution, recent, since = Caution(step), [], answer.decided_at
    return replace(caution, decided=len(recent), right=sum(recent))


def _change(recent: Sequence[bool]) -> int:
    """Return by how many steps recent decisions change the caution: 1, 0 or -1."""
    if len(recent) < MIN_ANSWERS:
        return 0
    right, count = sum(recent), len(recent)
    low = lower_bound(right / count, count, CONFIDENCE_Z)
    high = 1 - lower_bound(1 - right / count, count, CONFIDENCE_Z)
    return int(high < MIN_RIGHT_SHARE) - int(low > MIN_RIGHT_SHARE)


# Built once: each message that may be answered asks.
_RESET = (
    select(func.max(Change.changed_at))
    .where(Change.channel_id == bindparam("channel"), Change.setting == SETTING)
    .scalar_subquery()
)
_DECIDED = (
    select(Answer.id, Answer.created_at, Verdict.decided_at, Verdict.verdict)
    .join(ShownMatch, ShownMatch.answer_id == Answer.id)
    .join(Verdict, on_shown_pair())
    .where(
        Answer.channel_id == bindparam("channel"),
        ShownMatch.band.not_in(("duplicate", MARKED)),
        Verdict.undone_at.is_(None),
        _RESET.is_(None) | (Answer.created_at > _RESET),
    )
    .order_by(Verdict.decided_at.desc(), Verdict.id.desc())
    .limit(MAX_VERDICTS)
)


def caution_of(session: Session, channel: Channel) -> Caution:
    """Return how cautious to be with similar tickets in a channel."""
    rows = session.connection().execute(_DECIDED, {"channel": channel.id}).all()
    found: dict[int, DecidedAnswer] = {}
    for answer_id, answered_at, decided_at, verdict in reversed(rows):
        before = found.get(answer_id)
        is_right = verdict != "distinct" or (before is not None and before.is_right)
        found[answer_id] = DecidedAnswer(
            answered_at, decided_at if before is None else before.decided_at, is_right
        )
    return caution_after(found.values())


def reset_caution(session: Session, channel: Channel, *, by: str, now: datetime) -> bool:
    """Forget the decisions on similar tickets so far; return whether that changes anything."""
    step = caution_of(session, channel).step
    return record_change(session, channel, SETTING, (str(step), "0"), by=by, now=now)
