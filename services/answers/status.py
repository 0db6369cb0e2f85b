"""What Déjà remembers, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Channel, Embedding, Item, Verdict, Workspace
from services.channels.audience import Audience
from services.channels.settings import SPEAKING
from services.judgement.noise_budget import noise_budget_of
from services.phrases import Phrase, counted, phrase

_SILENT = {
    "off": phrase("off: I remember nothing"),
    "request": phrase("I answer only when asked"),
}


def count_workspaces(session: Session) -> int:
    """Return how many workspaces are remembered."""
    return session.scalar(select(func.count(Workspace.id))) or 0


@dataclass(frozen=True)
class WorkspaceSummary:
    """A workspace, and how much is remembered of it. Without a team it holds imports."""

    team_id: str | None
    name: str | None
    channels: int
    items: int
    installed_at: datetime | None
    uninstalled_at: datetime | None

    @property
    def state(self) -> str:
        """Say in a few words whether the app is there."""
        if self.team_id is None:
            return "not in Slack"
        if self.uninstalled_at is not None:
            return f"removed {self.uninstalled_at:%Y-%m-%d %H:%M}"
        return "installed"


def describe_workspaces(session: Session) -> list[WorkspaceSummary]:
    """Return every workspace, the oldest first."""
    channels = select(func.count()).where(Channel.workspace_id == Workspace.id).scalar_subquery()
    live = (Item.workspace_id == Workspace.id) & Item.deleted_at.is_(None)
    items = select(func.count()).select_from(Item).where(live).scalar_subquery()
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


def count_items(session: Session, where: ColumnElement[bool]) -> dict[str, int]:
    """Return how many live items of each kind there are."""
    rows = session.execute(
        select(Item.kind, func.count()).where(where, Item.deleted_at.is_(None)).group_by(Item.kind)
    )
    return {"ticket": 0, "product": 0} | {kind: number for kind, number in rows}


def count_embeddings(session: Session, fingerprint: str) -> int:
    """Return how many vectors of a model are stored."""
    return (
        session.scalar(select(func.count(Embedding.id)).where(Embedding.fingerprint == fingerprint))
        or 0
    )


def count_current_verdicts(session: Session) -> dict[str, int]:
    """Return how many standing verdicts of each kind there are."""
    rows = session.execute(
        select(Verdict.verdict, func.count())
        .where(Verdict.undone_at.is_(None))
        .group_by(Verdict.verdict)
    )
    return {"duplicate": 0, "related": 0, "distinct": 0} | {
        verdict: number for verdict, number in rows
    }


def describe_channel(
    session: Session, channel: Channel, audience: Audience
) -> list[tuple[Phrase, Phrase]]:
    """Return what the readers of a reply in a channel may know of Déjà, as names and values."""
    readable = count_items(session, audience.items)
    here = count_items(session, Item.channel_id == channel.id)
    return [
        (
            phrase("Remembered"),
            counted(
                readable["ticket"],
                "{n} ticket that you can read",
                "{n} tickets that you can read",
            ),
        ),
        (phrase("From this channel"), _tickets(here)),
        (phrase("In this channel"), _here(session, channel)),
    ]


def _here(session: Session, channel: Channel) -> Phrase:
    if channel.mode not in SPEAKING:
        return _SILENT[channel.mode]
    if channel.muted_at is not None:
        return phrase("muted")
    if not noise_budget_of(session, channel).is_kept:
        return phrase("quiet, because too many of my suggestions were wrong")
    if channel.mode == "quiet":
        return phrase("I answer only repeated tickets")
    return phrase("I answer repeated and similar tickets")


def _tickets(counts: dict[str, int]) -> Phrase:
    return counted(counts["ticket"], "{n} ticket", "{n} tickets")
