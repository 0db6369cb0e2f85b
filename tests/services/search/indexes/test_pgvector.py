"""What only PgVectorIndex has: statements that PostgreSQL serves by its own index."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import select, text, update

from models import Database, Embedding, Item
from services.search.indexes.contract import MAX_REACH
from services.search.indexes.pgvector import PREFIX, PgVectorIndex
from services.search.indexes.saved_rows import EXACT_ROWS
from tests.databases import PostgresServer
from tests.services.search.vectors import (
    DIM,
    FINGERPRINT,
    WORKSPACE,
    add_items,
    brute_force,
    random_vectors,
)

ROWS = 60
_SCANS = text(
    "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE starts_with(indexrelname, :prefix)"
)
_FLUSH = text("SELECT pg_stat_force_next_flush()")
_ITEMS_READ = text(
    "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'items'"
)

_OPTIONS = text(
    "SELECT reloptions FROM pg_class WHERE starts_with(relname, :prefix) AND relkind = 'i'"
)
_INVALID = text(
    "UPDATE pg_index SET indisvalid = false FROM pg_class "
    "WHERE pg_class.oid = indexrelid AND starts_with(relname, :prefix)"
)


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    """Give a database whose planner scans and sorts whole tables only where it must."""
    url = postgres.create("deja_plans", template="deja_template")
    for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
        postgres.run(f"ALTER DATABASE deja_plans SET {setting} = off")
    connected = Database.connect(url)
    yield connected
    connected.close()
    postgres.drop("deja_plans")


def scans(database: Database) -> int:
    """Return how often the HNSW index was scanned."""
    with database.engine.connect() as connection:
        connection.execute(_FLUSH)
        connection.commit()
        return connection.scalar(_SCANS, {"prefix": PREFIX}) or 0


def test_the_index_serves_a_filtered_search(database: Database) -> None:
    """Neither a condition nor a statement that PostgreSQL has kept keeps it from the index."""
    rows = random_vectors(ROWS)
    add_items(database, rows)
    index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=0)
    index.maintain()
    for number in range(8):  # the driver prepares a statement that it has run five times
        before = scans(database)
        index.search(
            rows[number : number + 1], workspace_id=WORKSPACE, limit=3, where=Item.kind == "ticket"
        )
        assert scans(database) == before + 1
    assert (
        index.search(rows[:1], workspace_id=WORKSPACE, limit=3, min_similarity=0.99)[0][
            0
        ].similarity
        > 0.99
    )


def test_the_nearest_are_found_first_and_then_narrowed(database: Database) -> None:
    """Where hardly any item passes, PostgreSQL would read all of them to find these."""
    for setting in ("enable_sort = on", "enable_hashjoin = off", "enable_mergejoin = off"):
        with database.engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE deja_plans SET {setting}"))
    database.close()
    rows = random_vectors(4 * MAX_REACH)
    ids = add_items(database, rows)
    with database.write() as session:
        session.execute(update(Item).where(Item.id == ids[5]).values(resolution="Restarted it."))
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=0)
    index.maintain()
    before = items_read(database)
    found = index.search(
        rows[5:6],
        workspace_id=WORKSPACE,
        limit=2,
        where=Item.resolution.is_not(None),
        min_similarity=0.1,
    )
    assert [one.item_id for one in found[0]] == [ids[5]]
    assert items_read(database) - before <= MAX_REACH


def test_items_that_only_a_longer_scan_would_reach_are_found(database: Database) -> None:
    """pgvector ends a scan after some rows (20,000 by default), however few of them pass."""
    with database.engine.begin() as connection:
        connection.execute(text("ALTER DATABASE deja_plans SET hnsw.max_scan_tuples = 100"))
    database.close()
    angles = np.linspace(0, np.pi / 2, 500)  # each row has only those beside it for neighbours
    rows = np.zeros((len(angles), DIM), dtype=np.float32)
    rows[:, 0], rows[:, 1] = np.cos(angles), np.sin(angles)
    ids = add_items(database, rows)
    nearest = list(brute_force(rows, ids, rows[0], len(ids)))
    far = nearest[-20:]
    with database.write() as session:
        session.execute(update(Item).where(Item.id.in_(far)).values(resolution="Restarted it."))
    index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=0)
    index.maintain()
    is_answered = Item.resolution.is_not(None)
    for limit in (3, 20, 50, 50):
        before = scans(database)
        [found] = index.search(rows[:1], workspace_id=WORKSPACE, limit=limit, where=is_answered)
        assert [one.item_id for one in found] == far[:limit]
    assert scans(database) == before  # so few pass that the index is no help
    [found] = index.search(rows[:1], workspace_id=WORKSPACE, limit=5)
    assert [one.item_id for one in found] == nearest[:5]
    assert scans(database) == before + 1


@pytest.mark.parametrize("exact_rows", [EXACT_ROWS, 0])
def test_all_items_are_compared_where_there_is_no_index(
    database: Database, exact_rows: int
) -> None:
    """Or none yet: those that pass are found, however many others are nearer."""
    rows = random_vectors(2 * MAX_REACH)
    rows[:] = rows[0] + 0.1 * rows
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = add_items(database, rows)
    farthest = int(np.argmin(rows @ rows[0]))
    index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=exact_rows)
    index.maintain()
    with database.engine.begin() as connection:  # as long as PostgreSQL makes it
        connection.execute(_INVALID, {"prefix": PREFIX})
    found = index.search(
        rows[:1],
        workspace_id=WORKSPACE,
        limit=2,
        where=Item.id == ids[farthest],
        min_similarity=0.1,
    )
    assert [one.item_id for one in found[0]] == [ids[farthest]]


def test_no_query_waits_for_processes_that_are_to_help_it(database: Database) -> None:
    """They take longer to start than a query that every message asks takes to run."""
    with database.engine.connect() as connection:
        assert connection.scalar(text("SHOW max_parallel_workers_per_gather")) == "0"


def items_read(database: Database) -> int:
    """Return how many rows of items were read so far."""
    with database.engine.connect() as connection:
        connection.execute(_FLUSH)
        connection.commit()
        return connection.scalar(_ITEMS_READ) or 0


def test_vectors_are_read_as_they_were_stored(database: Database) -> None:
    """Every float32 comes back bit for bit: small ones, large ones and zero."""
    row = np.zeros((1, DIM), dtype=np.float32)
    row[0, :7] = [1e-45, 1.17549435e-38, -3.4028235e38, 0.1, 1 / 3, -1, 16_777_217]
    row[0, 7:] = random_vectors(1)[0, 7:]
    [item_id] = add_items(database, row)
    with database.read() as session:
        stored = session.scalar(select(Embedding.vector).where(Embedding.item_id == item_id))
    assert stored is not None
    assert stored.tobytes() == row[0].tobytes()


@pytest.mark.parametrize(("rows", "width"), [(60, 128), (1_000_000, 720), (1e9, 1_000)])
def test_a_larger_index_is_searched_more_widely(
    database: Database, rows: float, width: int
) -> None:
    """With one width for all sizes a large one misses some of the nearest."""
    add_items(database, random_vectors(ROWS))
    index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=0)
    index.maintain()
    grown = text("UPDATE pg_class SET reltuples = :rows WHERE starts_with(relname, :prefix)")
    with database.engine.begin() as connection:
        connection.execute(grown, {"rows": rows, "prefix": PREFIX})
    index.search(random_vectors(1), workspace_id=WORKSPACE, limit=3)
    with database.engine.connect() as connection:  # the one that searched: the pool has one
        assert connection.scalar(text("SHOW hnsw.ef_search")) == str(width)


def test_a_rebuild_makes_an_index_as_new_ones_are_made(database: Database) -> None:
    """An older one was made less carefully, and missed some of the nearest."""
    add_items(database, random_vectors(ROWS))
    index = PgVectorIndex(database, fingerprint=FINGERPRINT, dim=DIM, exact_rows=0)
    index.maintain()
    with database.engine.connect() as connection:
        new = connection.scalars(_OPTIONS, {"prefix": PREFIX}).all()
        name = connection.scalar(
            text("SELECT relname FROM pg_class WHERE starts_with(relname, :prefix)"),
            {"prefix": PREFIX},
        )
        connection.exec_driver_sql(f"ALTER INDEX {name} SET (m = 16, ef_construction = 128)")
        connection.commit()
    index.rebuild()
    with database.engine.connect() as connection:
        assert connection.scalars(_OPTIONS, {"prefix": PREFIX}).all() == new
