"""What each kind of job does: call a service, make Slack follow. A task may run twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.blocks.thread_answer import mark, message_hash, render_answer
from bot.i18n.texts import Texts
from bot.jobs.follow_ups import (
    answer_job,
    jobs_about_burst,
    jobs_about_hidden,
    jobs_about_topics,
    jobs_after,
    judge_job,
    posted_jobs,
)
from bot.jobs.from_events import ticket_of
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity
from bot.slack.tokens import Tokens
from bot.tasks.answer_buttons import AnswerButtons
from bot.tasks.backfill import Backfill
from bot.tasks.burst_buttons import BurstButtons
from bot.tasks.channel_setup import ChannelSetup
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.conversation import Conversation
from bot.tasks.digests import Digests
from bot.tasks.home_tab import HomeTab
from bot.tasks.inspect_message import InspectMessage
from bot.tasks.mark_duplicate import MarkDuplicate
from bot.tasks.product_answers import ProductAnswers, offer_job
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.resolutions import FailureReplies, Resolutions
from bot.tasks.solved_notices import SolvedNotices
from bot.tasks.topic_alerts import TopicAlerts
from bot.tasks.topic_forms import TopicForms
from bot.tasks.topic_runs import TopicRuns
from bot.tasks.topic_summaries import TopicSummaries
from bot.wiring import Services
from models import Channel, Item, Workspace
from services.answers.answer_plan import plan_answers
from services.answers.thread_answers import (
    AnswerView,
    clear_shown,
    lease_answer,
    release_answer,
    save_shown,
    save_silent,
)
from services.errors import NotEnoughVerdictsError
from services.intake.burst_plan import Changes, stored_messages
from services.intake.classify import ChannelRules, Classification, classify_content
from services.intake.slack_messages import SLACK_SOURCE, external_id, find_ticket
from services.issues.resolutions import forget_solution
from services.judgement.duplicates import Judged
from services.memory import density
from services.memory.items import NewItem
from services.memory.workspaces import find_workspace
from services.queue import ClaimedJob, NewJob, enqueue, finish
from services.topics.posts import record_deleted

logger = logging.getLogger(__name__)

Task = Callable[[ClaimedJob, datetime], list[NewJob]]
Handler = Callable[[Sequence[ClaimedJob], datetime], list[NewJob]]


@dataclass(frozen=True)
class Tasks:
    """The work of one workspace. A task returns the jobs that follow from it."""

    services: Services
    slack: Slack
    me: BotIdentity
    tokens: Tokens

    @property
    def places(self) -> ChannelSync:
        """The workspace's channels."""
        return ChannelSync(
            self.services.database, self.slack, self.me, self.services.settings.default_mode
        )

    @property
    def patient_places(self) -> ChannelSync:
        """The same for a look at all channels, which goes on where Slack limits the rate."""
        return replace(self.places, slack=self.slack.retrying_rate_limits())

    @property
    def readers(self) -> RequesterAccess:
        """Who reads what one person alone is told."""
        return RequesterAccess(self.services.database, self.slack, self.me)

    @property
    def marking(self) -> MarkDuplicate:
        """What searches for a form, and stores what is chosen in it."""
        return MarkDuplicate(self.services, self.places, self.readers)

    @property
    def resolving(self) -> Resolutions:
        """What keeps answers."""
        return Resolutions(self.services, self.slack, self.places, self.readers)

    @property
    def asking(self) -> Conversation:
        """What answers people."""
        return Conversation(self.services, self.slack, self.places, self.readers, self.resolving)

    @property
    def digests(self) -> Digests:
        """What asks for verdicts once a week."""
        return Digests(self.services, self.slack)

    @property
    def telling(self) -> SolvedNotices:
        """What tells other reports of an answer."""
        return SolvedNotices(self.services, self.slack)

    @property
    def inspecting(self) -> InspectMessage:
        """What says of a message what was made of it."""
        return InspectMessage(self.services, self.places, self.readers)

    @property
    def grouping(self) -> TopicRuns:
        """What groups tickets into topics."""
        return TopicRuns(self.services, self.places, self.readers, self.summaries)

    @property
    def summaries(self) -> TopicSummaries:
        """What keeps the summaries of topics to what may be said."""
        return TopicSummaries(self.services, self.slack)

    @property
    def curating(self) -> TopicForms:
        """What people do to a topic."""
        return TopicForms(self.services, self.slack, self.places, self.readers)

    @property
    def alerting(self) -> TopicAlerts:
        """What tells of topics that rise."""
        return TopicAlerts(self.services, self.slack)

    @property
    def configuring(self) -> ChannelSetup:
        """What sets channels up."""
        return ChannelSetup(self.services, self.slack, self.places, self.readers)

    def remember(self, jobs: Sequence[ClaimedJob], now: datetime) -> list[NewJob]:
        """Store new and changed messages, then judge them."""
        workspace, channels = self.places.ensure_channels([job.payload for job in jobs], now)
        heard = [
            (job, _new_item(job.payload, workspace, channels), _classified(job.payload, channels))
            for job in jobs
        ]
        tickets = {item.key for _, item, found in heard if found.ticket is not None}
        # What is a ticket already follows its edits, whatever they leave of it.
        kept = [
            (job, item)
            for job, item, _ in heard
            if item.key in tickets or self._is_stored(channels[job.payload["channel"]], item)
        ]
        offers = [
            offer_job(job, channels[job.payload["channel"]], item, found)
            for job, item, found in heard
        ]
        offered = [job for job in offers if job is not None]
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
            return offered + follow_ups + jobs_after(session, remembered, stored, causes)

    def _is_stored(self, channel: Channel, item: NewItem) -> bool:
        with self.services.database.read() as session:
            return find_ticket(session, channel, str(item.ts)) is not None

    def judge(self, jobs: Sequence[ClaimedJob], now: datetime) -> list[NewJob]:
        """Judge items again, because an earlier one was edited or came after them.

        They have not changed themselves, so nothing else is to be judged on their account.
        """
        _, follow_ups = self._judge({job.payload["item_id"]: job.key for job in jobs}, now)
        return follow_ups

    def _judge(self, causes: dict[int, str], now: datetime) -> tuple[list[Judged], list[NewJob]]:
        judged = self.services.duplicates.judge_items(list(causes))
        fingerprint = self.services.embedder.fingerprint
        with self.services.database.write() as session:
            density.save_density(session, fingerprint, {one.item_id: one.nearest for one in judged})
            answered = plan_answers(session, judged, now)
        return judged, [answer_job(item_id, causes[item_id]) for item_id in answered]

    def forget(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Forget a deleted message and what it solved; answers that show it are shown anew.

        What else its ticket said stays. All that follows is stored with it: a second try would
        find the message gone, and not know what else had been of its ticket.
        """
        payload = job.payload
        key = (SLACK_SOURCE, external_id(payload["channel"], payload["ts"]))
        with self.services.database.read() as session:
            workspace = find_workspace(session, payload["team"])
        ready = self.services.ingest.prepare(workspace.id, Changes(gone=frozenset({key})))
        with self.services.database.write() as session:
            if not finish(session, [job.id], job.owner, now):
                return []
            # What solved it is forgotten with it, and so would be where that was posted.
            known = [item.id for item, _ in stored_messages(session, workspace.id, [key]).values()]
            posted = posted_jobs(session, known, job.key)
            record_deleted(session, workspace.id, payload["channel"], payload["ts"])
            remembered = self.services.ingest.save(session, ready, now)
            answered = forget_solution(session, workspace.id, payload["ts"], now)
            # What was said of it may be said of another part of its ticket now.
            about = [*remembered.gone, *remembered.tickets, *remembered.hidden, *answered]
            follow_ups = [
                *posted,
                *jobs_about_hidden(session, about, job.key),
                *jobs_about_burst(session, remembered, job.key),
                *jobs_about_topics(session, workspace.id, about, job.key),
            ]
            enqueue(session, job.workspace_id, follow_ups, now)
        return follow_ups

    def show_answer(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Make the thread in Slack show what the answer on an item says now."""
        item_id = job.payload["item_id"]
        view = lease_answer(self.services.database, item_id, now)
        if view is None:
            return []
        try:
            self._show(view)
        except BaseException:
            release_answer(self.services.database, view.answer_id)
            raise
        return []

    def _show(self, view: AnswerView) -> None:
        with self.services.database.read() as session:
            seen_at = session.get_one(Item, view.item_id).created_at
        message_ts = view.message_ts
        if message_ts is None:
            self.slack.pacer.reserve_slot(view.channel, mark(view.item_id))
            thread = self.slack.look_at_thread(view.channel, view.thread_ts, mark(view.item_id))
            message_ts = thread.our_ts
            if message_ts is None and (view.muted_by is not None or not thread.exists):
                save_silent(self.services.database, view)
                return
        if not view.shown:
            if message_ts is not None:
                clear_shown(self.services.database, view.answer_id)
                self.slack.delete(view.channel, message_ts)
            save_silent(self.services.database, view)
            return
        message = render_answer(view, seen_at, Texts(view.language))
        shown_hash = message_hash(message)
        try:
            if message_ts is None:
                message_ts = self.slack.post(view.channel, view.thread_ts, message)
            elif shown_hash != view.shown_hash:
                self.slack.update(view.channel, message_ts, message)
        except GoneError:
            save_silent(self.services.database, view)
            return
        save_shown(
            self.services.database, view.answer_id, message_ts=message_ts, shown_hash=shown_hash
        )

    def calibrate(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Learn from the verdicts so far, if nobody did so since the job was put in."""
        workspace_id, kind = job.payload["workspace_id"], job.payload["kind"]
        if self.services.calibrator.is_due(workspace_id, kind):
            try:
                self.services.calibrator.fit(workspace_id, kind, by="deja", now=now)
            except NotEnoughVerdictsError as error:
                logger.info("nothing was learned: %s", error)
        return []

    def follow_channel(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Follow what became of a channel: who reads it now decides what is named where."""
        follow = self.places.close if job.payload["closes"] else self.places.look_again
        follow(job.payload["channel"], now)
        return []

    def note_joined(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Note who has joined a channel: they may be a guest."""
        self.places.joined(job.payload["channel"], job.payload["user"], now)
        return []

    def note_guest(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Look anew which channels guests read, where somebody has become one."""
        if self.slack.guests.note(job.payload["user"]):
            self.patient_places.look_for_guests(now)
        return []

    def look_for_guests(self, _job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Look up which channels guests read."""
        self.patient_places.look_for_guests(now)
        return []

    def rotate(self, _job: ClaimedJob, _now: datetime) -> list[NewJob]:
        """Fetch a new token before the old one ends."""
        self.tokens.rotate(self.me.team_id)
        return []

    def sweep(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Fetch what was said in the bot's channels while nobody listened."""
        self.patient_places.sweep(now)
        return []


# Kinds of jobs that the same threads run, and how each is run in a workspace.
HandlerGroup = Mapping[str, Callable[[Tasks], Handler]]


def each(task: Task) -> Handler:
    """Return the handler that runs a task for one job after the other."""

    def run(jobs: Sequence[ClaimedJob], now: datetime) -> list[NewJob]:
        return [follow_up for job in jobs for follow_up in task(job, now)]

    return run


def _singly(task_of: Callable[[Tasks], Task]) -> Callable[[Tasks], Handler]:
    return lambda tasks: each(task_of(tasks))


# The kinds whose jobs are run together: what is embedded and searched as one.
BATCHED: HandlerGroup = {
    "message": lambda tasks: tasks.remember,
    "judge": lambda tasks: tasks.judge,
}

# The kinds that wait for Slack, each job by itself.
SINGLE: HandlerGroup = {
    "deletion": _singly(lambda tasks: tasks.forget),
    "answer": _singly(lambda tasks: tasks.show_answer),
    "click": _singly(
        lambda tasks: AnswerButtons(tasks.services, tasks.slack, tasks.resolving).take
    ),
    "command": _singly(lambda tasks: tasks.asking.answer_command),
    "share": _singly(lambda tasks: tasks.asking.share),
    "greet": _singly(lambda tasks: tasks.asking.greet),
    "mention": _singly(lambda tasks: tasks.asking.answer_mention),
    "whisper": _singly(lambda tasks: tasks.asking.whisper),
    "calibrate": _singly(lambda tasks: tasks.calibrate),
    "sweep": _singly(lambda tasks: tasks.sweep),
    "channel": _singly(lambda tasks: tasks.follow_channel),
    "joined": _singly(lambda tasks: tasks.note_joined),
    "guest": _singly(lambda tasks: tasks.note_guest),
    "guests": _singly(lambda tasks: tasks.look_for_guests),
    "rotate": _singly(lambda tasks: tasks.rotate),
    "backfill": _singly(
        lambda tasks: Backfill(tasks.services, tasks.slack.retrying_rate_limits(), tasks.me).read
    ),
    "digest": _singly(lambda tasks: tasks.digests.ask),
    "digest_show": _singly(lambda tasks: tasks.digests.show),
    "digest_click": _singly(lambda tasks: tasks.digests.take),
    "offer": _singly(lambda tasks: ProductAnswers(tasks.services, tasks.slack, tasks.places).offer),
    "correct": _singly(lambda tasks: tasks.resolving.correct),
    "failed": _singly(lambda tasks: FailureReplies(tasks.services).note),
    "resolve": _singly(lambda tasks: tasks.resolving.mark),
    "solved": _singly(lambda tasks: tasks.resolving.say),
    "deja_inspect": _singly(lambda tasks: tasks.inspecting.inspect),
    "deja_similar": _singly(lambda tasks: tasks.inspecting.similar),
    "home": _singly(lambda tasks: HomeTab(tasks.services, tasks.slack, tasks.readers).publish),
    "mark": _singly(lambda tasks: tasks.marking.mark),
    "tell": _singly(lambda tasks: tasks.telling.tell),
    "posted": _singly(lambda tasks: tasks.telling.check),
    "told_click": _singly(lambda tasks: tasks.telling.take),
    "told_show": _singly(lambda tasks: tasks.telling.show),
    "setup_ask": _singly(lambda tasks: tasks.configuring.ask),
    "setup_choose": _singly(lambda tasks: tasks.configuring.choose),
    "setup_open": _singly(lambda tasks: tasks.configuring.open),
    "setup_save": _singly(lambda tasks: tasks.configuring.save),
    "setup_show": _singly(lambda tasks: tasks.configuring.show),
    "cluster": _singly(lambda tasks: tasks.grouping.group),
    "topic_open": _singly(lambda tasks: tasks.curating.open),
    "topic_rename": _singly(lambda tasks: tasks.curating.rename),
    "topic_hide": _singly(lambda tasks: tasks.curating.hide),
    "topic_unhide": _singly(lambda tasks: tasks.curating.unhide),
    "topic_share": _singly(lambda tasks: tasks.curating.share),
    "topics_show": _singly(lambda tasks: tasks.summaries.show),
    "topics_picture": _singly(lambda tasks: tasks.summaries.picture),
    "topics_check": _singly(lambda tasks: tasks.summaries.check),
    "alert_show": _singly(lambda tasks: tasks.alerting.show),
    "alerts_check": _singly(lambda tasks: tasks.alerting.check),
    "topics_daily": _singly(lambda tasks: tasks.alerting.group),
    "topic_alerts": _singly(lambda tasks: tasks.alerting.tell),
    "split": _singly(lambda tasks: BurstButtons(tasks.services, tasks.slack).take),
}


def _classified(payload: dict[str, Any], channels: dict[str, Channel]) -> Classification:
    return classify_content(ticket_of(payload), ChannelRules.of(channels[payload["channel"]]))


def _new_item(
    payload: dict[str, Any], workspace: Workspace, channels: dict[str, Channel]
) -> NewItem:
    channel = payload["channel"]
    return ticket_of(payload).item(channel, channel_id=channels[channel].id, team_url=workspace.url)
