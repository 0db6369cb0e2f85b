"""Databases without tables, and of an earlier version, for migrations."""

from __future__ import annotations

from collections.abc import Iterator
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
    if request.param == "sqlite":
        database = Database.connect(f"sqlite:///{tmp_path / 'blank.db'}")
        yield database
        database.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    database = Database.connect(server.create("deja_blank"))
    yield database
    database.close()
    server.drop("deja_blank")


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
