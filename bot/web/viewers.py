"""Viewers of the dashboard, and what each of them may read at the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from slack_sdk.errors import SlackApiError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session as DatabaseSession

from bot.i18n.texts import Texts, texts_for
from bot.server.workspaces import ConnectedWorkspaces
from bot.web.exchange import WebRequest
from bot.web.sessions import Session
from models import Channel, Database, TopicRun
from services.channels.audience import (
    PUBLIC,
    Audience,
    PersonAccess,
    audience_of_person,
    scope_of,
    whole_workspace,
)
from services.channels.settings import shown_name
from services.errors import NotAllowedError, UnavailableError
from services.memory.workspaces import installed_teams
from services.phrases import phrase
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody

NOT_YOURS = phrase("This Déjà does not belong to your workspace, or you are no longer in it.")


@dataclass(frozen=True)
class ChannelTopics:
    """A channel that has topics of its own, as not everybody reads it: its id, name and scope."""

    channel_id: int
    name: str
    scope: Scope


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page, and what they may read.

    `user` is who decides on pairs, for the record. `scope` is that of the topics of all members,
    None if they may not see these; `channels` are those with topics of their own that they read.
    `is_admin` says that they may see the installation's health.
    """

    workspace_id: int
    user: str
    access: PersonAccess
    audience: Audience
    scope: Scope | None
    say: Texts
    is_admin: bool
    channels: tuple[ChannelTopics, ...] = ()

    def scope_in(self, place: int) -> Scope | None:
        """Return the scope of the topics of a channel, or of `PUBLIC`; None if they see none."""
        if place == PUBLIC:
            return self.scope
        return next((one.scope for one in self.channels if one.channel_id == place), None)


class Viewers(Protocol):
    """Knows who a session belongs to. `needs_sign_in` is False on this machine alone."""

    @property
    def needs_sign_in(self) -> bool:
        """Say whether people have to sign in."""

    def of(self, session: Session, request: WebRequest) -> Viewer:
        """Return the viewer of a session, as of now.

        Raises `NotAllowedError` if they may see nothing, and `RetryLaterError` if Slack does not
        say.
        """


@dataclass(frozen=True)
class SlackViewers:
    """People who signed in with Slack, which is asked at each request what they may read."""

    workspaces: ConnectedWorkspaces

    @property
    def needs_sign_in(self) -> bool:
        """Say that they have to."""
        return True

    def of(self, session: Session, request: WebRequest) -> Viewer:
        """Return the viewer of a session, as of now."""
        database = self.workspaces.services.database
        with database.read() as reading:
            teams = {team: id_ for id_, team in installed_teams(reading).items()}
        workspace_id = teams.get(session.team)
        if workspace_id is None:
            raise NotAllowedError(NOT_YOURS)
        tasks = self.workspaces.tasks(workspace_id)
        try:
            person = tasks.slack.person(session.user)
        except SlackApiError as error:
            raise UnavailableError("Slack does not say who this is") from error
        if person is None or person.is_bot:
            raise NotAllowedError(NOT_YOURS)
        access = tasks.access.of_person(workspace_id, session.user, person)
        with database.read() as reading:
            channels = channels_with_topics(reading, workspace_id, access)
        return Viewer(
            workspace_id,
            session.user,
            access,
            audience_of_person(workspace_id, access),
            scope_of_everybody(workspace_id) if access.reads_public else None,
            texts_for(person.locale),
            person.is_admin and access.reads_public,
            channels,
        )


@dataclass(frozen=True)
class LocalViewers:
    """Whoever works at this machine, where the command line reads everything as well."""

    database: Database
    workspace_id: int
    user: str

    @property
    def needs_sign_in(self) -> bool:
        """Say that nobody has to."""
        return False

    def of(self, session: Session, request: WebRequest) -> Viewer:
        """Return the viewer, in the language of their browser."""
        own = select(Channel.id).where(Channel.workspace_id == self.workspace_id)
        with self.database.read() as reading:
            access = PersonAccess(True, frozenset(reading.scalars(own)))
        return Viewer(
            self.workspace_id,
            self.user,
            access,
            whole_workspace(self.workspace_id),
            scope_of_everybody(self.workspace_id),
            browser_texts(request),
            True,
        )


def channels_with_topics(
    session: DatabaseSession, workspace_id: int, access: PersonAccess
) -> tuple[ChannelTopics, ...]:
    """Return the channels with topics of their own that somebody reads, by name."""
    runs = select(TopicRun.id).where(TopicRun.audience_id == Channel.id)
    is_member = Channel.id.in_(access.channel_ids)
    here = or_(is_member, Channel.is_private.is_(False)) if access.reads_public else is_member
    rows = select(Channel).where(Channel.workspace_id == workspace_id, here, runs.exists())
    return tuple(
        ChannelTopics(channel.id, shown_name(channel), scope_of_channel(channel))
        for channel in session.scalars(rows.order_by(Channel.name, Channel.id))
        if scope_of(channel) != PUBLIC
    )


def browser_texts(request: WebRequest) -> Texts:
    """Return the texts in the language that a browser asks for first."""
    return texts_for(request.languages.split(",")[0].split(";")[0].strip())
