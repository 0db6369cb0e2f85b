"""Real databases and services for every test, on SQLite and PostgreSQL."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import isfunction
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

import migrations
from bot.settings import Settings
from bot.wiring import Services, build
from models import Database, Workspace
from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests import groups, levels
from tests.databases import (
    PostgresServer,
    SqliteFile,
    open_database,
    start_postgres,
    write_without_fsync,
)
from tests.hashing import HashingEmbedder
from tests.loaded_model import loaded_model

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

# New objects, and collections of each generation, before the next one is collected.
COLLECT_AFTER = 20_000, 20, 20

# Fixtures with a database or a server: tests with one take longer than handing them to a worker.
STORED = {"database_url", "sqlite_url", "sqlite_file", "postgres", "slack", "platform"}
# Fixtures that take seconds to make, and modules that make models with PyTorch.
SHARED = {"model", "browser", "try_once"}
MAKERS = {"tests.tiny_model", "tests.tiny_models", "tests.tiny_clip"}

write_without_fsync()

# A shell that runs the tests in the background has them ignore Ctrl-C, which the commands that they
# start would keep: nothing could interrupt these.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice between `make test` and `make test-all`."""
    levels.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and the groups, and say how hypothesis works."""
    config.pluginmanager.register(groups)
    for marker in levels.MARKERS:
        config.addinivalue_line("markers", marker)
    # Tests do not depend on the speed of the machine, and a run can be repeated.
    hypothesis_settings.register_profile(
        "deja", deadline=None, derandomize=True, max_examples=levels.examples(config),
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    hypothesis_settings.load_profile("deja")


def pytest_collection_finish() -> None:
    """Leave the modules and tests to themselves: all of them stay until the end.

    The garbage collector would go through them thousands of times.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the requested level; those that need much share one worker.

    Importing PyTorch, loading the real model and starting Chromium take longer than most of these
    tests together. Of those that need little, a worker takes a module at a time. A group that a
    test names itself stays.
    """
    levels.select(config, items)
    for item in items:
        if not isinstance(item, pytest.Function) or item.get_closest_marker("xdist_group"):
            continue
        if _needs_much(item):
            item.add_marker(pytest.mark.xdist_group("model"))
        elif STORED.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def _needs_much(item: pytest.Function) -> bool:
    """Say whether a test needs the real model or Chromium, or its module makes models."""
    makes = {one.__module__ for one in vars(item.module).values() if isfunction(one)}
    return not SHARED.isdisjoint(item.fixturenames) or not MAKERS.isdisjoint(makes)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start PostgreSQL once per worker."""
    with start_postgres() as started:
        yield started


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file per worker, which every test copies."""
    file = tmp_path_factory.mktemp("template") / "deja.db"
    database = Database.connect(f"sqlite:///{file}")
    migrations.upgrade(database.engine)
    database.close()
    return file


@pytest.fixture(scope="session")
def sqlite_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteFile:
    """Give the SQLite database of a worker."""
    return SqliteFile(sqlite_template, tmp_path_factory.mktemp("recycled") / "deja.db")


@pytest.fixture
def sqlite_url(sqlite_file: SqliteFile) -> str:
    """Give an empty, migrated SQLite database."""
    return sqlite_file.renew()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty, migrated database of each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.renew()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Connect to an empty, migrated database of each kind."""
    connected = open_database(database_url)
    yield connected
    connected.close()


@pytest.fixture
def embedder() -> HashingEmbedder:
    """Give an embedder that needs no model."""
    return HashingEmbedder()


@pytest.fixture(scope="session")
def model() -> SentenceTransformerEmbedder:
    """Load the real model once per worker; it reads no text twice."""
    return loaded_model()


@pytest.fixture
def services(database_url: str, tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Services]:
    """Wire the services to an empty database of each kind, with the hashing embedder."""
    settings = Settings.from_mapping(
        {"DEJA_DATA_DIR": str(tmp_path / "data"), "DEJA_DATABASE_URL": database_url}
    )
    built = build(settings, embedder, open_database(database_url))
    yield built
    built.close()


@pytest.fixture
def workspace(services: Services) -> Workspace:
    """Add a workspace."""
    with services.database.write() as session:
        row = Workspace(
            team_id="T1", name="Test", url="https://test.slack.com/", bot_user_id="U0DEJA",
            bot_id="B0DEJA", created_at=NOW,
        )  # fmt: skip
        session.add(row)
    return row
