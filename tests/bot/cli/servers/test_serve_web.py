"""`deja serve --web`: the bot and the dashboard in one process."""

from __future__ import annotations

import http.client
import re
import signal
import socket
from pathlib import Path
from shutil import copy
from typing import cast

import pytest

from bot.cli.servers.serve_run import start_dashboard
from bot.server.workspaces import ConnectedWorkspaces
from bot.wiring import Services
from models import Workspace
from tests.bot.cli.test_patience import SECONDS, read_until, serving
from tests.bot.web.visitors import SETTINGS
from tests.conftest import NOW
from tests.serving import settings_values
from tests.slack_standin import SlackStandIn


@pytest.fixture
def values(slack: SlackStandIn, sqlite_template: Path, tmp_path: Path) -> dict[str, str]:
    """Give the environment of a bot whose dashboard has a free port."""
    url = f"sqlite:///{copy(sqlite_template, tmp_path / 'deja.db')}"
    found = settings_values(slack.url, url, str(tmp_path / "data"))
    return {**found, "DEJA_WEB_PORT": "0"}


def _ask(port: str, path: str, host: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=SECONDS)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_the_dashboard_is_beside_the_bot(values: dict[str, str], tmp_path: Path) -> None:
    """Both answer, the dashboard to this machine alone; one signal ends both."""
    with serving(values, tmp_path, "--web", "--host", "127.0.0.1") as process:
        lines = read_until(process, "is working for")
        [bot] = re.findall(r"http://127.0.0.1:(\d+)/slack/events", "".join(lines))
        [web] = re.findall(r"the dashboard is at http://127.0.0.1:(\d+)/", "".join(lines))
        assert _ask(bot, "/healthz", "localhost")[0] == 200
        status, page = _ask(web, "/", "localhost")
        assert (status, "0 tickets that you can read" in page) == (200, True)
        assert _ask(web, "/", "deja.example.com")[0] == 421
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_with_an_address_people_sign_in(values: dict[str, str], tmp_path: Path) -> None:
    """Without a session there is only the sign-in."""
    with serving(values | SETTINGS, tmp_path, "--web") as process:
        lines = read_until(process, "is working for")
        assert "the dashboard is at https://deja.example.com" in "".join(lines)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_missing_credentials_are_named_before_anything_starts(
    values: dict[str, str], tmp_path: Path
) -> None:
    """An address without the app that people sign in with ends it in one line."""
    with serving({**values, "DEJA_WEB_URL": "https://deja.example.com"}, tmp_path, "--web") as run:
        assert "DEJA_WEB_CLIENT_ID" in "".join(read_until(run, "DEJA_WEB_CLIENT_ID"))
        assert run.wait(SECONDS) == 1


def test_a_port_in_use_is_named_before_anything_starts(
    values: dict[str, str], tmp_path: Path
) -> None:
    """The bot does not begin to take events that it would leave."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with serving({**values, "DEJA_WEB_PORT": port}, tmp_path, "--web") as run:
            lines = read_until(run, "Error")
            assert port in lines[-1]
            assert "/slack/events" not in "".join(lines)
            assert run.wait(SECONDS) == 1


@pytest.mark.parametrize("teams", [(), ("T1", "T2")])
def test_without_an_address_the_bot_works_where_no_workspace_is_the_only_one(
    services: Services, caplog: pytest.LogCaptureFixture, teams: tuple[str, ...]
) -> None:
    """One line says what to set; whose dashboard it would be nobody can say to `deja serve`."""
    with services.database.write() as session:
        session.add_all(Workspace(team_id=team, created_at=NOW) for team in teams)
    unused = cast(ConnectedWorkspaces, None)
    start_dashboard(services, unused, "127.0.0.1")()
    assert "Set DEJA_WEB_URL, or start `deja web --workspace TEAM_ID`" in caplog.text
