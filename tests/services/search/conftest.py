"""An empty database for what does not depend on its kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models import Database
from tests.databases import open_database


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """Give an empty SQLite database."""
    database = open_database(sqlite_url)
    yield database
    database.close()
