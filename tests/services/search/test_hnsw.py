"""Snapshots and rebuilds of HnswIndex, the only index with a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from models import Database, Embedding
from services.search.hnsw import HnswIndex
from tests.services.search.vectors import DIM, FINGERPRINT, add_items, random_vectors


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """Give an empty SQLite database."""
    database = Database.connect(sqlite_url)
    yield database
    database.close()


def hnsw(database: Database, folder: Path, *, exact_rows: int = 0) -> HnswIndex:
    """Open an index that uses the graph for any number of rows."""
    return HnswIndex(
        database, fingerprint=FINGERPRINT, dim=DIM, folder=folder, exact_rows=exact_rows
    )


def test_an_index_is_loaded_from_its_snapshot(sqlite: Database, tmp_path: Path) -> None:
    """A saved index is loaded, and only newer rows are added."""
    rows = random_vectors(300)
    ids = add_items(sqlite, rows[:200])
    first = hnsw(sqlite, tmp_path)
    first.load()
    first.save()
    ids += add_items(sqlite, rows[200:])
    second = hnsw(sqlite, tmp_path)
    assert [c[0].item_id for c in second.search(rows, limit=1)] == ids
    assert second.count() == (300, 0)
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize(
    "damage",
    [
        "truncated",
        "flipped",
        "empty",
        "no metadata",
        "metadata of garbage",
        "foreign model",
        "metadata of a list",
    ],
)
def test_a_bad_snapshot_is_rebuilt(
    sqlite: Database, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Truncated, corrupted and foreign snapshots are not used, and the index is right anyway."""
    rows = random_vectors(200)
    ids = add_items(sqlite, rows)
    index = hnsw(sqlite, tmp_path)
    index.load()
    index.save()
    (file,), (metadata,) = tmp_path.glob("index-*.bin"), tmp_path.glob("index-*.json")
    data = bytearray(file.read_bytes())
    if damage == "truncated":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "no metadata":
        metadata.unlink()
    elif damage == "metadata of garbage":
        metadata.write_bytes(b"\xff{")
    elif damage == "metadata of a list":
        metadata.write_text("[1]")
    else:
        metadata.write_text(json.dumps(json.loads(metadata.read_text()) | {"fingerprint": "other"}))
    again = hnsw(sqlite, tmp_path)
    assert [c[0].item_id for c in again.search(rows, limit=1)] == ids


def test_a_snapshot_of_another_database_is_not_used(sqlite: Database, tmp_path: Path) -> None:
    """After a backup is restored, ids mean other rows, and the old snapshot is not used."""
    old = random_vectors(50, seed=1)
    add_items(sqlite, old)
    index = hnsw(sqlite, tmp_path)
    index.load()
    index.save()
    with sqlite.write() as session:
        session.execute(delete(Embedding))
        session.connection().exec_driver_sql("DELETE FROM sqlite_sequence")
    rows = random_vectors(80, seed=2)
    ids = add_items(sqlite, rows)
    with sqlite.write() as session:
        for row in session.scalars(select(Embedding)):
            row.text_hash = f"new {row.id}"
    found = hnsw(sqlite, tmp_path, exact_rows=4_000).search(rows, limit=1)
    assert [candidates[0].item_id for candidates in found] == ids


def test_many_deleted_rows_cause_a_rebuild(sqlite: Database, tmp_path: Path) -> None:
    """When a fifth of the graph's rows are deleted, the graph and its snapshot are rebuilt."""
    rows = random_vectors(1_200)
    ids = add_items(sqlite, rows)
    index = hnsw(sqlite, tmp_path)
    index.load()
    with sqlite.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id.in_(ids[:400])))
    assert index.count() == (1_200, 400)
    index.maintain()
    assert index.count() == (800, 0)
    assert [c[0].item_id for c in index.search(rows[400:], limit=1)] == ids[400:]
    assert hnsw(sqlite, tmp_path).count() == (800, 0)


def test_building_reports_progress(sqlite: Database, tmp_path: Path) -> None:
    """A rebuild reports its progress up to the end."""
    add_items(sqlite, random_vectors(100))
    index = hnsw(sqlite, tmp_path)
    seen: list[tuple[int, int]] = []
    index.rebuild(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (100, 100)


def test_searches_go_on_where_no_snapshot_can_be_written(sqlite: Database, tmp_path: Path) -> None:
    """Where a snapshot cannot be saved, there is an error, and the index still works."""
    rows = random_vectors(20)
    ids = add_items(sqlite, rows)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    index = hnsw(sqlite, blocked / "index")
    assert index.search(rows[:1], limit=1)[0][0].item_id == ids[0]
    with pytest.raises(OSError, match="file"):
        index.save()
    assert index.search(rows[:1], limit=1)[0][0].item_id == ids[0]
