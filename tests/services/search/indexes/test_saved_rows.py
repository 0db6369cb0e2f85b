"""The rows of the saved index, counted without reading its graphs."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import delete

from models import Database, Embedding
from services.search.indexes.saved_rows import count_saved_rows, has_damaged_snapshot
from tests.services.search.snapshots import hnsw, saved_hnsw
from tests.services.search.vectors import DIM, FINGERPRINT, add_items, random_vectors


def test_the_count_is_that_of_the_loaded_index(sqlite: Database, tmp_path: Path) -> None:
    """Also after rows came and went, and where a graph would be built."""
    index = hnsw(sqlite, tmp_path, exact_rows=5)

    def saved() -> tuple[int, int]:
        with sqlite.read() as session:
            return count_saved_rows(session, tmp_path, FINGERPRINT, DIM, exact_rows=5)

    assert saved() == (0, 0)
    rows = random_vectors(30)
    first, *_ = add_items(sqlite, rows[:20])
    small, *_ = add_items(sqlite, rows[20:23], team_id="T2")
    assert saved() == (23, 0)
    assert index.count() == (23, 0)
    index.save()
    add_items(sqlite, rows[23:])
    with sqlite.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id.in_([first, small])))
    assert saved() == index.count() == (29, 1)
    (file,) = tmp_path.glob("index-*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"last_hash": "of another one"}))
    assert saved() == (28, 0)


def test_a_damaged_snapshot_is_noticed_without_reading_its_graph(
    sqlite: Database, tmp_path: Path
) -> None:
    """One that was cut off or is gone is; without any there is nothing to be damaged."""

    def is_damaged() -> bool:
        with sqlite.read() as session:
            return has_damaged_snapshot(session, tmp_path, FINGERPRINT, DIM)

    add_items(sqlite, random_vectors(30))
    assert not is_damaged()
    saved_hnsw(sqlite, tmp_path, exact_rows=5)
    assert not is_damaged()
    (file,) = tmp_path.glob("index-*.bin")
    file.write_bytes(file.read_bytes()[:-1])
    assert is_damaged()
    file.unlink()
    assert is_damaged()
