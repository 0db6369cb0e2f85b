"""A bot on the `local-slack` program, with the real slack_sdk and Bolt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from sqlalchemy import select

from bot.clock import utc_now
from bot.jobs.kinds import enqueue_jobs
from bot.jobs.request_kinds import AnswerClick
from bot.server.serve import Bot, build_bot, listen
from bot.settings import Settings
from bot.tryout.conversation import Trial, find_buttons, start_trial
from bot.tryout.local_slack import (
    LocalSlack,
    configuration,
    free_port,
    local_settings,
    start_local_slack,
)
from bot.wiring import build
from models import Channel, Item, Workspace
from services.intake.slack_messages import external_id
from services.search.embedders.embedding import Embedder
from tests.databases import open_database
from tests.e2e.browser import WAIT_MILLISECONDS, find_chromium, open_browser
from tests.loaded_model import loaded_embedder

ANA, BEN = "U01ANA", "U02BEN"
HELP, LOBBY = "C01HELP", "C02LOBBY"
WORKSPACE = {
    "workspace": {"name": "Desk", "domain": "desk", "team_id": "T01DESK"},
    "users": [
        {"id": ANA, "name": "ana", "real_name": "Ana Amsel"},
        {"id": BEN, "name": "ben", "real_name": "Ben Birke"},
    ],
    "channels": [{"id": HELP, "name": "help"}, {"id": LOBBY, "name": "lobby"}],
}

# As long as a busy machine may take; no test that passes waits this long.
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.03

T = TypeVar("T")


def wait_for(look: Callable[[], T]) -> T:
    """Return the result of `look` as soon as it is not empty."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(POLL_SECONDS)
    return found


def words(message: dict[str, Any]) -> str:
    """Return the texts of a message's blocks, one per line."""
    texts = []
    for block in message.get("blocks") or []:
        found = [block.get("text"), *block.get("elements", [])]
        texts += [text["text"] for text in found if text and "text" in text]
    return "\n".join(text for text in texts if isinstance(text, str))


@dataclass(frozen=True)
class HelpDesk:
    """A local Slack, and bots that run on it."""

    slack: LocalSlack
    settings: Settings
    port: int
    embedder: Embedder

    @contextmanager
    def bot(self) -> Iterator[Bot]:
        """Run a bot until the end of the `with` block; its database outlives it."""
        with ExitStack() as stack:
            database = open_database(self.settings.database_url.get_secret_value())
            services = build(self.settings, self.embedder, database)
            stack.callback(services.close)
            bot = build_bot(services)
            stack.callback(bot.worker.stop)
            stack.callback(listen(bot, "127.0.0.1", self.port))
            bot.worker.start()
            wait_for(lambda: self._is_swept(bot))
            yield bot

    def say(self, bot: Bot, text: str, channel: str = HELP, user: str = ANA) -> str:
        """Post as a user, wait until the bot has finished its jobs, and return the `ts`."""
        ts = self.slack.post(channel, user, text)
        wait_for(lambda: self.remembers(bot, channel, ts))
        self.let_finish(bot)
        return ts

    def remembers(self, bot: Bot, channel: str, ts: str) -> Item | None:
        """Return the stored item of a message, if there is one."""
        with bot.services.database.read() as session:
            return session.scalar(select(Item).where(Item.external_id == external_id(channel, ts)))

    def let_finish(self, bot: Bot) -> None:
        """Wait until no job is left."""
        wait_for(lambda: not any(bot.services.queue.counts().values()))

    def answer(self, ts: str, *, saying: str = "", channel: str = HELP) -> dict[str, Any]:
        """Wait for the bot's message in a thread that contains `saying`, and return it."""

        def look() -> list[dict[str, Any]]:
            return [one for one in self.slack.replies(channel, ts) if saying in words(one)]

        return wait_for(look)[0]

    def press(self, ts: str, label: str, user: str = BEN, channel: str = HELP) -> None:
        """Press a button of the answer in a thread."""
        message = self.slack.replies(channel, ts)[0]
        labels = {one["text"]["text"]: one for one in find_buttons(message).values()}
        self.slack.click(channel, user, message["ts"], labels[label])

    def mute(self, bot: Bot, ts: str, user: str = BEN, channel: str = HELP) -> None:
        """Confirm the form of *Mute here…*, which only local-slack's page can submit."""
        item = self.remembers(bot, channel, ts)
        assert item is not None
        with bot.services.database.write() as session:
            stored = session.get_one(Channel, item.channel_id)
            stored.creator = user
            team = session.get_one(Workspace, stored.workspace_id).team_id
            click = AnswerClick(
                key="click:mute",
                team=str(team),
                channel=channel,
                user=user,
                response_url=None,
                action="mute",
                item_id=item.id,
                other_id=None,
            )
            enqueue_jobs(session, stored.workspace_id, [click], utc_now())

    def ask(self, text: str, channel: str = HELP) -> str:
        """Type the command `/deja text`, and return the text of the private reply."""
        before = len(self.slack.messages(channel))
        self.slack.command(channel, ANA, text)
        shown = wait_for(lambda: self.slack.messages(channel)[before:])
        assert [one.get("subtype") for one in shown] == ["ephemeral"]
        return words(shown[0])

    def _is_swept(self, bot: Bot) -> bool:
        """Say whether the sweep at the start is over, so that no later message is missed."""
        with bot.services.database.read() as session:
            channels = session.scalars(select(Channel.swept_ts)).all()
        return len(channels) == len(WORKSPACE["channels"]) and None not in channels


@dataclass(frozen=True)
class LocalSlacks:
    """The local Slacks of a test worker: one for each mode, started when first needed."""

    folder: Path
    _stack: ExitStack
    _running: dict[bool, tuple[LocalSlack, int]] = field(default_factory=dict)

    def fresh(self, *, socket_mode: bool) -> tuple[LocalSlack, int]:
        """Return an empty local Slack, and the port of its bot."""
        if socket_mode not in self._running:
            port = free_port()
            address = None if socket_mode else f"http://127.0.0.1:{port}/slack/events"
            folder = self.folder / ("socket" if socket_mode else "http")
            folder.mkdir()
            started = start_local_slack(configuration(WORKSPACE, address), folder)
            self._running[socket_mode] = self._stack.enter_context(started), port
        slack, port = self._running[socket_mode]
        with urlopen(Request(f"{slack.url}/_control/reset", method="POST")) as done:
            assert done.status == HTTPStatus.OK
        return slack, port

    def desk(
        self, folder: Path, database_url: str, embedder: Embedder, *, socket_mode: bool
    ) -> HelpDesk:
        """Return an empty Slack that reaches its bot in Socket Mode or by signed HTTP."""
        slack, port = self.fresh(socket_mode=socket_mode)
        settings = local_settings(slack.url, folder, socket_mode=socket_mode)
        settings = settings.model_copy(update={"database_url": SecretStr(database_url)})
        return HelpDesk(slack, settings, port, embedder)


@contextmanager
def start_sample(folder: Path) -> Iterator[Trial]:
    """Start the same as `deja try`; the real model reads no text of the sample twice in a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.index_wiring.embedder_of", loaded_embedder)
        with start_trial(folder, utc_now(), on_progress=lambda _: None) as started:
            yield started


@pytest.fixture(scope="session")
def local_slacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSlacks]:
    """Give the local Slacks of a test worker."""
    with ExitStack() as stack:
        yield LocalSlacks(tmp_path_factory.mktemp("local-slack"), stack)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once per run."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with open_browser(chromium) as opened:
        yield opened
