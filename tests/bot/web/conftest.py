"""A desk with a dashboard, and its visitors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.web.dashboard import Dashboard
from bot.web.serve import local_dashboard
from tests.bot.web.visitors import SETTINGS, Visitor, dashboard_of
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_standin import SlackStandIn


@pytest.fixture
def desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot whose dashboard people sign in to."""
    data = str(tmp_path / "data")
    with open_desk(slack, database_url, data, embedder, settings=SETTINGS) as opened:
        yield opened


@pytest.fixture
def dashboard(desk: Desk) -> Dashboard:
    """Give the dashboard of the desk."""
    return dashboard_of(desk)


@pytest.fixture
def local(desk: Desk, dashboard: Dashboard) -> Visitor:
    """Give a visitor at this machine, where nobody signs in."""
    return Visitor(local_dashboard(desk.services, None, "ann", desk.clock), "127.0.0.1:3001")
