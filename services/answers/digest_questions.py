"""What a digest should show: its pairs, as the current readers of its channel may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Change, Channel, Question, Verdict
from services.answers.item_view import readable_items
from services.channels.audience import readable_in
from services.channels.settings import Language, settings_of
from services.judgement.calibration_store import calibration_state
from services.judgement.calibration_text import next_text
from services.judgement.noise_budget import noise_budget_of
from services.phrases import Phrase
from services.text.cleaning.headline import headline

# The name of the setting on record.
SETTING = "digest"


@dataclass(frozen=True)
class DigestTicket:
    """One ticket of a pair. `channel` is the name of its channel, if that is another one.

    `created_at` is None where its date is not known.
    """

    title: str
    url: str | None
    channel: str | None
    created_at: datetime | None


@dataclass(frozen=True)
class DigestPair:
    """A pair as its channel sees it now; `verdict` is None until somebody answers."""

    question_id: int
    item: DigestTicket
    other: DigestTicket
    similarity: float
    probability: float | None
    verdict: str | None
    decided_by: str | None

    @property
    def apart(self) -> timedelta | None:
        """The time between the two tickets, where both dates are known."""
        if self.item.created_at is None or self.other.created_at is None:
            return None
        return abs(self.item.created_at - self.other.created_at)


@dataclass(frozen=True)
class DigestView:
    """What a digest should show. `message_ts` is None until it is posted.

    `question_id` is the id of one of its questions, shown or not; `then` says what more decisions
    would change. `is_quiet` says that too many flags were wrong in the channel; `off_by` is who
    turned its digests off.
    """

    question_id: int
    channel: str
    week: str
    message_ts: str | None
    asked_at: datetime
    pairs: tuple[DigestPair, ...]
    then: Phrase
    is_quiet: bool
    is_muted: bool
    is_off: bool
    off_by: str | None
    language: Language


def view_digest(session: Session, channel_id: int, week: str) -> DigestView | None:
    """Return a channel's digest of a week as its readers may see it now; None if there is none."""
    channel = session.get(Channel, channel_id)
    questions = session.scalars(
        select(Question)
        .where(Question.channel_id == channel_id, Question.digest == week)
        .order_by(Question.id)
    ).all()
    if not questions or channel is None or channel.slack_id is None:
        return None
    state = calibration_state(session, channel.workspace_id, "ticket")
    return DigestView(
        question_id=questions[0].id,
        channel=channel.slack_id,
        week=week,
        message_ts=questions[0].message_ts,
        asked_at=questions[0].asked_at,
        pairs=_pairs(session, channel, questions),
        then=next_text(state, channel.noise_budget),
        is_quiet=not noise_budget_of(session, channel).is_kept,
        is_muted=channel.muted_at is not None,
        is_off=not channel.digest,
        off_by=None if channel.digest else _last_change(session, channel_id),
        language=settings_of(channel).language,
    )


def may_be_shown(session: Session, channel: Channel, question: Question) -> bool:
    """Say whether both tickets of a question may be named in its channel now."""
    return len(_tickets(session, channel, [question])) == len(_item_ids([question]))


def _pairs(
    session: Session, channel: Channel, questions: Sequence[Question]
) -> tuple[DigestPair, ...]:
    tickets = _tickets(session, channel, questions)
    verdicts = _verdicts(session, _item_ids(questions))
    return tuple(
        DigestPair(
            one.id,
            tickets[one.item_id],
            tickets[one.other_id],
            one.similarity,
            one.probability,
            *verdicts.get(frozenset({one.item_id, one.other_id}), (None, None)),
        )
        for one in questions
        if one.item_id in tickets and one.other_id in tickets
    )


def _tickets(
    session: Session, channel: Channel, questions: Sequence[Question]
) -> dict[int, DigestTicket]:
    """Return the live tickets of questions that every reader of the channel may read, by id."""
    found = readable_items(session, _item_ids(questions), readable_in(channel))
    return {
        item_id: DigestTicket(
            headline(item.title, item.text),
            item.url,
            None if item.channel_id == channel.id else name,
            item.reported_at,
        )
        for item_id, (item, name) in found.items()
        if item.content_hash is not None  # else there is nothing to compare
    }


def _item_ids(questions: Sequence[Question]) -> set[int]:
    return {item_id for one in questions for item_id in (one.item_id, one.other_id)}


def _verdicts(session: Session, item_ids: set[int]) -> dict[frozenset[int], tuple[str, str]]:
    """Return the current verdicts on pairs of these items, and who decided them."""
    rows = session.scalars(
        select(Verdict).where(
            Verdict.item_a_id.in_(item_ids),
            Verdict.item_b_id.in_(item_ids),
            Verdict.undone_at.is_(None),
        )
    )
    return {
        frozenset({row.item_a_id, row.item_b_id}): (row.verdict, row.decided_by) for row in rows
    }


def _last_change(session: Session, channel_id: int) -> str | None:
    return session.scalar(
        select(Change.changed_by)
        .where(Change.channel_id == channel_id, Change.setting == SETTING)
        .order_by(Change.id.desc())
        .limit(1)
    )
