"""The track record: which answers helped with other tickets, and how often flags were right."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Outcome, Resolution
from models.queries import in_parts, live_items
from services.channels.audience import Audience
from services.channels.settings import IN_SLACK, SPEAKING, shown_name
from services.issues.outcomes import AnswerRecord, records_of
from services.judgement.cut import MIN_WRONG_SHARE
from services.judgement.noise_budget import noise_budget_of
from services.text.cleaning.headline import headline
from services.text.words.plain import shorten

# An answer in a list is one line.
ANSWER_LENGTH = 200


@dataclass(frozen=True)
class HelpfulAnswer:
    """A solved ticket whose answer worked for others that the audience may read."""

    title: str
    url: str | None
    answer: str
    record: AnswerRecord


@dataclass(frozen=True)
class ChannelRecord:
    """How often flags were right in a channel, and its promise: the share that is to be right.

    Only the newest decisions on what the current model flagged count. `is_kept` says that the
    promise is not broken; where it is, Déjà is quiet.
    """

    name: str
    right: int
    decided: int
    promise: float
    is_kept: bool


def helpful_answers(session: Session, audience: Audience, limit: int) -> list[HelpfulAnswer]:
    """Return the answers that helped most often, those first that failed less."""
    tried = select(Resolution.item_id).join(Outcome, Outcome.resolution_id == Resolution.id)
    worked = tried.where(Outcome.worked.is_(True), Outcome.undone_at.is_(None))
    item_ids = list(session.scalars(worked.distinct()))
    found = [
        HelpfulAnswer(
            headline(item.title, item.text),
            item.url,
            shorten(item.resolution or "", ANSWER_LENGTH),
            record,
        )
        for part in in_parts(item_ids)
        for records in [records_of(session, part, audience.items)]
        for item in live_items(session, part, audience.items).values()
        for record in [records.get(item.id, AnswerRecord())]
        if record.worked and item.resolution
    ]
    found.sort(key=lambda one: (-one.record.worked, one.record.failed, one.title))
    return found[:limit]


def channel_records(session: Session, audience: Audience) -> list[ChannelRecord]:
    """Return how often flags were right in each channel that may be named and that speaks.

    The channels with the most decisions come first.
    """
    speaking = (IN_SLACK, Channel.mode.in_(SPEAKING))
    channels = session.scalars(select(Channel).where(audience.channels, *speaking)).all()
    found = []
    for channel in channels:
        budget = noise_budget_of(session, channel)
        promise = 1 - max(budget.wrong_in_ten / 10, MIN_WRONG_SHARE)
        found.append(
            ChannelRecord(
                shown_name(channel), budget.right, budget.decided, promise, budget.is_kept
            )
        )
    return sorted(found, key=lambda one: (-one.decided, one.name))
