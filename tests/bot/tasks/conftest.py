"""Slack with bursts, with a posted digest, and with an answered ticket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.tasks.digests import chores, fill
from tests.bot.tasks.resolutions import ANSWER, PRINTER
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn


@pytest.fixture
def talk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a desk where people's messages of two minutes are one ticket."""
    with open_desk(slack, database_url, str(tmp_path), embedder, burst_seconds=120) as opened:
        yield opened


@pytest.fixture
def digest(desk: Desk) -> Json:
    """Give the digest of a lively channel."""
    fill(desk, "C1")
    [message] = chores(desk)
    return message


@pytest.fixture
def solved(desk: Desk) -> tuple[str, str]:
    """Say a ticket and an answer to it; return the `ts` of both."""
    ts = desk.ticket("C1", PRINTER)
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=ts)
    desk.hear("C1", reply)
    desk.drain()
    return ts, reply["ts"]
