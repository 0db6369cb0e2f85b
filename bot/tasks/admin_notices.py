"""Notices for administrators in Slack: of each problem one when it begins and one when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.parts import section
from bot.i18n.texts import Texts, texts_in
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.upkeep_kinds import AdminNotice, ProofRun
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message
from bot.tasks.problems import find_problems
from bot.wiring import Services
from services.channels.settings import channel_of_slack
from services.evaluation.nightly_proof import NightlyProof
from services.evaluation.problem_log import ProblemNews, knows_problems, note_problems
from services.phrases import read_phrase

# Tickets are few at this hour in the team's zone.
PROOF_HOUR = 3


@dataclass(frozen=True)
class AdminNotices:
    """Makes the nightly proof, and posts notices for administrators."""

    services: Services
    slack: Slack

    def prove(self, job: ProofRun, lease: Lease, now: datetime) -> list[BotJob]:
        """Prove that all is as it should be; a failed check is told with the other problems."""
        services = self.services
        NightlyProof(services.database, services.index, services.embedder.fingerprint).run(now)
        return []

    def post(self, job: AdminNotice, lease: Lease, now: datetime) -> list[BotJob]:
        """Tell about a problem in the channel of the settings, or directly to a person there."""
        to = self.services.settings.alert_channel
        if to is None:
            return []
        say = self._texts(lease.workspace_id, to)
        sign = ":white_check_mark:" if job.is_over else ":warning:"
        text = f"{sign} {say(read_phrase(job.text))}"
        message = Message(text, [section(text, block_id=job.mark)], job.mark)
        try:
            if to.startswith("U"):  # before the first message nobody knows where they are read
                self.slack.post(to, None, message)
            else:
                self.slack.post_in_channel_once(to, message, now)
        except GoneError:
            return []  # the bot is not in that channel: `deja doctor` says so
        return []

    def _texts(self, workspace_id: int, slack_id: str) -> Texts:
        with self.services.database.read() as session:
            channel = channel_of_slack(session, workspace_id, slack_id)
        return Texts("en") if channel is None else texts_in(channel)


def proof_jobs(services: Services, now: datetime) -> list[ProofRun]:
    """Return the nightly proof, if its hour has come."""
    hours = services.settings.hours
    is_late = now.astimezone(hours.zone).hour >= PROOF_HOUR
    return [ProofRun(key=f"proof:{hours.day_of(now)}")] if is_late else []


def watch(services: Services, workspaces: Sequence[int], now: datetime) -> int:
    """Store the notices that are due, as jobs of the first workspace; return how many.

    Problems are those of the whole installation, so only whoever runs it is told of them.
    """
    if services.settings.alert_channel is None or not workspaces:
        return 0
    found = find_problems(services, workspaces, now)
    with services.database.read() as session:
        if not found and not knows_problems(session):
            return 0
    with services.database.write() as session:
        jobs = [_notice(one, now) for one in note_problems(session, found, now)]
        return enqueue_jobs(session, min(workspaces), jobs, now)


def _notice(news: ProblemNews, now: datetime) -> AdminNotice:
    when = f"{now:%Y-%m-%dT%H:%M:%S}"
    return AdminNotice(
        key=f"notice:{news.name}:{when}",
        text=news.text.stored(),
        mark=f"notice-{news.name}-{when}",
        is_over=news.is_over,
    )
