"""Topics on command: a run, its summary in the channel with a picture, and the form of a topic."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.blocks.replies import reason_reply
from bot.blocks.setup import reason_view
from bot.blocks.topics import (
    HEADING,
    MOST_TICKETS,
    alt_text,
    hidden_view,
    render_run,
    render_topic,
    topic_view,
)
from bot.decisions import reason_job
from bot.events import is_direct
from bot.places import Places
from bot.readers import Readers
from bot.slack import GoneError, Slack
from bot.texts import Texts, texts_in
from bot.wiring import Deja
from models import Channel, Item, TopicRun
from services.channels import ensure_decider
from services.errors import DejaError, InputError, NotAllowedError, NotFoundError
from services.partitions import MOST_TOPICS
from services.phrases import Phrase, phrase
from services.queue import ClaimedJob, NewJob, enqueue, finish
from services.topic_alerts import BY, FEWEST_TICKETS, wants
from services.topic_curation import NO_TOPIC, Curator
from services.topic_pages import draw_run
from services.topic_scopes import (
    Scope,
    is_void,
    newest_run,
    note_posted,
    scope_of_channel,
    scope_of_everybody,
)
from services.topic_tickets import TopicTicket, tickets_of
from services.topic_views import RunView, TopicView, view_run
from services.topics import Wanted

WORKING = phrase("I am grouping the tickets. The summary follows here.")
HOW_TO_GROUP = phrase(
    "Say what to group, or nothing for all: /deja cluster 30d #helpdesk 12 takes the last 30 days "
    "of one channel in 12 topics."
)
NOT_IN_IT = phrase("I am not in this channel. Invite me first.")

_SPAN = re.compile(r"(\d{1,4})([dw])", re.IGNORECASE)
_CHANNEL = re.compile(r"<#([A-Z0-9]{1,64})(?:\|[^>]*)?>")
_DAYS = {"d": 1, "w": 7}

logger = logging.getLogger(__name__)


def read_wanted(text: str) -> dict[str, Any]:
    """Return what `/deja cluster …` asks for. Raises `InputError` for what makes no sense."""
    days, channels, k = None, [], None
    for word in text.split():
        span, channel = _SPAN.fullmatch(word), _CHANNEL.fullmatch(word)
        if span is not None:
            days = int(span[1]) * _DAYS[span[2].lower()]
        elif channel is not None:
            channels.append(channel[1])
        elif word.isdecimal() and 1 <= int(word) <= MOST_TOPICS:
            k = int(word)
        elif word.lower() != "all":
            raise InputError(HOW_TO_GROUP)
    return {"days": days, "channels": channels, "k": k}


def group_job(key: str, text: str, payload: dict[str, Any]) -> NewJob:
    """Return the job that groups what `text` asks for, and posts the summary where it was asked."""
    about = {name: payload.get(name) for name in ("team", "channel", "user", "response_url")}
    return NewJob("cluster", f"cluster:{key}", {**about, **read_wanted(text)})


@dataclass(frozen=True)
class Grouping:
    """Groups tickets where somebody asks for it."""

    deja: Deja
    slack: Slack
    places: Places
    readers: Readers

    def group(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Group the tickets that a channel's readers may read, and post the summary there."""
        payload, mark = job.payload, f"deja-topics-{job.id}"
        channel = self.places.look_up_one(payload["channel"], now)
        self.slack.pacer.take_turn(payload["channel"], mark)
        try:
            scope, wanted = self._asked(channel, payload, now)
            if payload["user"] is None and not self._is_due(channel, scope, wanted):
                return []
            posted = self.slack.find_own(payload["channel"], mark, now)
            if posted is not None and self._is_noted(payload["channel"], posted):
                return []  # a worker that died had posted it
            if posted is not None:  # nobody could take it back: it is posted anew
                self.slack.delete(payload["channel"], posted)
            run_id = self.deja.topics.run(scope, wanted, by=payload["user"] or BY, now=now)
        except DejaError as error:
            return _refused(error.phrase, job)
        except GoneError:
            return _refused(NOT_IN_IT, job)
        channel = self.places.look_up_one(payload["channel"], now)
        with self.deja.database.read() as session:
            view = view_run(session, scope, now)
        if view is None or view.run_id != run_id or _scope_in(channel).number != scope.number:
            return []  # overtaken, or void already, or others read the channel now
        return self._post(job, channel, view, mark)

    def _is_noted(self, channel: str, ts: str) -> bool:
        """Say whether it is on record which run a message is the summary of."""
        with self.deja.database.read() as session:
            noted = select(TopicRun.id).where(
                TopicRun.channel == channel, TopicRun.message_ts == ts
            )
            return session.scalar(noted) is not None

    def _post(self, job: ClaimedJob, channel: Channel, view: RunView, mark: str) -> list[NewJob]:
        say, slack_id = texts_in(channel), job.payload["channel"]
        try:
            ts = self.slack.post(slack_id, None, render_run(view, mark, say))
        except GoneError:
            return _refused(NOT_IN_IT, job)
        with self.deja.database.write() as session:
            note_posted(session, view.run_id, slack_id, ts, None)
        file_id = self._picture(slack_id, ts, view, say) if view.shown else None
        with self.deja.database.write() as session:
            note_posted(session, view.run_id, slack_id, ts, file_id)
        # Who reads the channel may have changed before it was on record.
        return [NewJob("topics_check", f"topics_check:{job.key}", {})]

    def _picture(self, channel: str, ts: str, view: RunView, say: Texts) -> str | None:
        """Put the map into the thread of the summary; without the permission there is none."""
        heading = say(HEADING)
        note = f"{say.counted(view.tickets, '{n} ticket', '{n} tickets')}, {view.made_at:%Y-%m-%d}"
        with io.BytesIO() as target:
            with self.deja.database.read() as session:
                draw_run(session, view, target, heading=heading, note=note)
            try:
                return self.slack.upload(
                    channel, ts, target.getvalue(), title=heading, alt_text=alt_text(view, say)
                )
            except (SlackApiError, GoneError, OSError) as error:
                logger.warning("the picture could not be posted: %s", type(error).__name__)
                return None

    def open(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Fill the form of a topic that somebody opened."""
        payload = job.payload
        channel = self.places.look_up_one(payload["channel"], now)
        say = self.slack.texts(payload["user"], texts_in(channel).language)
        try:
            topic, tickets = self._topic(channel, payload["user"], payload["topic_id"], now)
            may = self._may(channel, payload["user"])
            view = topic_view(payload["channel"], topic, tickets, say, may_change=may)
        except DejaError as error:
            view = reason_view(error.phrase, say)
        with suppress(GoneError):
            self.slack.update_view(payload["view_id"], view)
        return []

    def rename(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Give a topic the name that somebody wrote into its form."""
        title = job.payload["title"]
        return self._change(job, lambda curator, topic: curator.rename(topic, title), now)

    def hide(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Hide a topic, and let its form say so."""
        follow_ups = self._change(job, lambda curator, topic: curator.hide(topic), now)
        payload = job.payload
        say = self.slack.texts(payload["user"])
        with suppress(GoneError):
            view = hidden_view(payload["channel"], payload["topic_id"], say)
            self.slack.update_view(payload["view_id"], view)
        return follow_ups

    def unhide(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Show a topic again, and its form."""
        follow_ups = self._change(job, lambda curator, topic: curator.unhide(topic), now)
        self.open(job, now)
        return follow_ups

    def share(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Post a topic in the channel that its form is about."""
        payload, mark = job.payload, f"deja-topic-{job.id}"
        channel = self.places.look_up_one(payload["channel"], now)
        self.slack.pacer.take_turn(payload["channel"], mark)
        try:
            topic, _ = self._topic(channel, payload["user"], payload["topic_id"], now)
            message = render_topic(topic, payload["user"], mark, texts_in(channel))
            if self.slack.find_own(payload["channel"], mark, now) is None:
                self.slack.post(payload["channel"], None, message)
        except (DejaError, GoneError) as error:
            self._tell(payload, error.phrase if isinstance(error, DejaError) else NOT_IN_IT)
        return []

    def show(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Make the summary in a channel say what its topics are called now."""
        with self.deja.database.read() as session:
            run = session.get(TopicRun, job.payload["run_id"])
            channel = None if run is None else _channel_of(session, run)
            if run is None or channel is None or run.message_ts is None:
                return []
            view = view_run(session, _scope_in(channel), now)
        if view is None or view.run_id != run.id:
            return []
        message = render_run(view, f"deja-topics-{job.id}", texts_in(channel))
        with suppress(GoneError):
            self.slack.update(str(run.channel), run.message_ts, message)
        return []

    def check(self, job: ClaimedJob, _now: datetime) -> list[NewJob]:
        """Take back the summaries, and their pictures, that may stand no more."""
        with self.deja.database.read() as session:
            posted = session.scalars(
                select(TopicRun).where(
                    TopicRun.workspace_id == job.workspace_id, TopicRun.message_ts.is_not(None)
                )
            ).all()
            wrong = [run for run in posted if not _may_stand(session, run)]
        for run in wrong:
            self.slack.delete(str(run.channel), str(run.message_ts))
            if run.file_id is not None:
                self.slack.delete_file(run.file_id)
            with self.deja.database.write() as session:
                note_posted(session, run.id, None, None, None)
        return []

    def _change(
        self, job: ClaimedJob, change: Callable[[Curator, int], object], now: datetime
    ) -> list[NewJob]:
        """Store what somebody made of a topic, once, with the job that shows it."""
        payload = job.payload
        channel = self.places.look_up_one(payload["channel"], now)
        try:
            scope = self.readers.scope(channel, payload["user"])
            with self.deja.database.write() as session:
                if not finish(session, [job.id], job.owner, now):
                    return []
                ensure_decider(channel, payload["user"])
                curator = Curator(session, scope, payload["user"], now)
                change(curator, payload["topic_id"])
                run = newest_run(session, scope)
                if run is None or run.message_ts is None:
                    return []
                show = NewJob("topics_show", f"topics_show:{run.id}:{job.key}", {"run_id": run.id})
                # With the change: a job that is done has nothing to follow it.
                enqueue(session, job.workspace_id, [show], now)
        except DejaError as error:
            self._tell(payload, error.phrase)
            return []
        return [show]

    def _tell(self, payload: dict[str, Any], reason: Phrase) -> None:
        """Say to somebody alone, in the channel, why a thing was not done."""
        say = self.slack.texts(payload["user"])
        reply = reason_reply(say(reason))
        with suppress(GoneError):
            self.slack.tell(payload["channel"], payload["user"], reply.text, reply.blocks)

    def _topic(
        self, channel: Channel, user: str, topic_id: int, now: datetime
    ) -> tuple[TopicView, list[TopicTicket]]:
        """Return a topic, and as many of its tickets as a form shows."""
        scope = self.readers.scope(channel, user)
        with self.deja.database.read() as session:
            view = view_run(session, scope, now)
            for topic in () if view is None else view.topics:
                if view is not None and topic.topic_id == topic_id:
                    return topic, tickets_of(session, view.taken, topic_id, MOST_TICKETS)
        raise NotFoundError(NO_TOPIC)

    def _may(self, channel: Channel, user: str) -> bool:
        try:
            ensure_decider(channel, user)
        except NotAllowedError:
            return False
        return True

    def _asked(
        self, channel: Channel, payload: dict[str, Any], now: datetime
    ) -> tuple[Scope, Wanted]:
        """Return what is grouped: for nobody (a weekly summary) what the channel's readers read.

        Then all is, so that a topic is the same from week to week; the span is what is shown.
        """
        if payload["user"] is None:
            since = now - timedelta(days=payload["days"])
            return scope_of_channel(channel), Wanted(shown_since=since)
        scope = self.readers.scope(channel, payload["user"])
        return scope, self._wanted(scope, payload, now)

    def _is_due(self, channel: Channel, scope: Scope, wanted: Wanted) -> bool:
        """Say whether a channel is to hear of its week: it still wants to, and there is enough."""
        shown = Wanted(since=wanted.shown_since).items & scope.place.items
        with self.deja.database.read() as session:
            count = session.scalar(select(func.count()).select_from(Item).where(shown)) or 0
        return wants(channel, "weekly_topics") and count >= FEWEST_TICKETS

    def _wanted(self, scope: Scope, payload: dict[str, Any], now: datetime) -> Wanted:
        """Return which tickets are grouped. A channel that is not known has none."""
        ids: tuple[int, ...] = ()
        if payload["channels"]:
            named = select(Channel.id).where(
                Channel.workspace_id == scope.workspace_id,
                Channel.slack_id.in_(payload["channels"]),
            )
            with self.deja.database.read() as session:
                ids = tuple(session.scalars(named)) or (0,)
        days = payload["days"]
        since = None if days is None else now - timedelta(days=days)
        return Wanted(since, ids, payload["k"])


def _refused(reason: Phrase, job: ClaimedJob) -> list[NewJob]:
    """Return the job that tells whoever asked why not; nobody is told where nobody did."""
    return [] if job.payload["user"] is None else [reason_job(reason, job)]


def _channel_of(session: Session, run: TopicRun) -> Channel | None:
    found: Channel | None = session.scalar(
        select(Channel).where(
            Channel.workspace_id == run.workspace_id, Channel.slack_id == run.channel
        )
    )
    return found


def _may_stand(session: Session, run: TopicRun) -> bool:
    """Say whether a posted summary names what its channel's readers may read, and no more."""
    channel = _channel_of(session, run)
    if channel is None or is_void(session, run):
        return False
    return _scope_in(channel).number == run.scope


def _scope_in(channel: Channel) -> Scope:
    """Return whose topics are posted in a channel; to one person, those of everybody."""
    if is_direct(str(channel.slack_id)):
        return scope_of_everybody(channel.workspace_id)
    return scope_of_channel(channel)
