"""The database engine, with sessions for reading and for writing.

Statements that every message runs read plain tables through `session.connection()`, at a third of
the cost of mapped classes. They do not flush: what they are to find is flushed before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, insert, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from models.base import Base
from models.connections import BUSY_SECONDS, WRITES, prepare_connections
from models.read_only import READ_ONLY, is_read_only, opener
from models.types import POSTGRESQL, SQLITE

# How many statements of one kind are kept: those that write, a few for each table, and those that
# were put together of conditions. Putting one together takes longer than many a query with it; what
# they find is read anew each time. The conditions of a channel come again; those of a person do
# not, and 13 kB for each stay until then.
MAX_STATEMENTS = 256

# Parameters of one statement: SQLite takes 32,766, and more at once are hardly faster.
MAX_PARAMETERS = 5_000

# PostgreSQL's classes of errors that pass: lost connections, conflicts with others, too few
# resources, and a server that shuts down or starts.
_PASSING_CLASSES = ("08", "40", "53", "55", "57")
# The same of SQLite, by words of its messages.
_PASSING_WORDS = ("locked", "busy", "unable to open", "disk i/o", "full", "readonly")


@dataclass(frozen=True)
class Database:
    """An engine that gives sessions for reading and for writing.

    One that `is_read_only` is an SQLite file on a read-only disk, or one that only others may
    write: it can be read, and sessions for writing raise `OperationalError`.
    """

    engine: Engine
    is_read_only: bool = False
    _write_lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @classmethod
    def connect(cls, url: str) -> Database:
        """Return the database at `url` (`sqlite:///…` or `postgresql+psycopg://…`)."""
        address = make_url(url)
        file = _file_of(address)
        read_only = file is not None and is_read_only(file)
        engine = create_engine(
            url,
            # Error messages are logged, and parameters contain what people wrote.
            hide_parameters=True,
            pool_pre_ping=address.get_backend_name() == POSTGRESQL,
            **({"creator": opener(file)} if file is not None and read_only else {}),
        )
        prepare_connections(engine, read_only=read_only)
        return cls(engine, read_only)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an SQLite file."""
        return self.engine.dialect.name == SQLITE

    @cached_property
    def writer(self) -> Engine:
        """The engine for libraries that write: SQLite takes the write lock at the start."""
        return self.engine.execution_options(**{WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that reads one state of the database."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that commits at the end, or rolls back on an error.

        Raises `OperationalError` if others write to SQLite for longer than `BUSY_SECONDS`.
        """
        with (
            self._exclusive(),
            Session(self.writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Let the threads of this process write to SQLite one after the other.

        SQLite has one writer at a time, and the others poll: under load a thread can be overtaken
        for a second. A lock wakes the next one at once.
        """
        if self.is_read_only:
            refused = sqlite3.OperationalError(READ_ONLY)
            raise OperationalError("BEGIN IMMEDIATE", None, refused)
        if not self.is_sqlite:
            yield
        elif self._write_lock.acquire(timeout=BUSY_SECONDS):
            try:
                yield
            finally:
                self._write_lock.release()
        else:
            locked = sqlite3.OperationalError("database is locked")
            raise OperationalError("BEGIN IMMEDIATE", None, locked)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _file_of(address: URL) -> Path | None:
    """Return the file of an SQLite database; None for any other."""
    name = address.database
    is_file = address.get_backend_name() == SQLITE and name and name[0] != ":"
    return Path(name) if is_file and name and not name.startswith("file:") else None


def is_passing(error: DBAPIError) -> bool:
    """Say whether a database error is about the moment, not about the statement."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return any(word in str(error.orig).lower() for word in _PASSING_WORDS)
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(_PASSING_CLASSES)


def insert_new(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
) -> int:
    """Insert the rows whose `unique` columns are not taken yet; return how many there were."""
    if not rows:
        return 0
    statement = _insert_new(_dialect(session), table.__table__, tuple(unique))
    session.flush()  # rows may refer to what was added before
    # On the table, not the mapped class, which would cost more than everything else.
    return len(session.connection().execute(statement, list(rows)).all())


def increment(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, column: str
) -> None:
    """Add `column` of each row to the stored row of the same primary key, or insert the row.

    Concurrent transactions add up, and do not deadlock if their rows are in the order of the keys.
    """
    if not rows:
        return
    statement = _increment(_dialect(session), table.__table__, column)
    session.flush()  # rows may refer to what was added before
    _execute_plainly(session.connection(), statement, rows)


def insert_many(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, which all have the same columns."""
    if rows:
        session.flush()  # rows may refer to what was added before
        _execute_plainly(session.connection(), _insert_all(table.__table__), rows)


def insert_together(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, which all have the same columns, into a table whose words are indexed.

    A statement with a trigger is a savepoint, at which SQLite's index of words (FTS5) writes out
    what it has gathered: with a statement for each row all takes three times as long.
    """
    if _dialect(session) != SQLITE:
        insert_many(session, table, rows)
        return
    if not rows:
        return
    session.flush()  # rows may refer to what was added before
    connection = session.connection()
    marks = f", ({', '.join('?' * len(rows[0]))})"
    most = MAX_PARAMETERS // len(rows[0])
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        sql, prepared = _prepared(connection, _insert_all(table.__table__), part)
        values = tuple(chain.from_iterable(prepared))
        connection.exec_driver_sql(sql + marks * (len(part) - 1), values)


def _execute_plainly(
    connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]
) -> None:
    """Execute an INSERT for many rows."""
    sql, prepared = _prepared(connection, statement, rows)
    connection.exec_driver_sql(sql, prepared)


def _prepared(
    connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]
) -> tuple[str, Any]:
    """Return an INSERT as SQL and the parameters of each row, prepared column by column.

    For an import SQLAlchemy would take longer to prepare them than the database to store them.
    """
    sql, names, prepare, is_positional = _compiled(connection.dialect, statement, tuple(rows[0]))
    columns: list[Iterable[Any]] = []
    for name, prepare_value in zip(names, prepare, strict=True):
        values = [row[name] for row in rows]
        columns.append(values if prepare_value is None else map(prepare_value, values))
    prepared: Any = list(zip(*columns, strict=True))
    if not is_positional:
        prepared = [dict(zip(names, values, strict=True)) for values in prepared]
    return sql, prepared


@lru_cache(MAX_STATEMENTS)
def _compiled(
    dialect: Any, statement: Any, given: tuple[str, ...]
) -> tuple[str, list[str], list[Any], bool]:
    """Return an INSERT as SQL, its parameters, what prepares the values of each, and their style.

    Kept: for a few rows SQLAlchemy would take longer to write it than the database to run it.
    """
    compiled = statement.compile(dialect=dialect, column_keys=list(given))
    names = compiled.positiontup or list(given)
    types = [statement.table.c[name].type.dialect_impl(dialect) for name in names]
    prepare = [one.bind_processor(dialect) for one in types]
    return str(compiled), names, prepare, compiled.positional


def upsert(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows, replacing stored ones with the same primary key.

    Concurrent transactions do not deadlock if their rows are in the order of the keys.
    """
    if not rows:
        return
    statement = _upsert(_dialect(session), table.__table__, tuple(rows[0]))
    # On the table: through the mapped class it would take longer than all the rest.
    session.connection().execute(statement, list(rows))


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


# These statements are kept: each is run for every message, and takes longer to put together than to
# run.


@lru_cache(MAX_STATEMENTS)
def _insert_all(table: Any) -> Any:
    return insert(table).inline()


@lru_cache(MAX_STATEMENTS)
def _insert_new(dialect: str, table: Any, unique: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table).on_conflict_do_nothing(index_elements=list(unique))
    return statement.returning(*table.primary_key)


@lru_cache(MAX_STATEMENTS)
def _increment(dialect: str, table: Any, column: str) -> Any:
    statement = _insert(dialect, table)
    key = [part.name for part in table.primary_key]
    total = table.c[column] + statement.excluded[column]
    return statement.on_conflict_do_update(index_elements=key, set_={column: total})


@lru_cache(MAX_STATEMENTS)
def _upsert(dialect: str, table: Any, columns: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    key = {part.name for part in table.primary_key}
    fresh = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=sorted(key), set_=fresh)


def _insert(dialect: str, table: Any) -> Any:
    """Return the dialect's INSERT, which knows ON CONFLICT; each dialect loads when it is used."""
    if dialect == POSTGRESQL:
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
