"""Workspaces and channels as Slack describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Channel, Item, Workspace, insert_new
from services.channels.settings import Mode
from services.errors import InputError, NotFoundError
from services.memory import term_index


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


def save_workspace(session: Session, team: Team, now: datetime, *, adopt: bool = True) -> Workspace:
    """Store what Slack says of a workspace that the app is installed in.

    What was imported before Slack becomes its own, unless it is not to `adopt` that: where anybody
    may install the app it would be a stranger's.
    """
    workspace = session.scalar(select(Workspace).where(Workspace.team_id == team.team_id))
    if workspace is None and adopt:
        workspace = session.scalar(select(Workspace).where(Workspace.team_id.is_(None)))
    if workspace is None:
        workspace = Workspace(created_at=now)
        session.add(workspace)
    workspace.team_id, workspace.name, workspace.url = team.team_id, team.name, team.url
    workspace.bot_user_id, workspace.bot_id = team.bot_user_id, team.bot_id
    workspace.installed_at, workspace.uninstalled_at = now, None
    session.flush()
    return workspace


def uninstall(session: Session, team_id: str, told: datetime, now: datetime) -> bool:
    """Note that the app of a workspace is gone; return whether that is news.

    The first word of it counts. One `told` before the app was installed (Slack repeats itself, in
    any order) is about an installation that was.
    """
    workspace = session.scalar(select(Workspace).where(Workspace.team_id == team_id))
    if workspace is None or workspace.uninstalled_at is not None:
        return False
    # Slack tells whole seconds.
    if workspace.installed_at is not None and told < workspace.installed_at.replace(microsecond=0):
        return False
    workspace.uninstalled_at = now
    return True


def installed(session: Session) -> dict[int, str]:
    """Return the workspaces the app is installed in, by id: what Slack calls each."""
    here = Workspace.team_id.is_not(None) & Workspace.uninstalled_at.is_(None)
    rows = session.execute(select(Workspace.id, Workspace.team_id).where(here))
    return {workspace_id: str(team_id) for workspace_id, team_id in rows}


def is_known(session: Session, workspace_id: int) -> bool:
    """Say whether anything of a workspace may be kept: it is not forgotten."""
    return session.get(Workspace, workspace_id) is not None


def purge_uninstalled(session: Session, before: datetime) -> list[str]:
    """Forget all of the workspaces that were uninstalled before a time; return Slack's names.

    Their jobs go too: what they say is part of it.
    """
    gone = session.scalars(select(Workspace).where(Workspace.uninstalled_at <= before)).all()
    ids = [workspace.id for workspace in gone]
    if ids:
        session.execute(delete(Item).where(Item.workspace_id.in_(ids)))
        session.execute(delete(Channel).where(Channel.workspace_id.in_(ids)))
        session.execute(delete(Workspace).where(Workspace.id.in_(ids)))
    return [str(workspace.team_id) for workspace in gone]


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
        term_index.reindex_channel(session, channel)
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
