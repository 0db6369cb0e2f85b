"""Viewers of the dashboard, and what each of them may read at the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.i18n.texts import Texts, texts_for
from bot.server.workspaces import ConnectedWorkspaces
from bot.web.exchange import Request
from bot.web.sessions import Session
from models import Channel, Database
from services.channels.audience import (
    Audience,
    PersonAccess,
    audience_of_person,
    whole_workspace,
)
from services.errors import NotAllowedError, UnavailableError
from services.memory.workspaces import installed_teams
from services.phrases import phrase
from services.topics.scopes import Scope, scope_of_everybody

NOT_YOURS = phrase("This Déjà does not belong to your workspace, or you are no longer in it.")


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page, and what they may read.

    `user` is who decides on pairs, for the record. `scope` is that of the topics that they may
    see, None if they may see none. `is_admin` says that they may see the installation's health.
    """

    workspace_id: int
    user: str
    access: PersonAccess
    audience: Audience
    scope: Scope | None
    say: Texts
    is_admin: bool


class Viewers(Protocol):
    """Knows who a session belongs to. `needs_sign_in` is False on this machine alone."""

    @property
    def needs_sign_in(self) -> bool:
        """Say whether people have to sign in."""

    def of(self, session: Session, request: Request) -> Viewer:
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

    def of(self, session: Session, request: Request) -> Viewer:
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
        return Viewer(
            workspace_id,
            session.user,
            access,
            audience_of_person(workspace_id, access),
            scope_of_everybody(workspace_id) if access.reads_public else None,
            texts_for(person.locale),
            person.is_admin and access.reads_public,
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

    def of(self, session: Session, request: Request) -> Viewer:
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


def browser_texts(request: Request) -> Texts:
    """Return the texts in the language that a browser asks for first."""
    return texts_for(request.languages.split(",")[0].split(";")[0].strip())
