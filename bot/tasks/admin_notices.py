"""Problems that administrators are told about in Slack, each once a day while it lasts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.blocks.parts import section
from bot.i18n.texts import Texts, texts_in
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import AdminNotice, NightlyCheck
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message
from bot.wiring import Services
from services.channels.settings import channel_of_slack
from services.evaluation.nightly_proof import NightlyProof, failed_checks
from services.judgement.noise_budget import channels_over_budget
from services.memory.workspaces import installed_teams
from services.phrases import Phrase, counted, phrase, read_phrase

# A worker that runs takes seconds; Slack's own outages end within minutes as a rule.
MAX_WAIT = timedelta(minutes=30)

MIN_FREE_BYTES = 500_000_000

# Tickets are few at this hour in the team's zone.
PROOF_HOUR = 3


@dataclass(frozen=True)
class AdminNotices:
    """Makes the nightly proof, and posts notices for administrators."""

    services: Services
    slack: Slack

    def prove(self, job: NightlyCheck, lease: Lease, now: datetime) -> list[BotJob]:
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
        text = f":warning: {say(read_phrase(job.text))}"
        message = Message(text, [section(text)], job.mark)
        try:
            if to.startswith("U"):  # a person: where direct messages are read is not known before
                self.slack.post(to, None, message)
            else:
                self.slack.post_in_channel_once(to, message, now)
        except GoneError:
            return []  # the bot is not in that channel; `deja doctor` says so
        return []

    def _texts(self, workspace_id: int, slack_id: str) -> Texts:
        with self.services.database.read() as session:
            channel = channel_of_slack(session, workspace_id, slack_id)
        return Texts("en") if channel is None else texts_in(channel)


def admin_jobs(services: Services, workspace_id: int, now: datetime) -> list[BotJob]:
    """Return the nightly proof and the notices that are due; they are about all workspaces.

    So they are jobs of the first workspace that has the app.
    """
    with services.database.read() as session:
        if workspace_id != min(installed_teams(session), default=workspace_id):
            return []
    hours = services.settings.hours
    day = hours.day_of(now)
    jobs: list[BotJob] = []
    if now.astimezone(hours.zone).hour >= PROOF_HOUR:
        jobs.append(NightlyCheck(key=f"proof:{day}"))
    if services.settings.alert_channel is not None:
        jobs += [
            AdminNotice(key=f"notice:{name}:{day}", text=text.stored(), mark=f"{name}-{day}")
            for name, text in problems(services, now)
        ]
    return jobs


def problems(services: Services, now: datetime) -> Iterator[tuple[str, Phrase]]:
    """Yield what an administrator should look at, by a name of the kind of problem."""
    counts = services.queue.counts()
    if counts["failed"]:
        yield (
            "failed",
            counted(
                counts["failed"],
                "{n} job was given up: see `deja jobs list --failed`.",
                "{n} jobs were given up: see `deja jobs list --failed`.",
            ),
        )
    oldest = services.queue.oldest_unfinished()
    if oldest is not None and now - oldest > MAX_WAIT:
        yield (
            "queue",
            phrase("Work has been waiting for {span}: see `deja jobs list`.", span=now - oldest),
        )
    with services.database.read() as session:
        quiet = sum(len(channels_over_budget(session, id_)) for id_ in installed_teams(session))
        failed = failed_checks(session)
    if quiet:
        yield (
            "budget",
            counted(
                quiet,
                "I am quiet in {n} channel, because too much of what I said there was wrong: "
                "see `deja budget`.",
                "I am quiet in {n} channels, because too much of what I said there was wrong: "
                "see `deja budget`.",
            ),
        )
    for one in failed:
        yield (
            f"proof-{one.name}",
            phrase("The nightly check failed: {found}. See `deja doctor`.", found=one.text),
        )
    free = free_bytes(services)
    if free is not None and free < MIN_FREE_BYTES:
        yield (
            "disk",
            phrase("Only {n} MB are free on the disk of the data folder.", n=free // 1_000_000),
        )


def free_bytes(services: Services) -> int | None:
    """Return the free space on the disk of the data folder; None if there is no such folder."""
    try:
        return shutil.disk_usage(services.settings.data_dir).free
    except OSError:
        return None
