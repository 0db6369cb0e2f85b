"""The workspaces that a bot is connected to: their Slack clients, tasks and uninstallation."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import metrics
from bot.blocks.mark_duplicate import Option
from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.jobs.upkeep_kinds import AdminNotice
from bot.listeners.context import ListenerContext
from bot.logs import causes_of, request_context
from bot.server.job_signal import JobSignal
from bot.server.schedule import due_jobs, rotation_job
from bot.slack.client import Slack
from bot.slack.errors import TOKEN_SECONDS
from bot.slack.identity import BotIdentity
from bot.slack.tokens import Tokens
from bot.tasks.admin_notices import proof_jobs, watch
from bot.tasks.registry import Tasks
from bot.traces import first_span
from bot.wiring import Services
from models import Workspace
from services.channels.settings import channel_of_slack
from services.errors import RetryLaterError, SettingsError
from services.intake import overrides
from services.memory.connections import (
    WorkspaceConnection,
    connection_of,
    connection_of_team,
)
from services.memory.workspaces import (
    installed_teams,
    mark_uninstalled,
    purge_uninstalled,
    workspace_exists,
)

# Of more workspaces than these only the number is logged.
MAX_NAMED = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConnectedWorkspaces:
    """The workspaces whose tokens are stored."""

    services: Services
    tokens: Tokens
    signal: JobSignal
    clock: Callable[[], datetime]
    _slacks: dict[str, Slack] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def installed(self) -> list[int]:
        """Return the ids of the workspaces in which the app is installed."""
        with self.services.database.read() as session:
            return self.installed_in(session)

    def installed_in(self, session: Session) -> list[int]:
        """Return the same as a session sees it."""
        teams = self.tokens.teams(session)
        return [id_ for id_, team in installed_teams(session).items() if team in teams]

    def names(self) -> str:
        """Return the names of the workspaces, for log messages."""
        ids = self.installed()
        with self.services.database.read() as session:
            found = session.scalars(select(Workspace).where(Workspace.id.in_(ids))).all()
        if len(found) > MAX_NAMED:
            return f"{len(found)} workspaces"
        return ", ".join(one.name or str(one.team_id) for one in found) or "no workspace yet"

    def tasks(self, workspace_id: int) -> Tasks:
        """Return a workspace's tasks. Raises `RetryLaterError` if it has no token now."""
        try:
            with self.services.database.read() as session:
                found = connection_of(session, workspace_id)
                token = None if found is None else self.tokens.find(session, found.team_id)
        except SettingsError as error:  # its key was taken away while the bot runs
            raise RetryLaterError(str(error), TOKEN_SECONDS) from error
        if found is None or token is None:
            raise RetryLaterError("the app is not installed in this workspace", TOKEN_SECONDS)
        services = self.services.live.using(found.model)
        return Tasks(services, self._slack(found.team_id, token), self._me(found), self.tokens)

    def listener_context(self, team_id: str | None) -> ListenerContext | None:
        """Return what listeners need for a team's requests, or None if it has no app."""
        with self.services.database.read() as session:
            workspace = connection_of_team(session, team_id)
            token = self.tokens.find(session, str(team_id))
        if workspace is None or token is None:
            return None

        def enqueue(job: BotJob) -> None:
            [cause] = causes_of([job.key])
            with (
                first_span(f"request {job.kind}", cause),
                self.services.database.write() as session,
            ):
                if workspace_exists(session, workspace.workspace_id):
                    enqueue_jobs(session, workspace.workspace_id, [job], self.clock())
            self.signal.notify(job.kind)
            with request_context([job.key]):
                logger.info("stored a request of Slack: %s", job.kind)

        def find(channel: str, ts: str, user: str, text: str) -> list[Option]:
            tasks = self.tasks(workspace.workspace_id)
            return tasks.mark_duplicate.find(channel, ts, user, text, self.clock())

        def is_override(channel: str, ts: str, emoji: str) -> bool:
            with self.services.database.read() as session:
                stored = channel_of_slack(session, workspace.workspace_id, channel)
                return overrides.is_override(session, stored, ts, emoji)

        slack = self._slack(workspace.team_id, token)
        me = self._me(workspace)
        return ListenerContext(me, workspace.bot_id, slack, enqueue, find, is_override)

    def due_jobs(self, now: datetime) -> dict[int, list[BotJob]]:
        """Return the scheduled jobs that are due, by workspace."""
        due = {}
        for workspace_id in self.installed():
            with self.services.database.read() as session:
                team_id = str(session.get_one(Workspace, workspace_id).team_id)
                end = self.tokens.due_end(session, team_id, now)
            jobs = due_jobs(self.services.live.get(), workspace_id, now)
            due[workspace_id] = jobs if end is None else [rotation_job(end, now), *jobs]
        if due:  # once for all of them
            due[min(due)] += proof_jobs(self.services, now)
        return due

    def watch(self, now: datetime) -> None:
        """Look for problems, and store the notices for administrators that are due."""
        if watch(self.services, self.installed(), now):
            self.signal.notify(AdminNotice.kind)

    def take_recoveries(self) -> list[int]:
        """Return the ids of the workspaces whose Slack answers again since this was last asked."""
        with self._lock:
            slacks = dict(self._slacks)
        teams = {team for team, slack in slacks.items() if slack.breaker.take_recovery()}
        if not teams:
            return []
        with self.services.database.read() as session:
            return [id_ for id_, team in installed_teams(session).items() if team in teams]

    def uninstall(self, team_id: str, event_time: float | None) -> None:
        """Stop all work for a team that uninstalled the app, in Unix seconds at `event_time`."""
        now = self.clock()
        when = now if event_time is None else datetime.fromtimestamp(event_time, UTC)
        with self.services.database.write() as session:
            if not mark_uninstalled(session, team_id, when, now):
                return
            self.tokens.forget(session, team_id)
        with self._lock:
            slack = self._slacks.pop(team_id, None)
        if slack is not None:
            slack.uninstalled.set()  # a running job posts nothing more
            metrics.BREAKERS.remove(team_id)
        logger.warning(
            "the app was uninstalled from %s: all work stops, and its data is deleted in %d hours",
            team_id,
            self.services.settings.purge_hours,
        )

    def purge(self, now: datetime) -> None:
        """Delete the workspaces that were uninstalled long enough ago."""
        before = now - timedelta(hours=self.services.settings.purge_hours)
        with self.services.database.write() as session:
            self.tokens.purge_states(session, now)
            gone = purge_uninstalled(session, before)
        if gone:
            self.services.live.last.maintain_index()
            logger.warning("the data of uninstalled workspaces was deleted: %s", ", ".join(gone))

    def _me(self, found: WorkspaceConnection) -> BotIdentity:
        return BotIdentity(found.team_id, found.bot_user_id, self.services.settings.ticket_bots)

    def _slack(self, team_id: str, token: str) -> Slack:
        """Return a team's Slack client, which keeps its state when the token changes."""
        with self._lock:
            known = self._slacks.get(team_id)
            if known is None:
                known = Slack.connect(self.services.settings, token, clock=self.clock)
            elif known.client.token != token:
                known = replace(known, client=Slack.connect(self.services.settings, token).client)
            self._slacks[team_id] = known
            breaker = known.breaker
            metrics.BREAKERS.labels(team_id).set_function(lambda: float(breaker.is_open))
            return known
