"""Messages become tickets, are judged, and are forgotten when they are deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.event_kinds import DeletedMessage, NewMessage
from bot.jobs.follow_ups import (
    answer_job,
    edited_reply_job,
    jobs_about_burst,
    jobs_about_hidden,
    jobs_about_issues,
    jobs_about_topics,
    jobs_after_ingest,
    judge_job,
    repost_jobs,
)
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs, unique_jobs
from bot.jobs.update_kinds import ItemJudgement
from bot.tasks.channel_sync import ChannelHint, ChannelSync
from bot.tasks.image_vectors import new_image_jobs
from bot.tasks.images import forget_unused, unread_jobs
from bot.tasks.incoming_messages import IncomingMessage, kept_messages
from bot.tasks.product_answers import offer_job
from bot.wiring import Services
from models import Channel
from models.queries import SLACK_SOURCE
from services.answers.answer_plan import plan_answers
from services.channels.settings import channel_of_slack
from services.intake.burst_plan import Changes
from services.intake.classify import ChannelRules
from services.intake.image_texts import delete_image_texts, image_texts
from services.intake.nearby_messages import stored_messages
from services.intake.overrides import current_overrides, delete_overrides, kinds_of
from services.intake.senders import Sender, record_senders, unseen
from services.intake.slack_messages import external_id, find_ticket
from services.issues.resolutions import forget_solution
from services.judgement.duplicates import JudgedItem
from services.memory import density
from services.memory.new_items import NewItem
from services.memory.workspaces import find_workspace
from services.topics.posts import record_deleted


@dataclass(frozen=True)
class Ingest:
    """Stores the messages of a workspace as tickets, judges them and forgets deleted ones."""

    services: Services
    channels: ChannelSync

    def store(self, jobs: Sequence[NewMessage], now: datetime) -> list[BotJob]:
        """Store new and edited messages, then judge their tickets."""
        workspace, channels = self.channels.ensure_channels([_hint(job) for job in jobs], now)
        self._record_senders(jobs, channels)
        rules = self._rules(jobs, channels)
        messages = [
            IncomingMessage.of(job, workspace, channels[job.channel], rules[job.channel])
            for job in jobs
        ]
        kept = kept_messages(
            messages, lambda one: self._is_stored(channels[one.job.channel], one.item)
        )
        others = [one for one in messages if one not in kept]
        offers = [
            offer_job(one.job, channels[one.job.channel], one.item, one.found) for one in messages
        ]
        follow_ups: list[BotJob] = [job for job in offers if job is not None]
        if kept or any(one.may_change_what_is_stored for one in others):
            follow_ups += self._store_tickets(workspace.id, kept, others, now)
        # A bot's message that is no ticket may be the answer to one.
        edited = [one.job for one in others if one.job.by_bot and one.job.revision]
        forget_unused(self.services.database, jobs, channels)
        pictured = [one.job for one in messages if one.found.pictures_may_add]
        unread = unread_jobs(self.services.database, pictured, channels)
        embedded = new_image_jobs(self.services, [one.job for one in messages])
        return [*follow_ups, *map(edited_reply_job, edited), *unread, *embedded]

    def _record_senders(self, jobs: Sequence[NewMessage], channels: Mapping[str, Channel]) -> None:
        """Store which bots and forms post in the channels where Déjà is on."""
        seen: dict[str, set[Sender]] = defaultdict(set)
        for job in jobs:
            if job.sender is not None and channels[job.channel].mode != "off":
                seen[job.channel].add(job.sender)
        if not seen:
            return
        with self.services.database.read() as session:
            new = {id_: unseen(session, channels[id_], them) for id_, them in seen.items()}
        if any(new.values()):
            with self.services.database.write() as session:
                for slack_id, senders in new.items():
                    record_senders(session, channels[slack_id], senders)

    def _rules(
        self, jobs: Sequence[NewMessage], channels: Mapping[str, Channel]
    ) -> dict[str, ChannelRules]:
        """Return the rules of the channels, as far as they are about these messages."""
        of_channels: dict[str, list[NewMessage]] = defaultdict(list)
        for job in jobs:
            of_channels[job.channel].append(job)
        with self.services.database.read() as session:
            return {
                slack_id: _rules_of(session, channels[slack_id], own)
                for slack_id, own in of_channels.items()
            }

    def _store_tickets(
        self,
        workspace_id: int,
        messages: Sequence[IncomingMessage],
        others: Sequence[IncomingMessage],
        now: datetime,
    ) -> list[BotJob]:
        result = self.services.ingest.store(
            workspace_id,
            [one.item for one in messages],
            now,
            dropped=[one.item for one in others if one.may_be_stored],
            follow_ups=[one.follow_up for one in others if one.follow_up],
        )
        stored = [
            (saved.item_id, one.job)
            for saved, one in zip(result.saved, messages, strict=True)
            if saved.outcome != "outdated"
        ]
        own = {item_id: job.key for item_id, job in stored}
        # Other tickets that the messages change are judged for the first of them.
        cause = [*messages, *others][0].job.key
        causes = dict.fromkeys(result.tickets, cause) | own
        judged, follow_ups = self._judge(causes, now)
        follow_ups += _rejudge_jobs(judged, causes)
        follow_ups += [
            one.late_ticket
            for saved, one in zip(result.saved, messages, strict=True)
            if one.is_late_ticket(saved.outcome)
        ]
        overridden = [item_id for item_id, job in stored if job.kind_in_any_channel is not None]
        with self.services.database.read() as session:
            follow_ups += jobs_after_ingest(session, workspace_id, result, stored, causes)
            changed = [*result.dropped, *overridden]
            if changed:
                follow_ups += jobs_about_hidden(session, changed, cause)
                follow_ups += jobs_about_topics(session, workspace_id, changed, cause)
            if result.recounted:
                follow_ups += jobs_about_issues(session, result.recounted, cause)
        return unique_jobs(follow_ups)

    def _is_stored(self, channel: Channel, item: NewItem) -> bool:
        with self.services.database.read() as session:
            return find_ticket(session, channel, str(item.ts)) is not None

    def judge(self, jobs: Sequence[ItemJudgement], now: datetime) -> list[BotJob]:
        """Judge items again after an earlier one was edited or arrived late.

        Their own text is the same as before, so no other item needs to be judged for them.
        """
        _, follow_ups = self._judge({job.item_id: job.key for job in jobs}, now)
        return follow_ups

    def _judge(
        self, causes: dict[int, str], now: datetime
    ) -> tuple[list[JudgedItem], list[BotJob]]:
        """Judge items; return that with the jobs that show their answers, for each its cause."""
        judged = self.services.duplicates.judge_items(list(causes))
        fingerprint = self.services.embedder.fingerprint
        with self.services.database.write() as session:
            answered = plan_answers(session, judged, now)
            density.save_density(session, fingerprint, {one.item_id: one.nearest for one in judged})
        return judged, [answer_job(item_id, causes[item_id]) for item_id in answered]

    def forget(self, job: DeletedMessage, lease: Lease, now: datetime) -> list[BotJob]:
        """Forget a deleted message and what it solved, and update the answers that show it.

        The other messages of its ticket stay. The jobs that follow are stored in the same
        transaction: a second try would not find the message, nor the ticket it was part of.
        """
        key = (SLACK_SOURCE, external_id(job.channel, job.ts))
        with self.services.database.read() as session:
            workspace = find_workspace(session, job.team)
        prepared = self.services.ingest.prepare(workspace.id, Changes(gone=frozenset({key})))
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            # Looked up first: where its solution was posted is not known once that is forgotten.
            items = [item.id for item, _ in stored_messages(session, workspace.id, [key]).values()]
            reposts = repost_jobs(session, items, job.key)
            record_deleted(session, workspace.id, job.channel, job.ts)
            channel = channel_of_slack(session, workspace.id, job.channel)
            if channel is not None:
                delete_overrides(session, channel, job.ts)
                delete_image_texts(session, channel.id, job.ts)
            result = self.services.ingest.save(session, prepared, now)
            solved = forget_solution(session, workspace.id, job.ts, now)
            changed = [*result.gone, *result.tickets, *result.hidden, *solved]
            follow_ups = unique_jobs(
                [
                    *reposts,
                    *jobs_about_hidden(session, changed, job.key),
                    *jobs_about_burst(session, result, job.key),
                    *jobs_about_topics(session, workspace.id, changed, job.key),
                ]
            )
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups


def _rejudge_jobs(judged: Iterable[JudgedItem], causes: Mapping[int, str]) -> list[ItemJudgement]:
    """Return the jobs that judge later items again, each for the item that came before it."""
    return [
        judge_job(later, causes[one.item_id])
        for one in judged
        for later in one.overtaken
        if later not in causes
    ]


def _rules_of(session: Session, channel: Channel, jobs: Sequence[NewMessage]) -> ChannelRules:
    """Return a channel's rules with the overrides of messages, and what their pictures say."""
    overrides = current_overrides(session, channel.id, [job.ts for job in jobs])
    images = {one.id for job in jobs for one in job.images}
    return ChannelRules.of(channel, kinds_of(overrides), image_texts(session, channel, images))


def _hint(job: NewMessage) -> ChannelHint:
    return ChannelHint(job.channel, job.private, job.shared, job.ts)
