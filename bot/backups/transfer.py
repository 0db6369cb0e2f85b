"""Copy all rows of one database to another, of either kind; an interrupted copy goes on.

What was copied is proved by a digest of each table: the sum of the SHA-256 of its rows, which does
not depend on their order. It is a check against mistakes, not against attackers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

import migrations
from bot.connection import database_line
from models import Base, Database, Workspace
from services.errors import DatabaseError, InputError

ROWS_AT_ONCE = 2_000
_DIGEST_BITS = 256

# Takes a table's name, and the number of its rows that are copied by now and of all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class CopiedTable:
    """A table that is the same in both databases: its rows, and their digest in hexadecimal."""

    name: str
    rows: int
    digest: str


def transfer(source: Database, target: Database, progress: Progress) -> list[CopiedTable]:
    """Copy every table; both databases must be at this program's revision.

    Rows that the target has already, from a copy that was interrupted, are not copied again. The
    source is read in one transaction, so that what others write meanwhile is left out. Raises
    `InputError` if the target has rows that are not the source's, and `DatabaseError` if it cannot
    be written.
    """
    tables = Base.metadata.sorted_tables
    with source.engine.connect() as old:
        if not source.is_sqlite:
            old.execution_options(isolation_level="REPEATABLE READ")
        with old.begin():
            for table in tables:
                _ensure_first_part(table, old, target)
            for table in tables:
                _copy_table(table, old, target, progress)
            return [_compare(table, old, target) for table in tables]


def make_target_tables(target: Database) -> None:
    """Make the tables of an empty database, also where that was interrupted before.

    Raises `InputError` for tables of another version that have rows, and `DatabaseError` if they
    cannot be made.
    """
    revision = migrations.current_revision(target.engine)
    if revision == migrations.newest_revision():
        return
    if revision is not None and (not migrations.knows(revision) or _has_rows(target)):
        raise InputError(
            f"The other database is of another version (revision {revision}): name an empty one."
        )
    with _of_other():
        migrations.upgrade(target.engine)


@contextmanager
def _of_other() -> Iterator[None]:
    """Say of an error of the other database that it is not of the one in use."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseError(database_line(error, "The other database")) from error


def _has_rows(target: Database) -> bool:
    """Say whether a database has a workspace, which all that Déjà stores belongs to."""
    with target.read() as session:
        return session.scalar(select(Workspace.id).limit(1)) is not None


def _ensure_first_part(table: Table, old: Connection, target: Database) -> None:
    """Raise `InputError` unless the target has the first rows of a table, or none."""
    key, last = _id_of(table), _last_id(table, target)
    if key is not None and last is not None:
        # What refers to other rows of the table is filled in when they are all there.
        late = {column.name for column in _references_to_itself(table)}
        _compare(table, old, target, key <= last, late)


def _copy_table(table: Table, old: Connection, target: Database, progress: Progress) -> None:
    total = old.scalar(select(func.count()).select_from(table)) or 0
    key, last = _id_of(table), _last_id(table, target)
    if key is None:  # nobody knows where it was interrupted, so it begins again
        with _of_other(), target.write() as session:
            session.connection().execute(table.delete())
    done = _count(table, target)
    later = {column.name for column in _references_to_itself(table)}
    progress(table.name, done, total)
    for rows in _batches(table, old, None if last is None or key is None else key > last):
        # A row may refer to a later one of its table: such columns are filled in at the end.
        plain = [{**row, **dict.fromkeys(later)} for row in rows]
        with _of_other(), target.write() as session:
            session.connection().execute(table.insert(), plain)
        done += len(rows)
        progress(table.name, done, total)
    for column in _references_to_itself(table):
        _fill_in(table, column, old, target)
    if not target.is_sqlite:
        _continue_ids(table, target)


def _last_id(table: Table, database: Database) -> int | None:
    key = _id_of(table)
    if key is None:
        return None
    with database.read() as session:
        last: int | None = session.scalar(select(func.max(key)))
        return last


def _count(table: Table, database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _batches(
    table: Table, connection: Connection, where: ColumnElement[bool] | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Yield rows as dictionaries, by their primary key, `ROWS_AT_ONCE` at a time."""
    query = select(table).order_by(*table.primary_key)
    if where is not None:
        query = query.where(where)
    with connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        for part in result.mappings().partitions():
            yield [dict(row) for row in part]


def _id_of(table: Table) -> Column[Any] | None:
    columns = list(table.primary_key)
    return columns[0] if len(columns) == 1 and isinstance(columns[0].type, Integer) else None


def _references_to_itself(table: Table) -> list[Column[Any]]:
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _fill_in(table: Table, column: Column[Any], old: Connection, target: Database) -> None:
    [key] = table.primary_key
    found = old.execute(select(key, column).where(column.is_not(None))).all()
    if found:
        statement = update(table).where(key == bindparam("own")).values({column: bindparam("ref")})
        with _of_other(), target.write() as session:
            rows = [{"own": own, "ref": reference} for own, reference in found]
            session.connection().execute(statement, rows)


def _continue_ids(table: Table, target: Database) -> None:
    """Let PostgreSQL's next id follow the last one that was copied."""
    key, last = _id_of(table), _last_id(table, target)
    if key is None or last is None:
        return
    with target.write() as session:
        sequence = session.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if sequence is not None:
            session.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})


def _compare(
    table: Table,
    old: Connection,
    target: Database,
    where: ColumnElement[bool] | None = None,
    without: Collection[str] = (),
) -> CopiedTable:
    """Return what both databases have of a table. Raises `InputError` if they differ."""
    expected = _digest(table, old, where, without)
    with target.engine.connect() as new:
        found = _digest(table, new, None, without)
    if found != expected:
        raise InputError(
            f"The table {table.name} is not the same in both databases: {expected[0]} rows here, "
            f"{found[0]} there. The other database must be empty, or have the first part of an "
            "interrupted copy."
        )
    return CopiedTable(table.name, *found)


def _digest(
    table: Table,
    connection: Connection,
    where: ColumnElement[bool] | None,
    without: Collection[str],
) -> tuple[int, str]:
    """Return the number of rows and their digest, in which some columns do not count."""
    total = rows = 0
    for part in _batches(table, connection, where):
        rows += len(part)
        for row in part:
            kept = {name: value for name, value in row.items() if name not in without}
            total += int.from_bytes(_hash(kept))
    return rows, f"{total % 2**_DIGEST_BITS:0{_DIGEST_BITS // 4}x}"


def _hash(row: dict[str, Any]) -> bytes:
    line = json.dumps(row, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).digest()


def _plain(value: object) -> object:
    """Return what JSON has no form for, as both databases give it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value, dtype="<f4").tobytes().hex()
    if isinstance(value, bytes):
        return value.hex()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is in no column")
