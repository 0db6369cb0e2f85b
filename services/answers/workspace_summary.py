"""Every workspace with its number of channels and items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Channel, Item, Workspace
from models.queries import LIVE


@dataclass(frozen=True)
class WorkspaceSummary:
    """A workspace with its number of channels and items. Without a team it holds imports."""

    team_id: str | None
    name: str | None
    channels: int
    items: int
    installed_at: datetime | None
    uninstalled_at: datetime | None

    @property
    def state(self) -> str:
        """Whether the app is installed, in a few words."""
        if self.team_id is None:
            return "not in Slack"
        if self.uninstalled_at is not None:
            return f"removed {self.uninstalled_at:%Y-%m-%d %H:%M}"
        return "installed"


def describe_workspaces(session: Session) -> list[WorkspaceSummary]:
    """Return every workspace, the oldest first."""
    channels = select(func.count()).where(Channel.workspace_id == Workspace.id).scalar_subquery()
    own_items = (Item.workspace_id == Workspace.id) & LIVE
    items = select(func.count()).select_from(Item).where(own_items).scalar_subquery()
    rows = session.execute(
        select(
            Workspace.team_id,
            Workspace.name,
            channels,
            items,
            Workspace.installed_at,
            Workspace.uninstalled_at,
        ).order_by(Workspace.id)
    )
    return [WorkspaceSummary(*row) for row in rows]
