"""The overview: the most reported issues and how Déjà is doing, as far as one person may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import live_items
from services.channels.audience import Audience, PersonAccess
from services.channels.settings import IN_SLACK, Mode, settings_of
from services.issues.groups import all_groups
from services.issues.reports import count_reports, reported_tickets
from services.judgement.calibration_store import calibration_state
from services.judgement.calibration_text import learned_text, next_text
from services.judgement.noise_budget import NoiseBudget, noise_budget_of
from services.memory.ticket_status import is_solved
from services.phrases import Phrase
from services.text.cleaning.headline import headline


@dataclass(frozen=True)
class IssueSummary:
    """An issue with several reports: the first one that the audience may read, and their number."""

    title: str
    url: str | None
    reports: int
    is_solved: bool


@dataclass(frozen=True)
class CalibrationSummary:
    """What decisions have taught (None: nothing yet), and what more of them would change."""

    learned: Phrase | None
    then: Phrase


@dataclass(frozen=True)
class ChannelBehaviour:
    """How Déjà behaves in a channel, and how its noise budget has done."""

    name: str
    mode: Mode
    is_muted: bool
    budget: NoiseBudget

    @property
    def is_over_budget(self) -> bool:
        """Whether it is quiet because too many flags were wrong."""
        return not self.budget.is_kept


def most_reported_issues(session: Session, audience: Audience, limit: int) -> list[IssueSummary]:
    """Return the most reported issues that an audience may read, the open ones first."""
    groups = [group.members for group in all_groups(session, audience.workspace_id)]
    members = {member for group in groups for member in group}
    reported = reported_tickets(session, audience.workspace_id)
    groups += [(item_id,) for item_id in sorted(reported - members)]
    members |= reported
    readable = live_items(session, members, audience.items)
    issues = [[member for member in group if member in readable] for group in groups]
    numbers = count_reports(session, dict(enumerate(issues)))
    found = [
        _issue([readable[member] for member in issue], numbers[at])
        for at, issue in enumerate(issues)
        if numbers[at] > 1
    ]
    found.sort(key=lambda one: (one.is_solved, -one.reports, one.title))
    return found[:limit]


def channel_behaviours(
    session: Session, workspace_id: int, reader: PersonAccess
) -> list[ChannelBehaviour]:
    """Return how Déjà behaves in each channel whose name somebody may know."""
    may_know = or_(Channel.is_private.is_(False), Channel.id.in_(reader.channel_ids))
    channels = session.scalars(
        select(Channel)
        .where(Channel.workspace_id == workspace_id, IN_SLACK, may_know)
        .order_by(Channel.name)
    ).all()
    return [
        ChannelBehaviour(
            channel.name or str(channel.slack_id),
            settings_of(channel).mode,
            channel.muted_at is not None,
            noise_budget_of(session, channel),
        )
        for channel in channels
    ]


def calibration_summary(session: Session, workspace_id: int) -> CalibrationSummary:
    """Return what decisions on tickets have taught."""
    state = calibration_state(session, workspace_id, "ticket")
    learned = None if state.model is None else learned_text(state.model)
    return CalibrationSummary(learned, next_text(state))


def _issue(reports: Sequence[Item], number: int) -> IssueSummary:
    first = reports[0]
    is_over = any(is_solved(one.status, one.resolution) for one in reports)
    return IssueSummary(headline(first.title, first.text), first.url, number, is_over)
