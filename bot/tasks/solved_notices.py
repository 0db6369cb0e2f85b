"""Telling: when an issue's first report is solved, every other report hears of it once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.resolution import render_told
from bot.i18n.texts import texts_in
from bot.jobs.follow_ups import jobs_about_issues
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import SolvedNoticeClick
from bot.jobs.update_kinds import RepostCheck, SolvedNotice, SolvedNoticeUpdate
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import mark_of
from bot.tasks.decide import refusal_job, take_decision
from bot.tasks.explanations import UNKNOWN
from bot.wiring import Services
from models import Channel, Item
from models.queries import LIVE
from services.channels.audience import readable_in
from services.channels.settings import SPEAKING, ensure_decider
from services.errors import NotAllowedError
from services.issues.groups import groups_of
from services.issues.outcomes import record_outcome
from services.issues.reposts import may_be_shown, source_of_post
from services.issues.resolutions import Solution, resolve, solution_of


@dataclass(frozen=True)
class Told:
    """A report in its channel, the solved first report of its issue, and the answer to that."""

    channel: Channel
    report: Item
    root: Item
    solution: Solution


@dataclass(frozen=True)
class SolvedNotices:
    """Tells reports that their issue is solved, and takes what people say to that."""

    services: Services
    slack: Slack

    def tell(self, job: SolvedNotice, lease: Lease, now: datetime) -> list[BotJob]:
        """Say in a report's thread that the issue is solved, once, where it may be said."""
        root_id, report_id = job.root_id, job.report_id
        with self.services.database.read() as session:
            told = _told(session, root_id, report_id)
        if told is None or told.channel.mode not in SPEAKING or told.channel.muted_at is not None:
            return []
        say = texts_in(told.channel)
        message = render_told((root_id, report_id), told.root, told.solution, None, say)
        thread_ts = str(told.report.head_ts)
        with suppress(GoneError):
            self.slack.post_once(str(told.channel.slack_id), thread_ts, message)
        return []

    def take(self, job: SolvedNoticeClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Store whether it works for a report, too, or parts it from its issue."""
        with self.services.database.write() as session:
            other_id = job.other_id
            told = None if other_id is None else _told(session, job.item_id, other_id)
            # A channel that two workspaces share has one id in both.
            if told is None or (told.channel.slack_id, told.channel.workspace_id) != (
                job.channel,
                lease.workspace_id,
            ):
                return [reason_job(UNKNOWN, job)]
            if not lease.finish(session, now):
                return []
            try:
                follow_ups = _answered(session, told, job, now)
                follow_ups.append(_update_job(told, job))
            except NotAllowedError as error:
                follow_ups = [refusal_job(error, job)]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def show(self, job: SolvedNoticeUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Make the message that told say what somebody answered to it."""
        with self.services.database.read() as session:
            root = session.get_one(Item, job.root_id)
            channel = session.get_one(Channel, job.channel_id)
            readable = select(Item.id).where(Item.id == root.id, LIVE, readable_in(channel))
            if session.scalar(readable) is None:
                return []
            solution = solution_of(session, root) or Solution()
        pair, said = (root.id, job.report_id), (job.said, job.by)
        message = render_told(pair, root, solution, said, texts_in(channel))
        try:
            thread = self.slack.find_in_thread(str(channel.slack_id), job.thread_ts, message.mark)
            if thread.our_ts is not None:
                self.slack.update(str(channel.slack_id), thread.our_ts, message)
        except GoneError:
            return []
        return []

    def check(self, job: RepostCheck, lease: Lease, _now: datetime) -> list[BotJob]:
        """Take back what was posted in a ticket's thread of answers that may not stand there."""
        with self.services.database.read() as session:
            row = session.execute(
                select(Item, Channel)
                .join(Channel, Channel.id == Item.channel_id)
                .where(Item.id == job.item_id, Channel.slack_id.is_not(None))
            ).one_or_none()
        if row is None or row.Item.head_ts is None:
            return []
        slack_id = str(row.Channel.slack_id)
        with suppress(GoneError):
            for message in list(self.slack.replies(slack_id, row.Item.head_ts)):
                solved = source_of_post(mark_of(message)) if message.get("bot_id") else None
                if solved is not None and not self._may_stand(row.Channel, solved):
                    self.slack.delete(slack_id, message["ts"])
        return []

    def _may_stand(self, channel: Channel, item_id: int) -> bool:
        with self.services.database.read() as session:
            return may_be_shown(session, channel, item_id)


def telling_jobs(session: Session, item: Item, cause: str) -> list[BotJob]:
    """Return the jobs that tell the other reports, where the item is its issue's first one."""
    group = groups_of(session, [item.id]).get(item.id)
    if group is None or group.root_id != item.id or not item.resolution:
        return []
    return [
        SolvedNotice(key=f"tell:{item.id}:{member}:{cause}", root_id=item.id, report_id=member)
        for member in group.members
        if member != item.id
    ]


def _told(session: Session, root_id: int, report_id: int) -> Told | None:
    """Return what a report is told, None where it may not be, or is of another issue by now."""
    row = session.execute(
        select(Item, Channel)
        .join(Channel, Channel.id == Item.channel_id)
        .where(Item.id == report_id, LIVE, Item.ts.is_not(None), Channel.slack_id.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    root = session.scalar(select(Item).where(Item.id == root_id, LIVE, readable_in(row.Channel)))
    group = groups_of(session, [report_id]).get(report_id)
    solution = None if root is None else solution_of(session, root)
    if root is None or solution is None or group is None or root_id not in group.members:
        return None
    return Told(row.Channel, row.Item, root, solution)


def _answered(session: Session, told: Told, job: SolvedNoticeClick, now: datetime) -> list[BotJob]:
    user = job.user
    ensure_decider(told.channel, user)
    works = job.action == "works"
    record_outcome(session, told.root, told.report.id, works, by=user, now=now)
    shown = jobs_about_issues(session, [told.root.id], job.key)
    if works:
        resolve(session, told.report, told.solution, by=user, now=now)
        return shown
    pair = told.root.id, told.report.id
    decided = take_decision(session, told.channel, pair, job, now, action="distinct")
    return list({one.key: one for one in (*shown, *decided)}.values())


def _update_job(told: Told, job: SolvedNoticeClick) -> SolvedNoticeUpdate:
    return SolvedNoticeUpdate(
        key=f"told_show:{job.key}",
        channel_id=told.channel.id,
        root_id=told.root.id,
        report_id=told.report.id,
        thread_ts=str(told.report.head_ts),
        said=job.action,
        by=job.user,
    )
