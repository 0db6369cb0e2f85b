"""A bot that joins bursts, a posted digest, and a ticket with an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.tasks.channel_setup import open_new_desk
from tests.bot.tasks.digests import fill_channel, run_due_jobs
from tests.bot.tasks.resolutions import ANSWER, PRINTER
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn
from tests.worlds import begin


@pytest.fixture
def burst_desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot that joins messages of one person within two minutes."""
    with open_desk(slack, database_url, str(tmp_path), embedder, burst_seconds=120) as opened:
        yield opened


@pytest.fixture
def new_desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot that nobody has set up, in a channel that U7 made."""
    with open_new_desk(slack, database_url, tmp_path, embedder) as opened:
        yield opened


@pytest.fixture
def digest(desk: Desk) -> Json:
    """Post the digest of a channel with many similar tickets."""

    def post() -> Json:
        fill_channel(desk, "C1")
        [message] = run_due_jobs(desk)
        return message

    return begin(desk, "a digest", post)


@pytest.fixture
def answered(desk: Desk) -> tuple[str, str]:
    """Post a ticket and a reply that solves it, and return the `ts` of both."""

    def post() -> tuple[str, str]:
        ts = desk.ticket("C1", PRINTER)
        reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=ts)
        desk.deliver_message("C1", reply)
        desk.drain()
        return ts, str(reply["ts"])

    return begin(desk, "a ticket with its answer", post)
