"""Databases without tables, for migrations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Database
from tests.databases import PostgresServer


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
