"""Snapshots and rebuilds of HnswIndex, the only index with a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from models import Database, Embedding
from services.search.hnsw import HnswIndex
from tests.services.search.vectors import DIM, FINGERPRINT, add, vectors


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """Give an empty SQLite database."""
    database = Database.connect(sqlite_url)
    yield database
    database.close()


def hnsw(database: Database, folder: Path, *, exact_rows: int = 0) -> HnswIndex:
    """Open an index that uses the graph however few rows there are."""
    return HnswIndex(
        database, fingerprint=FINGERPRINT, dim=DIM, folder=folder, exact_rows=exact_rows
    )


def test_a_snapshot_brings_the_index_back(sqlite: Database, tmp_path: Path) -> None:
    """A saved index is loaded, and only what came since is added."""
    rows = vectors(300)
    ids = add(sqlite, rows[:200])
    first = hnsw(sqlite, tmp_path)
    first.load()
    first.save()
    ids += add(sqlite, rows[200:])
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
        "no note",
        "note of garbage",
        "foreign model",
        "note of a list",
    ],
)
def test_a_bad_snapshot_is_built_anew(
    sqlite: Database, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Torn, foreign or corrupted snapshots are never used; the index is right all the same."""
    rows = vectors(200)
    ids = add(sqlite, rows)
    index = hnsw(sqlite, tmp_path)
    index.load()
    index.save()
    file, note = tmp_path / "index.bin", tmp_path / "index.json"
    data = bytearray(file.read_bytes())
    if damage == "truncated":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "no note":
        note.unlink()
    elif damage == "note of garbage":
        note.write_bytes(b"\xff{")
    elif damage == "note of a list":
        note.write_text("[1]")
    else:
        note.write_text(json.dumps(json.loads(note.read_text()) | {"fingerprint": "other"}))
    again = hnsw(sqlite, tmp_path)
    assert [c[0].item_id for c in again.search(rows, limit=1)] == ids


def test_a_snapshot_of_another_database_is_not_used(sqlite: Database, tmp_path: Path) -> None:
    """After a restored backup the ids mean other rows; the old snapshot is left alone."""
    old = vectors(50, seed=1)
    add(sqlite, old)
    index = hnsw(sqlite, tmp_path)
    index.load()
    index.save()
    with sqlite.write() as session:
        session.execute(delete(Embedding))
        session.connection().exec_driver_sql("DELETE FROM sqlite_sequence")
    rows = vectors(80, seed=2)
    ids = add(sqlite, rows)
    with sqlite.write() as session:
        for row in session.scalars(select(Embedding)):
            row.text_hash = f"new {row.id}"
    found = hnsw(sqlite, tmp_path, exact_rows=4_000).search(rows, limit=1)
    assert [candidates[0].item_id for candidates in found] == ids


def test_dead_rows_are_swept_out(sqlite: Database, tmp_path: Path) -> None:
    """When a fifth of the graph is dead it is built anew, and the snapshot with it."""
    rows = vectors(1_200)
    ids = add(sqlite, rows)
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
    """A rebuild tells how far it is, up to the end."""
    add(sqlite, vectors(100))
    index = hnsw(sqlite, tmp_path)
    seen: list[tuple[int, int]] = []
    index.rebuild(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (100, 100)


def test_a_folder_that_cannot_be_written_loses_nothing(sqlite: Database, tmp_path: Path) -> None:
    """Where the snapshot cannot be saved the error says so, and searches go on."""
    rows = vectors(20)
    ids = add(sqlite, rows)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    index = hnsw(sqlite, blocked / "index")
    assert index.search(rows[:1], limit=1)[0][0].item_id == ids[0]
    with pytest.raises(OSError, match="file"):
        index.save()
    assert index.search(rows[:1], limit=1)[0][0].item_id == ids[0]
