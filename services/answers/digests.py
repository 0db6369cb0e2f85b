"""Digests: a few pairs that a channel is asked about each week. No channel gets a pair twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from models import Channel, Item, Question, Workspace
from models.queries import LIVE, in_parts
from services.answers.review_queue import ReviewRequest, suggest_pairs
from services.answers.review_rounds import ROUND, Suggestion
from services.channels.audience import audience_of_channel
from services.channels.quiet_hours import QuietHours, hours_of_workspace
from services.channels.settings import SPEAKING, save_settings, settings_of
from services.issues.groups import PairIds
from services.judgement.judge import Judge

MAX_PAIRS = ROUND

# With fewer tickets there is little to compare; where nobody has written for a week, nobody reads.
MIN_TICKETS = 20
ACTIVE_WITHIN = timedelta(days=7)

# No digest whose best pair is below this: nobody would take such tickets for the same issue. A
# cosine similarity of all-MiniLM-L6-v2. What a model expects does not count: one that has seen
# rejections alone expects nothing, and would never be taught better.
MIN_SIMILARITY = 0.5

ON = "on"


@dataclass(frozen=True)
class AskedQuestion:
    """A question that was clicked on, in its channel."""

    question: Question
    channel: Channel

    @property
    def pair(self) -> PairIds:
        """The ids of the two tickets, the later one first."""
        return self.question.item_id, self.question.other_id


def due_channels(
    session: Session, workspace_id: int, now: datetime, hours: QuietHours
) -> list[tuple[int, str]]:
    """Return the ids of the channels in which a digest is due now, each with its week there.

    `hours` are those of channels and workspaces that have none of their own.
    """
    weeks = _weeks(session, workspace_id, now, hours)
    if not weeks:
        return []
    asked = select(Question.channel_id, Question.digest).where(
        Question.channel_id.in_(weeks), Question.digest.in_(set(weeks.values()))
    )
    was_asked = {(channel_id, week) for channel_id, week in session.execute(asked)}
    active = session.scalars(
        select(Item.channel_id)
        .where(Item.channel_id.in_(weeks), Item.kind == "ticket", LIVE)
        .group_by(Item.channel_id)
        .having(func.count() >= MIN_TICKETS, func.max(Item.reported_at) > now - ACTIVE_WITHIN)
        .order_by(Item.channel_id)
    )
    found = [(channel_id, weeks[channel_id]) for channel_id in active if channel_id is not None]
    return [one for one in found if one not in was_asked]


def _weeks(session: Session, workspace_id: int, now: datetime, hours: QuietHours) -> dict[int, str]:
    """Return the channels with digests where it is the time for weekly posts, and their week."""
    asking = session.scalars(
        select(Channel).where(
            Channel.workspace_id == workspace_id,
            Channel.slack_id.is_not(None),
            Channel.muted_at.is_(None),
            Channel.digest,
            Channel.mode.in_(SPEAKING),
        )
    )
    usual = hours_of_workspace(session, workspace_id, hours)
    own = {channel.id: usual.of(channel) for channel in asking}
    return {id_: one.week_of(now) for id_, one in own.items() if one.is_weekly_time(now)}


def choose_pairs(session: Session, judge: Judge, channel: Channel, week: str) -> list[Suggestion]:
    """Return the pairs to ask about in a channel: the later ticket is its own, none asked before.

    The list is empty if no pair is worth asking about, or the channel is muted or wants no digest.
    """
    if channel.muted_at is not None or not channel.digest or channel.mode not in SPEAKING:
        return []
    questions = select(Question.item_id, Question.other_id)
    rows = session.execute(questions.where(Question.channel_id == channel.id))
    request = ReviewRequest(
        "ticket",
        MAX_PAIRS,
        seed=int(week[-2:]),
        excluded=frozenset((item_id, other_id) for item_id, other_id in rows),
        where=Item.channel_id == channel.id,
    )
    found = suggest_pairs(session, judge, audience_of_channel(channel), request)
    return found if any(one.similarity >= MIN_SIMILARITY for one in found) else []


def store_questions(
    session: Session, channel_id: int, week: str, found: Sequence[Suggestion], now: datetime
) -> None:
    """Store the questions of a digest, unless another worker has meanwhile."""
    session.execute(select(Channel.id).where(Channel.id == channel_id).with_for_update())
    of_week = (Question.channel_id == channel_id) & (Question.digest == week)
    if session.scalar(select(Question.id).where(of_week).limit(1)) is not None:
        return
    session.add_all(
        Question(
            channel_id=channel_id,
            digest=week,
            item_id=one.item_id,
            other_id=one.other_id,
            similarity=one.similarity,
            probability=one.probability,
            asked_at=now,
        )
        for one in found
    )


def save_posted(session: Session, channel_id: int, week: str, message_ts: str) -> bool:
    """Store that a digest was posted as the message `message_ts`.

    Returns False, and stores nothing, if another worker has posted it as another message.
    """
    of_week = (Question.channel_id == channel_id) & (Question.digest == week)
    posted = select(Question.message_ts).where(of_week, Question.message_ts.is_not(None))
    session.execute(select(Channel.id).where(Channel.id == channel_id).with_for_update())
    if session.scalar(posted.limit(1)) not in {None, message_ts}:
        return False
    session.execute(update(Question).where(of_week).values(message_ts=message_ts))
    return True


def find_question(
    session: Session, question_id: int, *, team_id: str, slack_id: str
) -> AskedQuestion | None:
    """Return a question with its channel, None if it was not asked in this channel."""
    row = session.execute(
        select(Question, Channel)
        .join(Channel, Channel.id == Question.channel_id)
        .join(Workspace, Workspace.id == Channel.workspace_id)
        .where(
            Question.id == question_id,
            Channel.slack_id == slack_id,
            Workspace.team_id == team_id,
        )
    ).one_or_none()
    return None if row is None else AskedQuestion(row.Question, row.Channel)


def digests_about(session: Session, item_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Return the channel and week of the posted digests that ask about these items."""
    found: set[tuple[int, str]] = set()
    for part in in_parts(item_ids):
        rows = session.execute(
            select(Question.channel_id, Question.digest).where(
                or_(Question.item_id.in_(part), Question.other_id.in_(part)),
                Question.message_ts.is_not(None),
            )
        )
        found.update((channel_id, week) for channel_id, week in rows)
    return sorted(found)


def set_digest(session: Session, channel: Channel, after: str, *, by: str, now: datetime) -> None:
    """Turn the digests of a channel on or off, and record who did."""
    save_settings(
        session, channel, replace(settings_of(channel), digest=after == ON), by=by, now=now
    )
