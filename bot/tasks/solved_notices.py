"""Notices of solved issues: each other report gets one when an issue's first report is solved."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.resolution import render_notice, render_used_answer
from bot.i18n.texts import texts_in
from bot.jobs.follow_ups import jobs_about_issues, repost_job
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs, unique_jobs
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import SolvedNoticeClick
from bot.jobs.update_kinds import RepostCheck, SolvedNotice, SolvedNoticeUpdate
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message, mark_of
from bot.tasks.decide import refusal_job, take_decision
from bot.tasks.explanations import UNKNOWN
from bot.wiring import Services
from models import Channel, Item
from models.queries import LIVE
from services.channels.audience import readable_in
from services.channels.settings import SPEAKING, ensure_decider
from services.errors import NotAllowedError, NotNeededError
from services.issues.groups import PairIds, groups_of
from services.issues.outcomes import outcome_of, record_outcome
from services.issues.reposts import (
    may_be_shown,
    pair_of_notice,
    pair_of_use,
    source_of_post,
    user_of_answer,
)
from services.issues.resolutions import Solution, resolve, solution_of


@dataclass(frozen=True)
class Notice:
    """A report in its channel, the solved first report of its issue, and what solved it."""

    channel: Channel
    report: Item
    root: Item
    solution: Solution


@dataclass(frozen=True)
class SolvedNotices:
    """Posts notices of solved issues, and takes the replies to them."""

    services: Services
    slack: Slack

    def post(self, job: SolvedNotice, lease: Lease, now: datetime) -> list[BotJob]:
        """Post once in a report's thread that its issue is solved, if its readers may know that."""
        root_id, report_id = job.root_id, job.report_id
        with self.services.database.read() as session:
            notice = _notice(session, root_id, report_id)
        if notice is None:
            raise NotNeededError("the ticket or its answer is gone, or may not be shown here")
        if notice.channel.muted_at is not None:
            raise NotNeededError("the channel is muted")
        if notice.channel.mode not in SPEAKING:
            raise NotNeededError("answers are off in the channel")
        say = texts_in(notice.channel)
        message = render_notice((root_id, report_id), notice.root, notice.solution, None, say)
        thread_ts = str(notice.report.head_ts)
        with suppress(GoneError):
            self.slack.post_once(str(notice.channel.slack_id), thread_ts, message)
        return []

    def take_click(self, job: SolvedNoticeClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Store whether the answer works for a report; if not, the report leaves the issue."""
        with self.services.database.write() as session:
            other_id = job.other_id
            notice = None if other_id is None else _notice(session, job.item_id, other_id)
            # A channel that two workspaces share has the same id in both.
            if notice is None or (notice.channel.slack_id, notice.channel.workspace_id) != (
                job.channel,
                lease.workspace_id,
            ):
                return [reason_job(UNKNOWN, job)]
            if not lease.finish(session, now):
                return []
            try:
                follow_ups = _take_feedback(session, notice, job, now)
            except NotAllowedError as error:
                follow_ups = [refusal_job(error, job)]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def update(self, job: SolvedNoticeUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Show in a notice which of its buttons somebody pressed."""
        return self.check(RepostCheck(key=job.key, item_id=job.report_id), lease, now)

    def check(self, job: RepostCheck, lease: Lease, now: datetime) -> list[BotJob]:
        """Bring the answers posted in a ticket's thread up to date.

        Those that its readers may no longer see are deleted, and notices that a report is solved
        which is of no such issue any more; those that were edited are shown so.
        """
        with self.services.database.read() as session:
            row = session.execute(
                select(Item, Channel)
                .join(Channel, Channel.id == Item.channel_id)
                .where(Item.id == job.item_id, Channel.slack_id.is_not(None))
            ).one_or_none()
        if row is None or row.Item.head_ts is None:
            return []
        channel = row.Channel
        slack_id = str(channel.slack_id)
        with suppress(GoneError):
            for message in list(self.slack.replies(slack_id, row.Item.head_ts)):
                solved = source_of_post(mark_of(message)) if message.get("bot_id") else None
                if solved is None:
                    continue
                told, used = pair_of_notice(mark_of(message)), pair_of_use(mark_of(message))
                if not self._may_stay(channel, solved, told):
                    self.slack.delete(slack_id, message["ts"])
                    continue
                shown = self._current_notice(channel, told) or self._used_answer(channel, used)
                if shown is not None and _texts(shown.blocks) != _texts(message.get("blocks")):
                    self.slack.update(slack_id, message["ts"], shown)
        return []

    def _used_answer(self, channel: Channel, pair: PairIds | None) -> Message | None:
        """Return what the post of an answer that somebody used should show now."""
        if pair is None:
            return None
        with self.services.database.read() as session:
            solved = session.get(Item, pair[1])
            solution = None if solved is None else solution_of(session, solved)
            by = user_of_answer(session, pair)
        if solved is None or solution is None or by is None:
            return None
        return render_used_answer(pair, solved, solution, texts_in(channel), by=by)

    def _current_notice(self, channel: Channel, pair: PairIds | None) -> Message | None:
        """Return what a notice should show now: its buttons, or which one somebody pressed."""
        if pair is None:
            return None
        with self.services.database.read() as session:
            root = session.get(Item, pair[0])
            solution = None if root is None else solution_of(session, root)
            feedback = _feedback(session, pair)
        if root is None or solution is None:
            return None
        return render_notice(pair, root, solution, feedback, texts_in(channel))

    def _may_stay(self, channel: Channel, item_id: int, told: PairIds | None) -> bool:
        """Say whether a post of a ticket's answer, or the notice to a report, may stay."""
        with self.services.database.read() as session:
            is_over = told is not None and _is_over(session, told)
            return not is_over and may_be_shown(session, channel, item_id)


def _texts(blocks: Sequence[dict[str, Any]] | None) -> list[str]:
    """Return what the sections and notes of a message say, and its buttons, in order."""
    found = [
        text
        for block in blocks or []
        for text in (block.get("text"), *(block.get("elements") or ()))
        if text
    ]
    return [str(one.get("value") or one.get("text")) for one in found]


def _are_together(session: Session, pair: PairIds) -> bool:
    """Say whether two tickets are reports of one issue."""
    group = groups_of(session, [pair[1]]).get(pair[1])
    return group is not None and pair[0] in group.members


def _is_over(session: Session, pair: PairIds) -> bool:
    """Say whether a notice is about an issue that its report left without *Still broken*."""
    return not _are_together(session, pair) and outcome_of(session, pair) is None


def _feedback(session: Session, pair: PairIds) -> tuple[str, str] | None:
    """Return which button of a notice holds, and who pressed it.

    *Still broken* holds as long as the report is of another issue.
    """
    said = outcome_of(session, pair)
    if said is None:
        return None
    works, by = said
    if works:
        return "works", by
    return None if _are_together(session, pair) else ("broken", by)


def notice_jobs(session: Session, item: Item, cause: str) -> list[BotJob]:
    """Return the jobs that notify the other reports, if the item is the first of its issue."""
    group = groups_of(session, [item.id]).get(item.id)
    if group is None or group.root_id != item.id or not item.resolution:
        return []
    return [
        SolvedNotice(key=f"tell:{item.id}:{member}:{cause}", root_id=item.id, report_id=member)
        for member in group.members
        if member != item.id
    ]


def _notice(session: Session, root_id: int, report_id: int) -> Notice | None:
    """Return the notice for a report; None if its readers may not see it or it left the issue."""
    row = session.execute(
        select(Item, Channel)
        .join(Channel, Channel.id == Item.channel_id)
        .where(Item.id == report_id, LIVE, Item.ts.is_not(None), Channel.slack_id.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    root = session.scalar(select(Item).where(Item.id == root_id, LIVE, readable_in(row.Channel)))
    solution = None if root is None else solution_of(session, root)
    if root is None or solution is None or not _are_together(session, (root_id, report_id)):
        return None
    return Notice(row.Channel, row.Item, root, solution)


def _take_feedback(
    session: Session, notice: Notice, job: SolvedNoticeClick, now: datetime
) -> list[BotJob]:
    """Store whether an answer works for a report; return the jobs that update what it changes."""
    user = job.user
    ensure_decider(notice.channel, user)
    works = job.action == "works"
    record_outcome(session, notice.root, notice.report.id, works, by=user, now=now)
    updates = jobs_about_issues(session, [notice.root.id], job.key)
    if works:
        resolve(session, notice.report, notice.solution, by=user, now=now)
    else:
        pair = notice.root.id, notice.report.id
        updates += take_decision(session, notice.channel, pair, job, now, action="distinct")
    return unique_jobs([*updates, repost_job(notice.report.id, job.key)])
