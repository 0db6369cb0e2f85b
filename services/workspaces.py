"""Workspaces and channels as Slack describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import Channel, Item, Job, Workspace, insert_new
from services import corpora
from services.channels import Mode
from services.errors import InputError, NotFoundError


@dataclass(frozen=True)
class Team:
    """A Slack workspace and the bot's identity in it, as `auth.test` tells them."""

    team_id: str
    name: str | None = None
    url: str | None = None
    bot_user_id: str | None = None
    bot_id: str | None = None


@dataclass(frozen=True)
class ChannelFacts:
    """What Slack says of a channel. None: not said here, keep what is known."""

    slack_id: str
    name: str | None = None
    is_private: bool | None = None
    is_shared: bool | None = None
    has_guests: bool | None = None
    creator: str | None = None


def save_workspace(session: Session, team: Team, now: datetime) -> Workspace:
    """Store what Slack says of a workspace; what was imported before Slack becomes its own."""
    workspace = session.scalar(select(Workspace).where(Workspace.team_id == team.team_id))
    if workspace is None:
        workspace = session.scalar(select(Workspace).where(Workspace.team_id.is_(None)))
    if workspace is None:
        workspace = Workspace(created_at=now)
        session.add(workspace)
    workspace.team_id, workspace.name, workspace.url = team.team_id, team.name, team.url
    workspace.bot_user_id, workspace.bot_id = team.bot_user_id, team.bot_id
    workspace.uninstalled_at = None
    session.flush()
    return workspace


def uninstall(session: Session, team_id: str, now: datetime) -> None:
    """Note that the app of a workspace is gone; the first word of it counts."""
    gone = (Workspace.team_id == team_id) & Workspace.uninstalled_at.is_(None)
    session.execute(update(Workspace).where(gone).values(uninstalled_at=now))


def is_installed(session: Session, team_id: str) -> bool:
    """Say whether there is a workspace to work for."""
    here = (Workspace.team_id == team_id) & Workspace.uninstalled_at.is_(None)
    return session.scalar(select(Workspace.id).where(here)) is not None


def is_known(session: Session, team_id: str) -> bool:
    """Say whether anything of a workspace is kept: it is installed, or was not long ago."""
    return session.scalar(select(Workspace.id).where(Workspace.team_id == team_id)) is not None


def purge_uninstalled(session: Session, team_id: str, before: datetime) -> bool:
    """Forget all of a workspace that was uninstalled before a time; return whether it was.

    Its jobs go too: what they say is part of it.
    """
    gone = (Workspace.team_id == team_id) & (Workspace.uninstalled_at <= before)
    workspace_id = session.scalar(select(Workspace.id).where(gone))
    if workspace_id is None:
        return False
    session.execute(delete(Item).where(Item.workspace_id == workspace_id))
    session.execute(delete(Channel).where(Channel.workspace_id == workspace_id))
    session.execute(delete(Workspace).where(Workspace.id == workspace_id))
    session.execute(delete(Job))
    return True


def find_workspace(session: Session, team_id: str | None = None) -> Workspace:
    """Return the workspace of a team, or the only one.

    Raises `NotFoundError` where there is none and `InputError` where one must be named.
    """
    statement = select(Workspace).order_by(Workspace.id)
    if team_id is not None:
        statement = statement.where(Workspace.team_id == team_id)
    found = session.scalars(statement.limit(2)).all()
    if not found:
        raise NotFoundError("Nothing is remembered yet: import tickets or connect Slack first.")
    if len(found) > 1:
        raise InputError("There are several workspaces: name one with --workspace TEAM_ID.")
    return found[0]


def local_workspace(session: Session, now: datetime, team_id: str | None = None) -> Workspace:
    """Return the workspace that an import belongs to; the first import makes one."""
    try:
        return find_workspace(session, team_id)
    except NotFoundError:
        if team_id is not None:
            raise
    workspace = Workspace(created_at=now)
    session.add(workspace)
    session.flush()
    return workspace


def save_channel(
    session: Session, workspace_id: int, facts: ChannelFacts, *, mode: Mode = "off"
) -> Channel:
    """Store what Slack says of a channel; one imported under its name becomes that channel.

    `mode` is that of one that was not known to Slack before.
    """
    of_workspace = select(Channel).where(Channel.workspace_id == workspace_id)
    channel = session.scalar(of_workspace.where(Channel.slack_id == facts.slack_id))
    if channel is None and facts.name is not None:
        channel = session.scalar(
            of_workspace.where(Channel.slack_id.is_(None), Channel.name == facts.name)
        )
    if channel is None:
        # Two workers may hear of a channel at once.
        row = {"workspace_id": workspace_id, "slack_id": facts.slack_id, "mode": mode}
        insert_new(session, Channel, [row], unique=["workspace_id", "slack_id"])
        channel = session.scalars(of_workspace.where(Channel.slack_id == facts.slack_id)).one()
    if channel.slack_id is None:
        channel.slack_id, channel.mode = facts.slack_id, mode
    readers = readers_of(channel)
    for name in ("name", "is_private", "is_shared", "has_guests", "creator"):
        if getattr(facts, name) is not None:
            setattr(channel, name, getattr(facts, name))
    session.flush()
    if readers != readers_of(channel):
        corpora.move(session, channel)
    return channel


def readers_of(channel: Channel) -> tuple[bool, bool, bool]:
    """Return what decides who reads a channel: private, shared, guests."""
    return channel.is_private, channel.is_shared, channel.has_guests


def named_channel(session: Session, workspace_id: int, name: str) -> Channel:
    """Return the channel of that name (with or without `#`); an import may make a public one."""
    name = name.removeprefix("#")
    channel = session.scalar(
        select(Channel)
        .where(Channel.workspace_id == workspace_id, Channel.name == name)
        .order_by(Channel.id)
    )
    if channel is None:
        channel = Channel(workspace_id=workspace_id, name=name, is_private=False)
        session.add(channel)
        session.flush()
    return channel
