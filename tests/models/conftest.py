"""Databases without tables, and of an earlier version, for migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

import migrations
from models import Database
from tests.databases import PostgresServer
from tests.models.old_rows import OLD, database_value, reflected_table


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without tables, of each kind."""
    with without_tables(request, tmp_path, "blank") as database:
        yield database


@contextmanager
def without_tables(request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[Database]:
    """Give a new database of the kind that is the parameter of a fixture."""
    if request.param == "sqlite":
        with closing(Database.connect(f"sqlite:///{folder / name}.db")) as database:
            yield database
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with closing(Database.connect(server.create(f"deja_{name}"))) as database:
        yield database
    server.drop(f"deja_{name}")


@pytest.fixture
def old(blank: Database) -> Database:
    """Give a database of revision 0016 with its rows."""
    command.upgrade(migrations.config(blank.engine), "0016")
    with blank.engine.begin() as connection:
        for name, rows in OLD.items():
            table = reflected_table(connection, name)
            connection.execute(
                sa.insert(table),
                [{key: database_value(table.c[key].type, row[key]) for key in row} for row in rows],
            )
    return blank
