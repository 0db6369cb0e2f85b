"""What each request and each job needs of its workspace, read by one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models import EmbeddingModel, Workspace

# Built once, on plain tables: every request and every job asks.
_workspaces, _models = Workspace.__table__, EmbeddingModel.__table__
_IN_USE = select(_models.c.fingerprint).where(_models.c.state == "active").scalar_subquery()
_CONNECTIONS = select(
    _workspaces.c.id,
    _workspaces.c.team_id,
    _workspaces.c.bot_user_id,
    _workspaces.c.bot_id,
    _IN_USE.label("model"),
)
_BY_ID = _CONNECTIONS.where(_workspaces.c.id == bindparam("key"))
_BY_TEAM = _CONNECTIONS.where(_workspaces.c.team_id == bindparam("key"))


@dataclass(frozen=True)
class WorkspaceConnection:
    """A workspace that Slack is connected to, and the bot's identity in it.

    `model` is the fingerprint of the embedding model in use, None before there are vectors.
    """

    workspace_id: int
    team_id: str
    bot_user_id: str | None
    bot_id: str | None
    model: str | None


def connection_of(session: Session, workspace_id: int) -> WorkspaceConnection | None:
    """Return the connection of a workspace, None where there is none."""
    return _find(session, _BY_ID, workspace_id)


def connection_of_team(session: Session, team_id: str | None) -> WorkspaceConnection | None:
    """Return the connection of a team, None where there is none."""
    return _find(session, _BY_TEAM, team_id)


def _find(
    session: Session, statement: Select[*tuple[Any, ...]], key: int | str | None
) -> WorkspaceConnection | None:
    row = session.connection().execute(statement, {"key": key}).one_or_none()
    if row is None or row.team_id is None:
        return None
    return WorkspaceConnection(row.id, row.team_id, row.bot_user_id, row.bot_id, row.model)
