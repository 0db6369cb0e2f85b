"""The posted summaries of runs with their pictures: posted, updated, deleted."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.blocks.topics import HEADING, alt_text, picture_note, render_run
from bot.i18n.texts import Texts, texts_in
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.summary_jobs import picture_job, summaries_check_job, summary_job
from bot.jobs.topic_jobs import alert_jobs
from bot.jobs.topic_kinds import SummaryCheck, SummaryPicture, SummaryUpdate, TopicGrouping
from bot.jobs.topic_names import name_by_meaning_and_show
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import is_direct
from bot.slack.messages import Message
from bot.wiring import Services
from models import Channel, TopicRun
from services.channels.audience import PUBLIC, scope_of
from services.channels.settings import channel_of_slack
from services.errors import UnavailableError
from services.topics.drawing.pages import draw_run
from services.topics.forgetting import forget_unreadable
from services.topics.posts import (
    outdated_runs,
    posted_runs,
    record_picture,
    record_posted,
    record_unposted,
    shown_titles,
)
from services.topics.questions import questions_of
from services.topics.renaming import rename_by_meaning
from services.topics.scopes import (
    Scope,
    epochs_of,
    is_older,
    scope_of_channel,
    scope_of_everybody,
    scopes_of,
)
from services.topics.views import RunView, view_run

logger = logging.getLogger(__name__)


def mark_of(run_id: int) -> str:
    """Return the mark of a run's summary, which stays the same when it is updated."""
    return f"deja-topics-{run_id}"


