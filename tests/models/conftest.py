"""Databases without tables, and of an earlier version, for migrations."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

import migrations
from models import Database
from tests.databases import PostgresServer
from tests.models.old_rows import OLD, database_value, reflected_table

KINDS = ["sqlite", "postgresql"]


@pytest.fixture(params=KINDS)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without tables, of each kind."""
    with without_tables(request, tmp_path, "blank") as database:
        yield database


@contextmanager
def without_tables(request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[Database]:
    """Give a new database of the kind that is the parameter of a fixture."""
    with _new_database(request, folder, name, None) as database:
        yield database


@pytest.fixture(scope="session")
def filled_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the filled SQLite files of a worker by name."""
    folder = tmp_path_factory.mktemp("filled")
    return {fill.__name__: folder / f"{fill.__name__}.db" for fill in FILLS}


@contextmanager
def filled(
    request: pytest.FixtureRequest, folder: Path, name: str, fill: Callable[[Database], None]
) -> Iterator[Database]:
    """Give a new database that one of `FILLS` has filled, once per worker and kind."""
    template = _template(request, fill)
    with _new_database(request, folder, name, template) as database:
        yield database


def _template(request: pytest.FixtureRequest, fill: Callable[[Database], None]) -> str:
    """Return the name of a filled database to copy; it is filled when first asked for."""
    name = fill.__name__
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("filled_files")[name]
        if not file.exists():
            with closing(Database.connect(f"sqlite:///{file}.part")) as database:
                fill(database)
            file.with_name(f"{file.name}.part").rename(file)
        return str(file)
    server: PostgresServer = request.getfixturevalue("postgres")
    if name not in server.filled:
        with closing(Database.connect(server.create(name))) as database:
            fill(database)
        server.filled.add(name)
    return name


@contextmanager
def _new_database(
    request: pytest.FixtureRequest, folder: Path, name: str, template: str | None
) -> Iterator[Database]:
    if request.param == "sqlite":
        file = folder / f"{name}.db"
        if template is not None:
            shutil.copyfile(template, file)
        with closing(Database.connect(f"sqlite:///{file}")) as database:
            yield database
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with closing(Database.connect(server.create(f"deja_{name}", template))) as database:
        yield database
    server.drop(f"deja_{name}")


def fill_old(database: Database) -> None:
    """Fill a database as the program of revision 0016 did."""
    command.upgrade(migrations.config(database.engine), "0016")
    with database.engine.begin() as connection:
        for name, rows in OLD.items():
            table = reflected_table(connection, name)
            connection.execute(
                sa.insert(table),
                [{key: database_value(table.c[key].type, row[key]) for key in row} for row in rows],
            )


def fill_upgraded(database: Database) -> None:
    """Fill a database with the rows of revision 0016, upgraded."""
    fill_old(database)
    migrations.upgrade(database.engine)


def fill_empty(database: Database) -> None:
    """Create the tables of this version without rows."""
    migrations.upgrade(database.engine)


FILLS = (fill_old, fill_upgraded, fill_empty)


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database of revision 0016 with its rows."""
    with filled(request, tmp_path, "old", fill_old) as database:
        yield database


@pytest.fixture(params=KINDS)
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database of this version with the rows of revision 0016."""
    with filled(request, tmp_path, "upgraded", fill_upgraded) as database:
        yield database
