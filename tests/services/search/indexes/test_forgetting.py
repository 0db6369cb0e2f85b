"""Vectors that were erased leave the graph and every file, whatever happens meanwhile."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import delete, insert

from bot.erasure.index_files import renew_snapshots
from models import Database, Embedding
from services.erasure.proof import prove
from services.erasure.tickets import erase_tickets
from services.search.indexes.graph import add_rows, forget_rows, new_graph
from services.search.indexes.snapshot import ABANDONED_SECONDS, SnapshotFiles, saved_files
from tests.remembering import START
from tests.services.search.snapshots import follow, is_in_files, opened, snapshot_files
from tests.services.search.vectors import (
    DIM,
    FINGERPRINT,
    WORKSPACE,
    add_items,
    erase,
    random_vectors,
)


def graph_of(rows: NDArray[np.float32]) -> Any:
    """Return a graph of vectors with the ids 1, 2 and so on."""
    graph = new_graph(DIM, len(rows))
    add_rows(graph, np.arange(1, len(rows) + 1), rows)
    return graph


def saved(graph: Any, file: Path) -> bytes:
    """Return what a graph writes."""
    graph.save_index(str(file))
    return file.read_bytes()


class OutOfMemory:
    """A graph that cannot add anything."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def add_items(self, *_args: object) -> None:
        """Fail."""
        raise MemoryError


def test_what_could_not_be_overwritten_is_overwritten_later(tmp_path: Path) -> None:
    """A row that no search finds any more is not taken for one without its vector."""
    rows = random_vectors(50)
    graph = graph_of(rows)
    with pytest.raises(MemoryError):
        forget_rows(OutOfMemory(graph), np.array([3]))
    forget_rows(graph, np.array([3]))
    forget_rows(graph, np.array([3, 4]))
    data = saved(graph, tmp_path / "graph")
    assert not any(row.tobytes() in data for row in rows[2:4])
    assert all(row.tobytes() in data for row in rows[4:])
    labels, _ = graph.knn_query(rows, k=48)
    assert not {3, 4} & set(labels.ravel().tolist())


def test_rows_that_were_forgotten_one_by_one_have_no_vector_in_common() -> None:
    """Equal ones would all be linked to the same few rows."""
    graph = graph_of(random_vectors(50))
    for row_id in (3, 4):
        forget_rows(graph, np.array([row_id]))
        graph.unmark_deleted(row_id)
    first, second = np.array(graph.get_items([3, 4]))
    assert abs(first @ second) < 0.5


def rows_of(database: Database, files: SnapshotFiles) -> tuple[int, int]:
    """Return how many rows the graph has, and how many of them the database no longer has."""
    graph = opened(database, files)
    with database.engine.connect() as connection:
        return graph.count(connection)


def test_a_snapshot_written_during_an_erasure_is_not_kept(sqlite: Database, tmp_path: Path) -> None:
    """`deja erase` has renewed the files by then: the next one that is saved takes its place."""
    rows = random_vectors(60)
    gone, *_ = add_items(sqlite, rows[:50])
    opened(sqlite, snapshot_files(tmp_path)).save()

    class Slow(SnapshotFiles):
        def write(self, graph: Any) -> Path:
            if gone not in erased:
                erase(sqlite, [gone])
                erased.append(gone)
                renew_snapshots(sqlite, tmp_path, exact_rows=0)
            return super().write(graph)

    erased: list[int] = []
    add_items(sqlite, rows[50:])
    running = opened(sqlite, snapshot_files(tmp_path, Slow))
    for _ in range(2):
        running.save()
        assert not is_in_files(rows[0], tmp_path)
        assert len(list(tmp_path.iterdir())) == 2
        assert snapshot_files(tmp_path).read() is not None
    assert rows_of(sqlite, snapshot_files(tmp_path)) == (60, 1)


def test_a_snapshot_written_before_an_erasure_is_not_published_after_it(
    sqlite: Database, tmp_path: Path
) -> None:
    """`deja erase` deletes what the bot has written, and the bot saves again later."""
    rows = random_vectors(60)
    gone, *_ = add_items(sqlite, rows[:50])
    opened(sqlite, snapshot_files(tmp_path)).save()

    class Slow(SnapshotFiles):
        def publish(self, written: Path, **known: Any) -> None:
            erase(sqlite, [gone])
            renew_snapshots(sqlite, tmp_path, exact_rows=0)
            super().publish(written, **known)

    add_items(sqlite, rows[50:])
    running = opened(sqlite, snapshot_files(tmp_path, Slow))
    with pytest.raises(FileNotFoundError):
        running.save()
    assert not is_in_files(rows[0], tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert rows_of(sqlite, snapshot_files(tmp_path)) == (60, 1)


def test_a_full_disk_leaves_the_snapshot_that_was_there(sqlite: Database, tmp_path: Path) -> None:
    """What hnswlib could not write in full, of which it says nothing, does not replace it."""
    rows = random_vectors(200)
    add_items(sqlite, rows[:100])
    graph = opened(sqlite, snapshot_files(tmp_path))
    graph.save()
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    add_items(sqlite, rows[100:])
    follow(sqlite, graph)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="index-"):
            graph.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    graph.save()
    assert rows_of(sqlite, snapshot_files(tmp_path)) == (200, 0)


