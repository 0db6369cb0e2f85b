"""Thread answers: what the bot's one message in a thread should show, and the lease to post it.

The database says what the message should show; a job makes Slack follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models import (
    Answer,
    Channel,
    Database,
    Item,
    ShownMatch,
    Verdict,
)
from models.judgements import MARKED
from models.queries import in_parts
from services.answers.item_view import (
    IssueReports,
    ItemView,
    answered_first,
    readable_items,
    reports_of,
    sink_failed_answers,
    view_item,
)
from services.channels.audience import readable_in
from services.channels.issue_sources import takes_issues
from services.channels.settings import SPEAKING, Language, settings_of
from services.errors import RetryLaterError
from services.issues.verdicts import current_verdicts
from services.memory.ticket_status import is_solved

# How much of an answer people want to see: its best match, all of them, or nothing.
Display = Literal["best", "all", "hidden"]

# Longer than one round of Slack calls may take, time-outs included.
LEASE = timedelta(seconds=40)

# How soon to retry while another worker holds the lease.
LEASE_RETRY_SECONDS = 1.0

# Built once: each answer runs them, most on the plain table.
_answers = Answer.__table__
_NOW = bindparam("now", type_=_answers.c.leased_until.type)
_LEASE = (
    update(Answer)
    .where(
        _answers.c.item_id == bindparam("item"),
        _answers.c.leased_until.is_(None) | (_answers.c.leased_until < _NOW),
    )
    .values(leased_until=bindparam("until", type_=_answers.c.leased_until.type))
    .returning(_answers.c.id)
)
_EXISTS = select(_answers.c.id).where(_answers.c.item_id == bindparam("item"))
_SAVE_SHOWN = (
    update(Answer)
    .where(_answers.c.id == bindparam("answer"))
    .values(message_ts=bindparam("ts"), shown_hash=bindparam("hash"), leased_until=None)
)
_ANSWER = (
    select(Answer, Channel, Item, takes_issues().label("takes_issues"))
    .join(Channel, Channel.id == Answer.channel_id)
    .join(Item, Item.id == Answer.item_id)
    .where(Answer.item_id == bindparam("item"))
)


@dataclass(frozen=True)
class AnswerView:
    """What the message in a thread should show. `message_ts` is None until it is posted.

    `seen_at` is when the ticket was written.
    """

    answer_id: int
    item_id: int
    seen_at: datetime
    channel: str
    thread_ts: str
    message_ts: str | None
    shown_hash: str | None
    shown: list[ItemView]
    muted_by: str | None
    is_off: bool
    is_solved: bool
    takes_issues: bool
    language: Language
    display: Display = "best"


def answers_about(session: Session, item_ids: Iterable[int]) -> list[int]:
    """Return the ids of the items whose answers are to these items, or name one of them."""
    found: set[int] = set()
    for part in in_parts(item_ids):
        naming = select(Answer.item_id).join(ShownMatch, ShownMatch.answer_id == Answer.id)
        # With one condition for both SQLite would read all answers.
        found.update(session.scalars(select(Answer.item_id).where(Answer.item_id.in_(part))))
        found.update(session.scalars(naming.where(ShownMatch.item_id.in_(part))))
    return sorted(found)


def view_answer(session: Session, item_id: int) -> AnswerView | None:
    """Return the answer to an item as the current readers of its channel may see it."""
    row = session.execute(_ANSWER, {"item": item_id}).one_or_none()
    if row is None or row.Channel.slack_id is None:
        return None
    answer, channel, item = row.Answer, row.Channel, row.Item
    shown = [] if item.deleted_at is not None else _shown(session, answer, channel)
    return AnswerView(
        answer_id=answer.id,
        item_id=item_id,
        seen_at=item.created_at,
        channel=channel.slack_id,
        thread_ts=answer.thread_ts,
        message_ts=answer.message_ts,
        shown_hash=answer.shown_hash,
        shown=shown,
        muted_by=channel.muted_by if channel.muted_at is not None else None,
        is_off=channel.mode not in SPEAKING,
        is_solved=is_solved(item.status, item.resolution),
        takes_issues=row.takes_issues,
        language=settings_of(channel).language,
        display=cast(Display, answer.display),
    )


def lease_answer(database: Database, item_id: int, now: datetime) -> AnswerView | None:
    """Lease the answer to an item, so that no other worker posts it, and return what to show.

    None if there is no answer. Raises `RetryLaterError` while another worker holds the lease.
    The view is read under the lease: one read before could be older than what Slack shows.
    """
    with database.write() as session:
        known = {"item": item_id, "now": now, "until": now + LEASE}
        if session.connection().scalar(_LEASE, known) is None:
            if session.connection().scalar(_EXISTS, known) is None:
                return None
            raise RetryLaterError("another worker is showing this answer", LEASE_RETRY_SECONDS)
        return view_answer(session, item_id)


def save_shown(database: Database, answer_id: int, *, message_ts: str, shown_hash: str) -> None:
    """Store where an answer is posted and what it shows, and release it."""
    shown = {"answer": answer_id, "ts": message_ts, "hash": shown_hash}
    with database.write() as session:
        session.connection().execute(_SAVE_SHOWN, shown)


def clear_shown(database: Database, answer_id: int) -> None:
    """Forget where an answer is posted, before it is deleted there.

    If Slack's reply to the deletion is lost, the retry looks for the message. Had it kept the
    `ts`, it would find the message gone and conclude that somebody deleted it.
    """
    with database.write() as session:
        session.execute(
            update(Answer).where(Answer.id == answer_id).values(message_ts=None, shown_hash=None)
        )


def save_unposted(database: Database, view: AnswerView) -> None:
    """Store that an answer is not in Slack, and release it; delete it unless it has changed since.

    An answer that was planned meanwhile has a job of its own, which posts it.
    """
    with database.write() as session:
        answer = session.scalar(select(Answer).where(Answer.id == view.answer_id).with_for_update())
        if answer is None:
            return
        answer.message_ts = answer.shown_hash = answer.leased_until = None
        session.flush()
        planned = view_answer(session, view.item_id)
        if planned is None or planned.shown == view.shown:
            session.delete(answer)


def release_answer(database: Database, answer_id: int) -> None:
    """Release a leased answer without a change."""
    with database.write() as session:
        session.execute(update(Answer).where(Answer.id == answer_id).values(leased_until=None))


def _shown(session: Session, answer: Answer, channel: Channel) -> list[ItemView]:
    """Return the candidates of an answer as the readers of its channel may see them."""
    verdicts = current_verdicts(session, answer.item_id)
    named = [one.item_id for one in answer.matches]
    readable = readable_items(session, named, readable_in(channel))
    reports = reports_of(session, readable, readable_in(channel))
    matches = [
        match
        for match in answer.matches
        if match.item_id in readable and (match.band != MARKED or match.item_id in verdicts)
    ]
    shown = [
        view_item(
            *readable[match.item_id],
            match,
            verdicts.get(match.item_id),
            reports.get(match.item_id),
        )
        for match in _one_per_issue(matches, verdicts, reports)
    ]
    return answered_first(sink_failed_answers(session, shown, readable_in(channel)))


def _one_per_issue(
    matches: Sequence[ShownMatch],
    verdicts: Mapping[int, Verdict],
    reports: Mapping[int, IssueReports],
) -> Iterator[ShownMatch]:
    """Yield decided matches, and of the others the best of each issue not marked a duplicate."""
    named = {
        reports[item_id].group
        for item_id, verdict in verdicts.items()
        if item_id in reports and verdict.verdict == "duplicate"
    }
    for match in matches:
        own = reports.get(match.item_id)
        if own is not None and match.item_id not in verdicts:
            if own.group in named:
                continue
            named.add(own.group)
        yield match
