"""Rows that a graph names: those that are dead leave no gap."""

from __future__ import annotations

from pathlib import Path

from models import Database, Item
from tests.remembering import START
from tests.services.search.snapshots import hnsw
from tests.services.search.vectors import WORKSPACE, add_items, random_vectors


def test_dead_rows_among_the_nearest_leave_no_gap(sqlite: Database, tmp_path: Path) -> None:
    """Where most of the nearest rows are dead, those behind them are found, the best first."""
    rows = random_vectors(120)
    add_items(sqlite, rows)
    index = hnsw(sqlite, tmp_path)
    nearest = [one.item_id for one in index.search(rows[:1], workspace_id=WORKSPACE, limit=14)[0]]
    with sqlite.write() as session:
        for item_id in nearest[1:8]:
            session.get_one(Item, item_id).deleted_at = START
    found = index.search(rows[:1], workspace_id=WORKSPACE, limit=7)[0]
    assert [one.item_id for one in found] == [nearest[0], *nearest[8:14]]


def test_the_best_chunk_of_an_item_counts(sqlite: Database, tmp_path: Path) -> None:
    """Of several near chunks of one item the nearest counts, and the items behind it are found."""
    rows = random_vectors(120)
    ids = add_items(sqlite, rows, chunks=2)
    index = hnsw(sqlite, tmp_path)
    found = index.search(rows[:1], workspace_id=WORKSPACE, limit=20)[0]
    similarities = (rows @ rows[0]).reshape(-1, 2).max(axis=1)
    best = sorted(range(60), key=lambda number: -similarities[number])[:20]
    assert [one.item_id for one in found] == [ids[number] for number in best]
