"""The overview: what was asked most, and how Déjà is doing, of what one person may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import LIVE, in_parts
from services.channels.audience import Audience, PersonAccess
from services.channels.settings import Mode, settings_of
from services.issues.groups import all_groups
from services.judgement.calibration_store import current_calibration
from services.judgement.noise_budget import noise_budget_of
from services.memory.ticket_status import is_solved
from services.text.cleaning import headline


@dataclass(frozen=True)
class IssueSummary:
    """An issue that was reported several times: its first report that may be read, and how many."""

    title: str
    url: str | None
    reports: int
    is_solved: bool


@dataclass(frozen=True)
class CalibrationSummary:
    """What judges: so many verdicts, and how often it is right at the cut (None: not known)."""

    verdicts: int
    precision: float | None


@dataclass(frozen=True)
class ChannelBehaviour:
    """How Déjà behaves in a channel, and whether it is quiet because its promise is broken."""

    name: str
    mode: Mode
    is_muted: bool
    is_broken: bool


def most_reported_issues(session: Session, audience: Audience, limit: int) -> list[IssueSummary]:
    """Return the most reported issues among what an audience may read, the open ones first."""
    groups = all_groups(session, audience.workspace_id)
    wanted = {member for group in groups for member in group.members}
    readable = {
        item.id: item
        for part in in_parts(wanted)
        for item in session.scalars(select(Item).where(Item.id.in_(part), LIVE, audience.items))
    }
    found = []
    for group in groups:
        members = [readable[member] for member in group.members if member in readable]
        if len(members) > 1:
            found.append(_issue(members))
    found.sort(key=lambda one: (one.is_solved, -one.reports, one.title))
    return found[:limit]


def channel_behaviours(
    session: Session, workspace_id: int, reader: PersonAccess
) -> list[ChannelBehaviour]:
    """Return how Déjà behaves in the channels whose names somebody may know."""
    may_know = or_(Channel.is_private.is_(False), Channel.id.in_(reader.channel_ids))
    channels = session.scalars(
        select(Channel)
        .where(Channel.workspace_id == workspace_id, Channel.slack_id.is_not(None), may_know)
        .order_by(Channel.name)
    ).all()
    return [
        ChannelBehaviour(
            channel.name or str(channel.slack_id),
            settings_of(channel).mode,
            channel.muted_at is not None,
            not noise_budget_of(session, channel).is_kept,
        )
        for channel in channels
    ]


def calibration_summary(session: Session, workspace_id: int) -> CalibrationSummary | None:
    """Return what judges tickets, None before there is a model."""
    row = current_calibration(session, workspace_id, "ticket")
    if row is None:
        return None
    precision = row.report.get("precision")
    return CalibrationSummary(row.verdicts, None if precision is None else float(precision))


def _issue(members: Sequence[Item]) -> IssueSummary:
    first = members[0]
    is_over = any(is_solved(one.status, one.resolution) for one in members)
    return IssueSummary(headline(first.title, first.text), first.url, len(members), is_over)
