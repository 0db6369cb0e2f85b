"""*Create issue…*: issues are opened in trackers, shown in the thread, and followed."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.channel_setup import reason_view
from bot.blocks.new_issue import MAX_TITLE_LENGTH, issue_view, render_issue
from bot.blocks.parts import link
from bot.i18n.texts import texts_in
from bot.jobs.follow_ups import jobs_about_hidden
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import IssueForm, IssueOpened
from bot.jobs.source_kinds import IssueFollowing, IssueMessage
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.connectors import open_connector
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.solved_notices import notice_jobs
from bot.wiring import Services
from models import Channel, Connection, CreatedIssue, Item, Source
from models.queries import LIVE
from services.channels.issue_sources import IssuePlace, issue_places
from services.channels.settings import ensure_decider
from services.errors import NotAllowedError, SourceBusyError, SourceError
from services.phrases import Phrase, phrase
from services.sources.created_issues import IssueOpening, IssueRequest, follow_issue
from services.sources.new_issues import issue_writer
from services.text.cleaning.headline import headline

GONE = phrase("That ticket no longer exists, or you can't read it.")
MEMBERS = phrase("Only full members of this workspace can create issues.")
NOWHERE = phrase(
    "No tracker takes issues from this channel. Whoever runs Déjà can switch it on with deja "
    "sources create-issues."
)
TOO_LATE = phrase(
    "The issue was not created: the tracker could not be reached for too long. "
    "Look there before you try again."
)

# Links to earlier issues that a form shows.
MAX_EARLIER = 3


@dataclass(frozen=True)
class _Ticket:
    """A ticket of which somebody may create an issue, and where."""

    item: Item
    channel: Channel
    places: list[IssuePlace]


@dataclass(frozen=True)
class NewIssues:
    """Opens issues for people of a workspace."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess

    def fill(self, job: IssueOpened, lease: Lease, now: datetime) -> list[BotJob]:
        """Fill the form that was opened empty, with what is said in the ticket itself."""
        found = self._ticket(job.channel, job.user, job.item_id, now)
        if isinstance(found, Phrase):
            view = reason_view(found, self.slack.texts(job.user))
        else:
            item = found.item
            say = self.slack.texts(job.user, texts_in(found.channel).language)
            about = f"{job.channel}:{item.id}"
            said = headline(item.title, item.text, MAX_TITLE_LENGTH), item.text
            view = issue_view(about, found.places, said, self._earlier(item.id), say)
        with suppress(GoneError):  # the form was closed meanwhile
            self.slack.update_view(job.view_id, view)
        return []

    def create(self, job: IssueForm, lease: Lease, now: datetime) -> list[BotJob]:
        """Open the issue that somebody sent, once."""
        found = self._ticket(job.channel, job.user, job.item_id, now)
        if isinstance(found, Phrase):
            return [_refused(found, job)]
        if not any(
            (one.source_id, one.project) == (job.source_id, job.project) for one in found.places
        ):
            return [_refused(NOWHERE, job)]
        try:
            row = self._open(job, found.item, now)
        except SourceBusyError:
            if now - lease.created_at < timedelta(hours=self.services.settings.max_wait_hours):
                raise
            return [_refused(TOO_LATE, job)]
        except SourceError as error:
            return [_refused(_not_created(str(error)), job)]
        if row.state == "failed":
            return [_refused(_not_created(row.error or ""), job)]
        return [
            IssueMessage(key=f"issue_show:{row.id}:{job.key}", created_id=row.id),
            IssueFollowing(key=f"issue_follow:{row.id}:{job.key}", created_id=row.id),
        ]

    def follow(self, job: IssueFollowing, lease: Lease, now: datetime) -> list[BotJob]:
        """Solve a ticket whose issue was closed, or take that back."""
        with self.services.database.write() as session:
            item = follow_issue(session, job.created_id, now)
            if item is None:
                return []
            follow_ups = [
                IssueMessage(key=f"issue_show:{job.key}", created_id=job.created_id),
                *jobs_about_hidden(session, [item.id], job.key),
                *notice_jobs(session, item, job.key),
            ]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def show(self, job: IssueMessage, lease: Lease, now: datetime) -> list[BotJob]:
        """Post in the ticket's thread what became of its issue, or bring that up to date."""
        with self.services.database.read() as session:
            row = session.get(CreatedIssue, job.created_id)
            item = None if row is None else _live(session, row.item_id)
            channel = None if item is None else session.get(Channel, item.channel_id)
        if row is None or item is None or channel is None or item.head_ts is None:
            return []
        answer = (item.resolution or "") if row.is_closed else None
        message = render_issue(
            row.id, row.name or "", row.url or "", row.created_by, texts_in(channel), answer=answer
        )
        place = str(channel.slack_id), item.head_ts
        with suppress(GoneError):
            posted = self.slack.find_in_thread(*place, message.mark).our_ts
            if posted is None:
                self.slack.post_once(*place, message)
            else:
                self.slack.update(place[0], posted, message)
        return []

    def _open(self, job: IssueForm, item: Item, now: datetime) -> CreatedIssue:
        with self.services.database.read() as session:
            source = session.get_one(Source, job.source_id)
            connection = session.get_one(Connection, job.source_id)
        asked = IssueRequest(
            job.source_id, job.item_id, job.form, job.project, job.title, job.text, job.user
        )
        opened = open_connector(self.services.settings, source, connection)
        with closing(opened) as connector:
            writer = issue_writer(connector, source.name.partition("/")[2])
            return IssueOpening(self.services.database, writer).run(asked, item.url, now)

    def _ticket(self, slack_id: str, user: str, item_id: int, now: datetime) -> _Ticket | Phrase:
        """Return the ticket that somebody wants an issue of, or why they may not have one.

        What a button or a form says may be forged, so all is checked here.
        """
        channel = self.channels.ensure_channel(slack_id, now)
        if self.access.audience_in_form(channel, user) is None:
            return GONE
        with self.services.database.read() as session:
            item, stored = _live(session, item_id), session.get_one(Channel, channel.id)
            places = issue_places(session, stored)
        if item is None or item.channel_id != channel.id or item.ts is None:
            return GONE
        person = self.slack.person(user)
        if person is None or not person.is_member_of(self.channels.me.team_id):
            return MEMBERS
        try:
            ensure_decider(stored, user)
        except NotAllowedError as error:
            return error.phrase
        return _Ticket(item, stored, places) if places else NOWHERE

    def _earlier(self, item_id: int) -> str:
        """Return links to the issues that were created of a ticket before."""
        with self.services.database.read() as session:
            rows = session.scalars(
                select(CreatedIssue)
                .where(CreatedIssue.item_id == item_id, CreatedIssue.state == "done")
                .order_by(CreatedIssue.id.desc())
                .limit(MAX_EARLIER)
            ).all()
        return ", ".join(link(one.name or "", one.url) for one in rows)


def _refused(reason: Phrase, job: IssueForm) -> BotJob:
    """Return the job that tells somebody, whose form gave no address for a reply."""
    return reason_job(reason, job, is_late=True)


def _not_created(reason: str) -> Phrase:
    return phrase("The issue was not created. {reason}", reason=reason)


def _live(session: Session, item_id: int) -> Item | None:
    return session.scalar(select(Item).where(Item.id == item_id, LIVE))
