"""The Home tab, rendered whenever somebody opens it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks.home import (
    MAX_ANSWERS,
    MAX_ISSUES,
    MAX_SUSPECTS,
    Health,
    TeamHome,
    admin_view,
    home_view,
)
from bot.i18n.texts import texts_for
from bot.jobs.event_kinds import HomeOpened
from bot.jobs.kinds import BotJob, Lease
from bot.slack.client import Slack
from bot.tasks.requester_access import RequesterAccess
from bot.wiring import Services
from services.answers.overview import calibration_summary, channel_behaviours, most_reported_issues
from services.answers.status import count_items
from services.answers.track_record import helpful_answers
from services.answers.week import week_until
from services.channels.audience import Audience, PersonAccess, audience_of_person
from services.evaluation.nightly_proof import failed_checks
from services.issues.undecided_pairs import newest_undecided_pairs
from services.memory.workspaces import find_workspace, installed_teams
from services.topics.scopes import newest_of_team, scope_of_everybody
from services.topics.views import TopicView, rising_first, view_run


@dataclass(frozen=True)
class HomeTab:
    """Publishes the Home tab of one person at a time."""

    services: Services
    slack: Slack
    access: RequesterAccess

    def publish(self, job: HomeOpened, lease: Lease, now: datetime) -> list[BotJob]:
        """Show somebody what they may know of the tickets, or an admin how Déjà is doing."""
        user = job.user
        person = self.slack.person(user)
        say = texts_for(person.locale if person else None)
        with self.services.database.read() as session:
            workspace_id = find_workspace(session, self.access.me.team_id).id
        access = self.access.of_person(workspace_id, user, person)
        audience = audience_of_person(workspace_id, access)
        is_admin = person is not None and person.is_admin and access.reads_public
        if is_admin and job.shown == "admin":
            view = admin_view(self._health(workspace_id, access, audience), say)
        else:
            team = self._team(workspace_id, access, audience, now)
            view = home_view(team, say, is_admin=is_admin)
        self.slack.publish_home(user, view)
        return []

    def _team(
        self, workspace_id: int, access: PersonAccess, audience: Audience, now: datetime
    ) -> TeamHome:
        with self.services.database.read() as session:
            return TeamHome(
                tickets=count_items(session, audience.items)["ticket"],
                week=week_until(session, audience, now),
                rising=_rising(session, workspace_id, now) if access.reads_public else [],
                issues=most_reported_issues(session, audience, 2 * MAX_ISSUES),
                answers=helpful_answers(session, audience, MAX_ANSWERS),
            )

    def _health(self, workspace_id: int, access: PersonAccess, audience: Audience) -> Health:
        counts = self.services.queue.counts()
        with self.services.database.read() as session:
            return Health(
                channels=channel_behaviours(session, workspace_id, access),
                calibration=calibration_summary(session, workspace_id),
                suspects=newest_undecided_pairs(session, audience, MAX_SUSPECTS),
                waiting=counts["ready"],
                failed=counts["failed"],
                proof=failed_checks(session) if _is_first(session, workspace_id) else [],
            )


def _rising(session: Session, workspace_id: int, now: datetime) -> list[TopicView]:
    """Return the topics of all members that rise."""
    scope = scope_of_everybody(workspace_id)
    view = view_run(session, scope, now, newest_of_team(session, scope))
    return [] if view is None else rising_first(view.shown)


def _is_first(session: Session, workspace_id: int) -> bool:
    """Say whether a workspace is that of whoever runs the bot: the proof is about all."""
    return workspace_id == min(installed_teams(session), default=workspace_id)
