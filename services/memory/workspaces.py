"""Workspaces as Slack describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from models import Channel, Item, Workspace
from services.errors import InputError, NotFoundError


@dataclass(frozen=True)
class Team:
    """A Slack workspace and the bot's identity in it, as `auth.test` reports them."""

    team_id: str
    name: str | None = None
    url: str | None = None
    bot_user_id: str | None = None
    bot_id: str | None = None


def save_workspace(session: Session, team: Team, now: datetime, *, adopt: bool = True) -> Workspace:
    """Store what Slack says about a workspace that the app is installed in.

    With `adopt` it takes over what was imported before Slack was connected. Where anybody may
    install the app it must not: it could be a stranger's workspace.
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


def mark_uninstalled(session: Session, team_id: str, sent: datetime, now: datetime) -> bool:
    """Record that the app was removed from a workspace; return whether that is news.

    The first report counts. One that was `sent` before the app was last installed is about an
    earlier installation: Slack repeats events, in any order.
    """
    workspace = session.scalar(select(Workspace).where(Workspace.team_id == team_id))
    if workspace is None or workspace.uninstalled_at is not None:
        return False
    # Slack reports whole seconds.
    if workspace.installed_at is not None and sent < workspace.installed_at.replace(microsecond=0):
        return False
    workspace.uninstalled_at = now
    return True


# Built once: workers ask for these all the time.
_workspaces = Workspace.__table__
_INSTALLED = select(_workspaces.c.id, _workspaces.c.team_id).where(
    _workspaces.c.team_id.is_not(None), _workspaces.c.uninstalled_at.is_(None)
)
_EXISTS = select(_workspaces.c.id).where(_workspaces.c.id == bindparam("id"))
_OF_TEAM = select(Workspace).where(Workspace.team_id == bindparam("team"))


def installed_teams(session: Session) -> dict[int, str]:
    """Return the team ids of the workspaces that the app is installed in, by workspace id."""
    return {id_: str(team_id) for id_, team_id in session.connection().execute(_INSTALLED)}


def workspace_exists(session: Session, workspace_id: int) -> bool:
    """Say whether a workspace still exists, so that something of it may be stored."""
    found = session.connection().scalar(_EXISTS, {"id": workspace_id})
    return found is not None


def purge_uninstalled(session: Session, before: datetime) -> list[str]:
    """Delete the workspaces that were uninstalled before a time; return their team ids.

    Their jobs go too, because payloads contain what people wrote.
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

    Raises `NotFoundError` where there is none, naming the nearest that exists, and `InputError`
    where one must be named.
    """
    if team_id is not None:  # no two have the same
        of_team = session.scalar(_OF_TEAM, {"team": team_id})
        if of_team is None:
            raise NotFoundError(_no_workspace(session, team_id))
        return of_team
    found = session.scalars(select(Workspace).order_by(Workspace.id).limit(2)).all()
    if not found:
        raise NotFoundError("Nothing is remembered yet: import tickets or connect Slack first.")
    if len(found) > 1:
        raise InputError("There are several workspaces: name one with --workspace TEAM_ID.")
    return found[0]


def _no_workspace(session: Session, team_id: str) -> str:
    known = session.scalars(select(Workspace.team_id).where(Workspace.team_id.is_not(None))).all()
    nearest = get_close_matches(team_id.upper(), map(str, known), 1, cutoff=0)
    hint = f" The nearest is {nearest[0]}; `deja workspaces list` has all." if nearest else ""
    return f"There is no workspace {team_id}.{hint}"


def local_workspace(session: Session, now: datetime, team_id: str | None = None) -> Workspace:
    """Return the workspace that an import belongs to; the first import adds one."""
    try:
        return find_workspace(session, team_id)
    except NotFoundError:
        if team_id is not None:
            raise
    workspace = Workspace(created_at=now)
    session.add(workspace)
    session.flush()
    return workspace
