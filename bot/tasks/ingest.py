"""Messages become tickets, are judged, and are forgotten when they are deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.jobs.event_kinds import DeletedMessage, NewMessage
from bot.jobs.follow_ups import (
    answer_job,
    jobs_about_burst,
    jobs_about_hidden,
    jobs_about_topics,
    jobs_after,
    judge_job,
    posted_jobs,
)
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.update_kinds import ItemJudgement
from bot.tasks.channel_sync import ChannelHint, ChannelSync
from bot.tasks.product_answers import offer_job
from bot.wiring import Services
from models import Channel, Workspace
from services.answers.answer_plan import plan_answers
from services.intake.burst_plan import Changes, stored_messages
from services.intake.classify import ChannelRules, Classification, classify_content
from services.intake.slack_messages import SLACK_SOURCE, external_id, find_ticket
from services.issues.resolutions import forget_solution
from services.judgement.duplicates import Judged
from services.memory import density
from services.memory.items import NewItem
from services.memory.workspaces import find_workspace
from services.topics.posts import record_deleted


@dataclass(frozen=True)
class Ingest:
    """Takes in the messages of a workspace, many at a time."""

    services: Services
    channels: ChannelSync

    def remember(self, jobs: Sequence[NewMessage], now: datetime) -> list[BotJob]:
        """Store new and changed messages, then judge them."""
        workspace, channels = self.channels.ensure_channels([_hint(job) for job in jobs], now)
        heard = [
            (job, _new_item(job, workspace, channels[job.channel]), _classified(job, channels))
            for job in jobs
        ]
        tickets = {item.key for _, item, found in heard if found.ticket is not None}
        # What is a ticket already follows its edits, whatever they leave of it.
        kept = [
            (job, item)
            for job, item, _ in heard
            if item.key in tickets or self._is_stored(channels[job.channel], item)
        ]
        offers = [offer_job(job, channels[job.channel], item, found) for job, item, found in heard]
        offered: list[BotJob] = [job for job in offers if job is not None]
        if not kept:
            return offered
        items = [item for _, item in kept]
        remembered = self.services.ingest.store(workspace.id, items, now)
        stored = [
            (one.item_id, job)
            for one, (job, _) in zip(remembered.saved, kept, strict=True)
            if one.outcome != "outdated"
        ]
        own = {item_id: job.key for item_id, job in stored}
        causes = dict.fromkeys(remembered.tickets, kept[0][0].key) | own
        judged, follow_ups = self._judge(causes, now)
        follow_ups += [
            judge_job(later, causes[one.item_id])
            for one in judged
            for later in one.overtaken
            if later not in causes
        ]
        with self.services.database.read() as session:
            return (
                offered + follow_ups + jobs_after(session, workspace.id, remembered, stored, causes)
            )

    def _is_stored(self, channel: Channel, item: NewItem) -> bool:
        with self.services.database.read() as session:
            return find_ticket(session, channel, str(item.ts)) is not None

    def judge(self, jobs: Sequence[ItemJudgement], now: datetime) -> list[BotJob]:
        """Judge items again, because an earlier one was edited or came after them.

        They have not changed themselves, so nothing else is to be judged on their account.
        """
        _, follow_ups = self._judge({job.item_id: job.key for job in jobs}, now)
        return follow_ups

    def _judge(self, causes: dict[int, str], now: datetime) -> tuple[list[Judged], list[BotJob]]:
        judged = self.services.duplicates.judge_items(list(causes))
        fingerprint = self.services.embedder.fingerprint
        with self.services.database.write() as session:
            density.save_density(session, fingerprint, {one.item_id: one.nearest for one in judged})
            answered = plan_answers(session, judged, now)
        return judged, [answer_job(item_id, causes[item_id]) for item_id in answered]

    def forget(self, job: DeletedMessage, lease: Lease, now: datetime) -> list[BotJob]:
        """Forget a deleted message and what it solved; answers that show it are shown anew.

        What else its ticket said stays. All that follows is stored with it: a second try would
        find the message gone, and not know what else had been of its ticket.
        """
        key = (SLACK_SOURCE, external_id(job.channel, job.ts))
        with self.services.database.read() as session:
            workspace = find_workspace(session, job.team)
        ready = self.services.ingest.prepare(workspace.id, Changes(gone=frozenset({key})))
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            # What solved it is forgotten with it, and so would be where that was posted.
            known = [item.id for item, _ in stored_messages(session, workspace.id, [key]).values()]
            posted = posted_jobs(session, known, job.key)
            record_deleted(session, workspace.id, job.channel, job.ts)
            remembered = self.services.ingest.save(session, ready, now)
            answered = forget_solution(session, workspace.id, job.ts, now)
            # What was said of it may be said of another part of its ticket now.
            about = [*remembered.gone, *remembered.tickets, *remembered.hidden, *answered]
            follow_ups = [
                *posted,
                *jobs_about_hidden(session, about, job.key),
                *jobs_about_burst(session, remembered, job.key),
                *jobs_about_topics(session, workspace.id, about, job.key),
            ]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups


def _hint(job: NewMessage) -> ChannelHint:
    return ChannelHint(job.channel, job.private, job.shared, job.ts)


def _classified(job: NewMessage, channels: dict[str, Channel]) -> Classification:
    return classify_content(job.ticket, ChannelRules.of(channels[job.channel]))


def _new_item(job: NewMessage, workspace: Workspace, channel: Channel) -> NewItem:
    return job.ticket.item(job.channel, channel_id=channel.id, team_url=workspace.url)
