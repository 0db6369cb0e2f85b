"""Slack's stand-in, and a bot on it with a database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_standin import SlackStandIn


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    """Run a stand-in of Slack with one public channel."""
    with SlackStandIn().running() as running:
        running.add_channel("C1")
        yield running
        assert running.violations == []


@pytest.fixture
def desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot on the stand-in, its work done by `drain`, on a database of each kind."""
    with open_desk(slack, database_url, str(tmp_path / "data"), embedder) as opened:
        yield opened