def test_two_that_write_at_once_do_not_mix(tmp_path: Path) -> None:
    """An erasure of the bot's own and its maintenance may save the same graph's snapshot."""
    rows = random_vectors(60)
    files = snapshot_files(tmp_path)
    first, second = files.write(graph_of(rows[:20])), files.write(graph_of(rows))
    for written, count in ((second, 60), (first, 20)):
        files.publish(written, last_id=count, last_hash="x", erasure=0, rows=count)
        found = files.read()
        assert found is not None
        assert found[0].element_count == found[1].rows == count
    assert len(list(tmp_path.iterdir())) == 2


def test_a_snapshot_is_not_used_with_an_older_copy_of_its_database(
    sqlite: Database, tmp_path: Path
) -> None:
    """There ids that the snapshot knows are given to other rows."""
    rows = random_vectors(60)
    ids = add_items(sqlite, rows[:40])
    lost = add_items(sqlite, rows[40:50])
    opened(sqlite, snapshot_files(tmp_path)).save()
    with sqlite.write() as session:  # what an older copy of the file has
        session.execute(delete(Embedding).where(Embedding.item_id.in_(lost)))
        session.connection().exec_driver_sql(
            "UPDATE sqlite_sequence SET seq = 40 WHERE name = 'embeddings'"
        )
    add_items(sqlite, rows[50:55])
    assert rows_of(sqlite, snapshot_files(tmp_path)) == (len(ids) + 5, 0)


def test_the_proof_of_an_erasure_finds_vectors(sqlite: Database, tmp_path: Path) -> None:
    """Until the snapshot is renewed; one that another ticket has as well says nothing."""
    rows = random_vectors(30)
    first, second, *_ = add_items(sqlite, rows)
    add_items(sqlite, rows[1:2])
    opened(sqlite, snapshot_files(tmp_path)).save()
    erase(sqlite, [first, second])

    def found_in(vector: NDArray[np.float32]) -> int:
        with sqlite.read() as session:
            proof = prove(session, [], saved_files(tmp_path), vectors={FINGERPRINT: [vector]})
        assert proof.holds == (not proof.files)
        return len(proof.files)

    assert [found_in(row) for row in rows[:2]] == [1, 0]
    renew_snapshots(sqlite, tmp_path, exact_rows=0)
    assert found_in(rows[0]) == 0


def test_the_proof_of_an_erasure_has_vectors_of_each_model(
    sqlite: Database, tmp_path: Path
) -> None:
    """A team that has switched keeps those of the model before, which have the lower ids."""
    rows = random_vectors(20)
    ids = add_items(sqlite, rows)
    newer = snapshot_files(tmp_path, fingerprint="newer")
    with sqlite.write() as session:
        vectors = [
            {"item_id": item_id, "chunk": 0, "fingerprint": "newer", "dim": DIM, "text_hash": "x",
             "vector": -row, "workspace_id": WORKSPACE}
            for item_id, row in zip(ids, rows, strict=True)
        ]  # fmt: skip
        session.execute(insert(Embedding), vectors)
    for files in (snapshot_files(tmp_path), newer):
        opened(sqlite, files).save()
    with sqlite.write() as session:
        erased = erase_tickets(session, ids, START)
    snapshot_files(tmp_path).delete()
    with sqlite.read() as session:
        proof = prove(session, [], saved_files(tmp_path), vectors=erased.vectors)
    assert [Path(file).stem for file in proof.files] == [newer.stem]


def test_what_killed_processes_were_writing_is_deleted(tmp_path: Path) -> None:
    """Each is as large as the graph; what another process is writing stays."""
    graph, files = graph_of(random_vectors(20)), snapshot_files(tmp_path)
    old, new = files.write(graph), files.write(graph)
    before = time.time() - 2 * ABANDONED_SECONDS
    os.utime(old, (before, before))
    written = files.write(graph)
    assert set(tmp_path.iterdir()) == {new, written}
