"""A bot on the stand-in of Slack, whose work is done by `drain` at the time of a test clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.server.serve import build_bot
from bot.server.worker import BATCH
from bot.settings import Settings
from bot.tasks.registry import BATCHED, SINGLE, Tasks
from bot.wiring import Services, build
from models import Answer, Item, Job
from services.job_rows import ClaimedJob
from services.memory.workspaces import find_workspace
from services.search.embedders.embedding import Embedder
from tests.conftest import NOW
from tests.databases import open_database
from tests.keys import KEY
from tests.slack_people import SECRET, SlackPeople
from tests.slack_server import Json
from tests.slack_standin import TOKEN, SlackStandIn

# Far more than any test needs; a drain without end stops here.
MAX_ROUNDS = 500

# Built once: `drain` asks in each round.
_WAITING_KINDS = select(Job.kind).where(Job.state.in_(("ready", "running"))).distinct()

LANES = ((BATCHED, BATCH), (SINGLE, 1))


def settings_values(slack_url: str, database_url: str, data_dir: str) -> dict[str, str]:
    """Return the environment variables of a bot on the stand-in."""
    return {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack_url}/api",
        "DEJA_DATABASE_URL": database_url,
        "DEJA_DATA_DIR": data_dir,
        "DEJA_PRECISION": "float32",  # nothing is measured
        "DEJA_SECRET_KEY": KEY,
        "DEJA_TICKET_BOTS": "BALERT,BOLD",
        "DEJA_DEFAULT_MODE": "full",
        "DEJA_POST_INTERVAL": "0",
        "DEJA_BURST_SECONDS": "0",
    }


class Clock:
    """The worker's clock, which tests set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Desk(SlackPeople):
    """A support team's Slack with the bot in it, whose work is done by `drain`."""

    clock: Clock

    @property
    def services(self) -> Services:
        """The bot's services."""
        return self.bot.services

    @property
    def tasks(self) -> Tasks:
        """The bot's tasks, to be run here instead of in the worker's threads."""
        return self.bot.workspaces.tasks(self.workspace_id)

    @property
    def workspace_id(self) -> int:
        """The workspace of this Slack."""
        with self.services.database.read() as session:
            return find_workspace(session, self.slack.team).id

    def enqueue(self, *jobs: BotJob) -> None:
        """Enqueue jobs, as the bot itself does."""
        with self.services.database.write() as session:
            enqueue_jobs(session, self.workspace_id, jobs, self.clock.now)

    def claim(self, owner: str, *kinds: str) -> list[ClaimedJob]:
        """Claim the due jobs of some kinds for a worker."""
        return self.services.queue.claim(
            owner, self.clock.now, limit=256, kinds=kinds, workspaces=lambda _: [self.workspace_id]
        )

    def run_and_die(self, kind: type[BotJob], owner: str = "dying") -> list[BotJob]:
        """Run the due jobs of a kind in a worker that then dies; return their follow-up jobs."""
        handler = {**BATCHED, **SINGLE}[kind](self.tasks)
        return handler(self.claim(owner, kind.kind), self.clock.now)

    def drain(self) -> None:
        """Run all jobs that are due at the clock's time, and those that follow."""
        for _ in range(MAX_ROUNDS):
            waiting = self._waiting_kinds()
            lanes = [
                (lane, size)
                for lane, size in LANES
                if any(job_class.kind in waiting for job_class in lane)
            ]
            worked = [self.bot.worker.run_once(lane, size) for lane, size in lanes]
            if not any(worked):
                return
        raise AssertionError("the jobs never end")

    def _waiting_kinds(self) -> set[str]:
        """Return the kinds of waiting jobs, due or not: no others need to be claimed."""
        with self.services.database.read() as session:
            return set(session.scalars(_WAITING_KINDS))

    def wait(self, seconds: float) -> None:
        """Move the clock on, and run the jobs that are due then."""
        self.clock.advance(seconds)
        self.drain()

    def answers(self, channel: str, ts: str) -> list[Json]:
        """Run all due jobs, and return the bot's messages in a thread."""
        self.drain()
        return self.slack.replies(channel, ts)

    def opened(self, channel: str, ts: str) -> list[Json]:
        """Return the answers in a thread with all that they show, opened by a person."""
        for answer in self.answers(channel, ts):
            if "open" in buttons(answer):
                self.click(channel, "open", buttons(answer)["open"])
        return self.answers(channel, ts)

    def jobs(self, state: str) -> list[Job]:
        """Return the jobs in a state."""
        return self.services.queue.find([state], limit=1000)

    def item(self, channel: str, ts: str) -> Item:
        """Return the stored item of a message."""
        with self.services.database.read() as session:
            return session.scalars(select(Item).where(Item.external_id == f"{channel}/{ts}")).one()

    def find_item(self, channel: str, ts: str) -> Item | None:
        """Return the stored item of a message, or None if there is none."""
        with self.services.database.read() as session:
            return session.scalar(select(Item).where(Item.external_id == f"{channel}/{ts}"))

    def answer(self, channel: str, ts: str) -> Answer | None:
        """Return the stored answer to a message."""
        item = self.item(channel, ts)
        with self.services.database.read() as session:
            return session.scalar(
                select(Answer)
                .where(Answer.item_id == item.id)
                .options(selectinload(Answer.matches))
            )


@contextmanager
def open_desk(
    slack: SlackStandIn,
    database_url: str,
    data_dir: str,
    embedder: Embedder,
    *,
    default_mode: str = "full",
    burst_seconds: int = 0,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Desk]:
    """Give a bot on the stand-in, on a migrated database.

    Bursts are off by default, as one person posts all tickets of most tests. `settings` are
    further environment variables.
    """
    values = settings_values(slack.url, database_url, data_dir) | dict(settings or {})
    values["DEJA_DEFAULT_MODE"] = default_mode
    values["DEJA_BURST_SECONDS"] = str(burst_seconds)
    services = build(Settings.from_mapping(values), embedder, open_database(database_url))
    clock = Clock()
    yield Desk(slack, build_bot(services, clock), count(1), clock)
    services.close()


def restarted(desk: Desk) -> Desk:
    """Return the desk with a new bot, as after a restart: nothing in memory is shared."""
    return replace(desk, bot=build_bot(desk.services, desk.clock))


def buttons(message: Json) -> dict[str, str]:
    """Return the values of a message's buttons and menus by action, the first of each."""
    found: dict[str, str] = {}
    for block in message["blocks"]:
        accessory = [block["accessory"]] if "accessory" in block else []
        for element in [*block.get("elements", []), *accessory]:
            if element.get("type") == "button":
                found.setdefault(element["action_id"].removeprefix("deja_"), element["value"])
            for option in element.get("options", []):
                action, colon, value = option["value"].partition(":")
                if colon:
                    found.setdefault(action, value)
                else:
                    found.setdefault(element["action_id"].removeprefix("deja_"), action)
    return found


def words(message: Json) -> str:
    """Return a message's text and blocks as JSON."""
    return json.dumps([message["text"], message["blocks"]], ensure_ascii=False)
