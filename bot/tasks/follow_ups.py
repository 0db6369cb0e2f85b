"""Messages that follow a ticket: replies in its thread, and what counts as one more report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks.inspection import Followed, report_reply
from bot.i18n.texts import Texts, texts_in
from bot.jobs.event_kinds import EditedReply, FollowUpReply
from bot.jobs.follow_ups import jobs_about_issues
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.private_replies import reason_job, reply_job
from bot.jobs.request_kinds import ReportClick
from bot.slack.client import Slack
from bot.tasks.decide import refusal_job
from bot.wiring import Services
from models import Channel, FollowUp, Item
from services.channels.settings import channel_of_slack, ensure_decider, record_change
from services.errors import NotAllowedError
from services.intake.classify import classify_reply
from services.intake.follow_ups import NewFollowUp, find_follow_up, save_follow_ups
from services.intake.slack_messages import SlackTicket, find_ticket
from services.issues.outcomes import record_failure
from services.memory.ticket_status import is_solved
from services.memory.workspaces import find_workspace
from services.phrases import phrase
from services.text.cleaning.headline import headline
from services.text.slack.times import sent_at
from services.text.small_talk.follow_ups import FollowUpKind

UNKNOWN = phrase("I no longer count this message as a report.")

# The name of this setting in the audit.
SETTING = "report"


@dataclass(frozen=True)
class FollowUps:
    """Stores replies that follow their thread's ticket, and whether a message is a report."""

    services: Services
    slack: Slack

    def take_reply(self, job: FollowUpReply, lease: Lease, now: datetime) -> list[BotJob]:
        """Store a reply; if its author says that a used answer did not help, record that, too.

        The jobs that follow are stored in the same transaction: a retry would not create them.
        """
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            workspace_id = find_workspace(session, job.team).id
            channel = channel_of_slack(session, workspace_id, job.channel)
            if channel is None:
                return []
            content = SlackTicket(job.ts, job.thread_ts, job.user, "", "", by_person=True)
            changed = _save(session, channel, content, FollowUpKind(job.follow_up))
            if job.failed:
                changed |= _failed_answers(session, channel, job, now)
            follow_ups = jobs_about_issues(session, changed, job.key) if changed else []
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def take_click(self, job: ReportClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Count a message as a report no longer, or again.

        Like a decision this must not run twice, so the job is finished in the same transaction.
        """
        with self.services.database.read() as session:
            workspace_id = find_workspace(session, job.team).id
            channel = channel_of_slack(session, workspace_id, job.channel)
        if channel is None:
            return [reason_job(UNKNOWN, job)]
        say = self.slack.texts(job.user, texts_in(channel).language)
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            follow_ups = _decide(session, channel.id, job, say, now)
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups


def _decide(
    session: Session, channel_id: int, job: ReportClick, say: Texts, now: datetime
) -> list[BotJob]:
    channel, row = session.get_one(Channel, channel_id), find_follow_up(session, channel_id, job.ts)
    followed = None if row is None else followed_by(session, row)
    if row is None or followed is None or not followed.is_report:
        return [reason_job(UNKNOWN, job)]
    try:
        ensure_decider(channel, job.user)
    except NotAllowedError as error:
        return [refusal_job(error, job)]
    undoes = job.action == "uncount"
    states = (f"{job.ts} is a report", f"{job.ts} is not a report")
    if undoes == (row.undone_at is None):
        row.undone_by, row.undone_at = (job.user, now) if undoes else (None, None)
        values = states if undoes else states[::-1]
        record_change(session, channel, SETTING, values, by=job.user, now=now)
        session.flush()
    reply = report_reply(replace(followed, undone_by=row.undone_by), say)
    affected = jobs_about_issues(session, [row.item_id] if row.item_id else [], job.key)
    return [*affected, reply_job(reply, job)]


def followed_by(session: Session, row: FollowUp) -> Followed | None:
    """Return the ticket that a follow-up belongs to, as it is shown; None if there is none."""
    item = None if row.item_id is None else session.get(Item, row.item_id)
    if item is None or item.deleted_at is not None:
        return None
    is_over = is_solved(item.status, item.resolution)
    return Followed(
        ts=row.ts,
        title=headline(item.title, item.text),
        url=item.url,
        kind=FollowUpKind(row.kind),
        is_report=row.kind == FollowUpKind.SAME and row.author != item.author,
        undone_by=row.undone_by,
        open_id=None if is_over or row.author != item.author else item.id,
    )


def edit_of_follow_up(session: Session, workspace_id: int, job: EditedReply) -> list[BotJob]:
    """Store what an edited reply says of its thread's ticket now; return the jobs that follow."""
    channel = channel_of_slack(session, workspace_id, job.channel)
    if channel is None or job.thread_ts is None or job.user is None:
        return []
    content = SlackTicket(job.ts, job.thread_ts, job.user, job.text, job.revision, by_person=True)
    changed = _save(session, channel, content, classify_reply(content).follow_up)
    return jobs_about_issues(session, changed, job.key) if changed else []


def _save(
    session: Session, channel: Channel, content: SlackTicket, kind: FollowUpKind | None
) -> set[int]:
    """Store a reply as a follow-up, or as none; return the tickets with other reports now."""
    if channel.mode == "off" or channel.kind == "products":
        return set()
    item = content.item(str(channel.slack_id), channel_id=channel.id, team_url=None)
    fresh = [] if kind is None else [NewFollowUp(item, kind)]
    return save_follow_ups(session, fresh, [(channel.id, content.ts)], [])


def _failed_answers(
    session: Session, channel: Channel, job: FollowUpReply, now: datetime
) -> set[int]:
    """Record that an answer did not help if the ticket's author says so after it was used."""
    item = find_ticket(session, channel, job.thread_ts)
    if item is None or item.author != job.user:
        return set()
    solved = record_failure(session, item.id, by=job.user, since=sent_at(job.ts), now=now)
    return set() if solved is None else {solved}
