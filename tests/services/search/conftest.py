"""An empty database for what does not depend on its kind, and an index of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Database
from services.search.indexes.contract import VectorIndex
from services.search.indexes.hnsw import HnswIndex
from services.search.indexes.pgvector import PgVectorIndex
from services.search.indexes.qdrant import QdrantIndex
from tests.databases import open_database
from tests.services.search.index_makers import MakeIndex
from tests.services.search.local_qdrant import local_qdrant
from tests.services.search.vectors import DIM, FINGERPRINT

# As with SQLite, whose rows are read by the same statements; test_qdrant.py has a story of both.
BESIDE_POSTGRESQL = "qdrant beside postgresql"


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """Give an empty SQLite database."""
    database = open_database(sqlite_url)
    yield database
    database.close()


@pytest.fixture(
    params=["exact", "graph", "pgvector", "qdrant",
            pytest.param(BESIDE_POSTGRESQL, marks=pytest.mark.thorough)]
)  # fmt: skip
def make_index(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Database, MakeIndex]]:
    """Give an empty database and a way to open an index over it, for each implementation."""
    on_postgresql = request.param in {"pgvector", BESIDE_POSTGRESQL}
    if on_postgresql:
        url = request.getfixturevalue("postgres").renew()
    else:
        url = request.getfixturevalue("sqlite_url")
    database = open_database(url)
    client = local_qdrant() if request.param.startswith("qdrant") else None

    def make() -> VectorIndex:
        if client is not None:
            return QdrantIndex(database, client, fingerprint=FINGERPRINT, dim=DIM)
        if request.param == "pgvector":
            index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=100)
            index.maintain()
            return index
        return HnswIndex(
            database,
            fingerprint=FINGERPRINT,
            dim=DIM,
            folder=tmp_path / "index",
            exact_rows=0 if request.param == "graph" else 4_000,
        )

    yield database, make
    database.close()