@dataclass(frozen=True)
class TopicSummaries:
    """Keeps the summaries in a workspace's channels up to date."""

    services: Services
    slack: Slack

    def post(self, job: TopicGrouping, channel: Channel, view: RunView) -> list[BotJob]:
        """Post the summary of a run. Raises `GoneError` if nothing can be posted there."""
        slack_id = str(channel.slack_id)
        ts = self.slack.post(slack_id, None, self._render(view, texts_in(channel)))
        with self.services.database.write() as session:
            record_posted(session, view, slack_id, ts)
        # The channel's readers may have changed before the summary was recorded.
        return [picture_job(view.run_id, job.key), summaries_check_job(job.key)]

    def _render(self, view: RunView, say: Texts) -> Message:
        """Return the message of a run, with what it asks and what was answered so far."""
        with self.services.database.read() as session:
            asked = questions_of(session, view)
        return render_run(view, mark_of(view.run_id), say, asked=asked)

    def delete_unrecorded(self, channel: str, run_id: int, now: datetime) -> None:
        """Delete a summary that was posted by a worker that died before it recorded it."""
        ts = self.slack.find_own(channel, mark_of(run_id), now)
        if ts is not None:
            self.slack.delete(channel, ts)

    def update(self, job: SummaryUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Bring a summary up to date; another job draws its picture."""
        found = self._posted(job, now)
        if found is None:
            return []
        run, channel, view = found
        message = self._render(view, texts_in(channel))
        try:
            self.slack.update(str(run.posted_channel), str(run.message_ts), message)
        except GoneError:  # what cannot be updated is deleted
            self._delete(run)
            return []
        with self.services.database.write() as session:
            record_posted(session, view, str(run.posted_channel), str(run.message_ts))
        return [picture_job(run.id, job.key)]

    def draw(self, job: SummaryPicture, lease: Lease, now: datetime) -> list[BotJob]:
        """Replace the map in the thread of a summary.

        If something changed while it was drawn, the summary is updated again.
        """
        found = self._posted(job, now)
        if found is None:
            return []
        run, channel, view = found
        if run.file_id is not None:
            self.slack.delete_file(run.file_id)
        file_id = self._upload(run, view, texts_in(channel)) if view.shown else None
        with self.services.database.write() as session:
            before = record_picture(session, run.id, file_id)
        if before not in {None, run.file_id}:  # another worker drew it at the same time
            self.slack.delete_file(str(before))
        with self.services.database.read() as session:
            stored = session.get(TopicRun, run.id)
            fresh = view_run(session, scope_in(channel), now, stored)
        posted = [] if stored is None else stored.posted_titles
        is_current = fresh is None or shown_titles(view) == shown_titles(fresh) == posted
        updates = [] if is_current else [summary_job(run.id, job.key)]
        return [*updates, summaries_check_job(job.key)]

    def check(self, job: SummaryCheck, lease: Lease, now: datetime) -> list[BotJob]:
        """Delete the summaries that may no longer be shown, and pictures without a summary.

        Titles with words that no ticket contains any more are dropped, and their summaries updated.
        """
        with self.services.database.read() as session:
            scopes = scopes_of(session, lease.workspace_id)
        renamed = list[int]()
        for scope in scopes:
            found = forget_unreadable(self.services.database, scope)
            rename_by_meaning(self.services.database, scope, found, self.services.embedder)
            renamed += found
            name_by_meaning_and_show(self.services, scope, job.named_by_words, job.key, now)
        with self.services.database.read() as session:
            alerts = alert_jobs(session, renamed, job.key)
            epochs = epochs_of(session, lease.workspace_id)
            of_workspace = select(Channel).where(Channel.workspace_id == lease.workspace_id)
            audiences = {one.slack_id: audience_id_in(one) for one in session.scalars(of_workspace)}
            posted = posted_runs(session, lease.workspace_id)
            outdated = outdated_runs(session, lease.workspace_id)
        unreadable = [
            run
            for run in posted
            if run.message_ts is None
            or is_older(run, epochs)
            or audiences.get(run.posted_channel) != run.audience_id
        ]
        for run in unreadable:
            self._delete(run)
        to_update = outdated - {run.id for run in unreadable}
        return [*alerts, *(summary_job(run_id, job.key) for run_id in sorted(to_update))]

    def _posted(
        self, job: SummaryUpdate | SummaryPicture, now: datetime
    ) -> tuple[TopicRun, Channel, RunView] | None:
        """Return the posted run of a job, its channel and its view; None if it may not be shown."""
        with self.services.database.read() as session:
            run = session.get(TopicRun, job.run_id)
            if run is None or run.message_ts is None:
                return None
            channel = channel_of_slack(session, run.workspace_id, str(run.posted_channel))
            if channel is None or audience_id_in(channel) != run.audience_id:
                return None
            view = view_run(session, scope_in(channel), now, run)
        return None if view is None else (run, channel, view)

    def _delete(self, run: TopicRun) -> None:
        """Delete a summary and its picture."""
        if run.message_ts is not None:
            self.slack.delete(str(run.posted_channel), run.message_ts)
        if run.file_id is not None:
            self.slack.delete_file(run.file_id)
        with self.services.database.write() as session:
            record_unposted(session, run.id)

    def _upload(self, run: TopicRun, view: RunView, say: Texts) -> str | None:
        """Upload the map and return its file's id; None if Slack does not take it."""
        heading = say(HEADING)
        note = picture_note(view, say)
        with io.BytesIO() as target:
            with self.services.database.read() as session:
                draw_run(session, view, target, heading=heading, note=note)
            try:
                return self.slack.upload(
                    str(run.posted_channel),
                    str(run.message_ts),
                    target.getvalue(),
                    title=heading,
                    alt_text=alt_text(view, say),
                )
            except (SlackApiError, GoneError, UnavailableError, OSError) as error:
                if self.slack.breaker.is_open:
                    raise  # else it may have been uploaded: better no picture than two
                logger.warning("the picture could not be posted: %s", type(error).__name__)
                return None


def audience_id_in(channel: Channel) -> int:
    """Return the id of the audience whose topics are posted in a channel."""
    return PUBLIC if is_direct(str(channel.slack_id)) else scope_of(channel)


def scope_in(channel: Channel) -> Scope:
    """Return the scope of the topics that are posted in a channel; direct messages have all."""
    if is_direct(str(channel.slack_id)):
        return scope_of_everybody(channel.workspace_id)
    return scope_of_channel(channel)
