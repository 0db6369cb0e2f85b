"""The stand-in of Slack, and a bot on it with a database of each kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from tests.databases import PostgresServer, SqliteFile, open_database
from tests.hashing import HashingEmbedder
from tests.keys import KEY
from tests.loaded_model import loaded_embedder
from tests.office import Office, open_office
from tests.serving import Desk, open_desk
from tests.slack_platform import SlackPlatform
from tests.slack_standin import SlackStandIn

Fill = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    """Run the stand-in of Slack with one public channel."""
    with SlackStandIn().running() as running:
        running.add_channel("C1")
        yield running
        assert running.violations == []


@pytest.fixture
def desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot on the stand-in, on a database of each kind; `drain` does its work."""
    with open_desk(slack, database_url, str(tmp_path / "data"), embedder) as opened:
        yield opened


@pytest.fixture
def fill(request: pytest.FixtureRequest, database_url: str) -> Fill:
    """Give `fill(name, by)`, which fills the empty database with `by`, called once per worker."""
    is_sqlite = database_url.startswith("sqlite")
    server: SqliteFile | PostgresServer = request.getfixturevalue(
        "sqlite_file" if is_sqlite else "postgres"
    )
    return server.fill


@pytest.fixture
def command_line(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Give the `deja` command on an empty database of each kind, without any `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DEJA_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    monkeypatch.setenv("DEJA_SECRET_KEY", KEY)
    monkeypatch.setenv("DEJA_PRECISION", "float32")  # nothing is measured
    monkeypatch.setenv("COLUMNS", "200")
    # Consoles made while pytest's own `COLUMNS` was set would keep that width.
    for console in ("console", "notes"):
        monkeypatch.setattr(f"bot.cli.terminal.{console}._width", None)
    # Each command builds its embedder; loading the model takes longer than most of their work.
    for module in ("bot.index_wiring", "bot.cli.upkeep.doctor_model"):
        monkeypatch.setattr(f"{module}.embedder_of", loaded_embedder)
    # Each command connects, and would compile each statement again.
    monkeypatch.setattr("models.Database.connect", open_database)

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return run


@pytest.fixture
def platform() -> Iterator[SlackPlatform]:
    """Run the stand-in of Slack with two workspaces."""
    with SlackPlatform().running() as running:
        running.open("T1")
        running.open("T2")
        yield running
        for workspace in running.workspaces.values():
            assert workspace.violations == []


@pytest.fixture
def office(
    platform: SlackPlatform, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Office]:
    """Give a bot that anybody may install, in no workspace yet."""
    with open_office(platform, database_url, str(tmp_path / "data"), embedder) as opened:
        yield opened
