"""A large snapshot is written by another process while this one searches."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import parent_process
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import true

from models import Database
from services.search.indexes.contract import Candidate, Wanted
from services.search.indexes.snapshot import SnapshotFiles
from services.search.indexes.snapshot_process import SnapshotProcess
from tests.services.search.snapshots import follow, opened, snapshot_files
from tests.services.search.vectors import WORKSPACE, add_items, erase, random_vectors

ROWS = random_vectors(130)

# Only a search that waits for the snapshot takes as long.
MAX_SECONDS = 60


@dataclass(frozen=True)
class Watched(SnapshotProcess):
    """Another process for graphs of any size, and what is done before it has written."""

    min_rows: int = 0
    meanwhile: Callable[[], object] = lambda: None
    done: list[bool] = field(default_factory=list)

    def write(self, database: Database, files: SnapshotFiles, exact_rows: int, stop: Event) -> bool:
        """Do the other thing, then write."""
        self.meanwhile()
        self.done.append(super().write(database, files, exact_rows, stop))
        return self.done[-1]


@dataclass(frozen=True)
class Unstartable(Watched):
    """Another process that cannot be started, because too many files are open."""

    def write(self, database: Database, files: SnapshotFiles, exact_rows: int, stop: Event) -> bool:
        """Try, while no file can be opened."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        try:
            return super().write(database, files, exact_rows, stop)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class KilledElsewhere(SnapshotFiles):
    """Files at which another process is killed when it has written, as where memory is short."""

    def publish(self, written: Path, **known: Any) -> None:
        """Do so in this process."""
        if parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        super().publish(written, **known)


class NeverDone(SnapshotFiles):
    """Files at which another process has written all but never comes to an end."""

    def publish(self, written: Path, **known: Any) -> None:
        """Wait there; publish in this process."""
        if parent_process() is not None:
            Event().wait()
        super().publish(written, **known)


def saved(folder: Path) -> tuple[int, bytes]:
    """Return how many rows the snapshot has, and its graph."""
    description = snapshot_files(folder).describe()
    assert description is not None
    (graph,) = folder.glob("*.bin")
    return description.rows, graph.read_bytes()


def test_searches_go_on_while_a_snapshot_is_written(sqlite: Database, tmp_path: Path) -> None:
    """The first one is written by this process, which has just built the graph."""
    ids = add_items(sqlite, ROWS[:128])
    found: list[list[list[Candidate]]] = []

    def search() -> None:
        with sqlite.engine.connect() as connection:
            wanted = Wanted(WORKSPACE, 1, true())
            found.append(graph.search(connection, ROWS[128:129], wanted))

    def search_by_another_thread() -> None:
        thread = Thread(target=search, daemon=True)
        thread.start()
        thread.join(MAX_SECONDS)

    process = Watched(meanwhile=search_by_another_thread)
    graph = opened(sqlite, snapshot_files(tmp_path), process)
    graph.maintain()
    assert (saved(tmp_path)[0], process.done) == (128, [])
    ids += add_items(sqlite, ROWS[128:])
    follow(sqlite, graph)
    graph.maintain()
    assert process.done == [True]
    assert [one.item_id for own in found[0] for one in own] == [ids[128]]
    rows, data = saved(tmp_path)
    assert rows == 130
    assert all(row.tobytes() in data for row in ROWS)
    graph.maintain()
    assert process.done == [True]


def test_an_erasure_is_written_by_the_other_process(sqlite: Database, tmp_path: Path) -> None:
    """What was erased is in neither graph afterwards."""
    process = Watched()
    ids = add_items(sqlite, ROWS)
    graph = opened(sqlite, snapshot_files(tmp_path), process)
    graph.maintain()
    erase(sqlite, ids[:2])
    graph.maintain()
    assert process.done == [True]
    assert not any(row.tobytes() in saved(tmp_path)[1] for row in ROWS[:2])
    graph.save()
    assert not any(row.tobytes() in saved(tmp_path)[1] for row in ROWS[:2])


@pytest.mark.parametrize("case", ["damaged", "rebuilt", "not started"])
def test_where_the_other_process_cannot_write_this_one_does(
    sqlite: Database, tmp_path: Path, case: str
) -> None:
    """If the last snapshot is damaged, the graph was rebuilt since, or no process can start."""
    process = Unstartable() if case == "not started" else Watched()
    add_items(sqlite, ROWS[:128])
    graph = opened(sqlite, snapshot_files(tmp_path), process)
    graph.maintain()
    add_items(sqlite, ROWS[128:])
    follow(sqlite, graph)
    if case == "rebuilt":
        graph.rebuild()
    elif case == "damaged":
        (file,) = tmp_path.glob("*.bin")
        file.write_bytes(b"")
    graph.maintain()
    assert process.done == ([] if case == "rebuilt" else [False])
    rows, data = saved(tmp_path)
    assert rows == 130
    assert all(row.tobytes() in data for row in ROWS)


def test_what_the_other_process_was_writing_when_it_was_killed_is_deleted_at_once(
    sqlite: Database, tmp_path: Path
) -> None:
    """It is as large as the graph, which this process writes now; other bots' files stay."""
    process, files = Watched(), snapshot_files(tmp_path, KilledElsewhere)
    add_items(sqlite, ROWS[:128])
    graph = opened(sqlite, files, process)
    graph.maintain()
    before = set(tmp_path.iterdir())
    other = tmp_path / f"{files.stem}.0123456789abcdef.tmp"
    other.touch()
    add_items(sqlite, ROWS[128:])
    follow(sqlite, graph)
    graph.maintain()
    assert process.done == [False]
    assert saved(tmp_path)[0] == 130
    assert set(tmp_path.iterdir()) == {*before, other}


def test_few_rows_and_many_new_ones_need_no_other_process(sqlite: Database, tmp_path: Path) -> None:
    """It would take longer to start it, or to add the new rows once more."""
    add_items(sqlite, ROWS)
    files = snapshot_files(tmp_path)
    process = SnapshotProcess(min_rows=1_000)
    assert not process.can_write(files, 2_000)  # no snapshot to begin with
    opened(sqlite, snapshot_files(tmp_path), process).save()
    assert not process.can_write(files, 2_000)
    assert not SnapshotProcess(min_rows=131).can_write(files, 130)
    assert SnapshotProcess(min_rows=130).can_write(files, 130)
    assert not SnapshotProcess(min_rows=130).can_write(files, 140)


def test_a_bot_that_stops_ends_the_process_that_writes(sqlite: Database, tmp_path: Path) -> None:
    """Nothing is left of what it wrote, the last snapshot stays, and nothing large is written."""
    process = Watched()
    add_items(sqlite, ROWS[:128])
    graph = opened(sqlite, snapshot_files(tmp_path, NeverDone), process)
    graph.maintain()
    before = saved(tmp_path)
    add_items(sqlite, ROWS[128:])
    follow(sqlite, graph)
    thread = Thread(target=graph.maintain, daemon=True)
    thread.start()
    end = monotonic() + MAX_SECONDS
    while not list(tmp_path.glob("*.tmp")):
        assert monotonic() < end
        sleep(0.01)
    graph.stop_saving()
    thread.join(MAX_SECONDS)
    assert not thread.is_alive()
    assert process.done == [False]
    graph.save()  # as when its services are closed
    assert saved(tmp_path) == before
    assert {file.suffix for file in tmp_path.iterdir()} == {".bin", ".json"}
    again = opened(sqlite, snapshot_files(tmp_path))
    with sqlite.engine.connect() as connection:
        assert again.count(connection) == (130, 0)


def test_a_stopping_bot_saves_what_takes_no_time_or_was_never_saved(
    sqlite: Database, tmp_path: Path
) -> None:
    """A small graph, and a large one that has no snapshot: to build it takes far longer."""
    for before, rows, least in ((0, 100, 0), (100, 130, SnapshotProcess().min_rows)):
        add_items(sqlite, ROWS[before:rows])
        graph = opened(sqlite, snapshot_files(tmp_path), SnapshotProcess(least))
        graph.stop_saving()
        graph.save()
        assert saved(tmp_path)[0] == rows


def test_erased_vectors_do_not_outlive_a_bot_that_stops(sqlite: Database, tmp_path: Path) -> None:
    """Few are taken out of the snapshot; with many of them it goes: the next start builds it."""
    ids = add_items(sqlite, ROWS)
    graph = opened(sqlite, snapshot_files(tmp_path), Watched())
    graph.maintain()
    erase(sqlite, ids[:2])
    graph.stop_saving()
    graph.save()
    assert not any(row.tobytes() in saved(tmp_path)[1] for row in ROWS[:2])
    erase(sqlite, ids[2:90])
    graph.save()
    assert not list(tmp_path.iterdir())


def test_a_bot_that_stops_waits_for_no_graph_that_is_being_built(
    sqlite: Database, tmp_path: Path
) -> None:
    """Building a large one takes minutes; the next start begins it again."""
    add_items(sqlite, ROWS)
    graph = opened(sqlite, snapshot_files(tmp_path))
    with graph._lock:  # as while rows are added
        graph.stop_saving(patience=0.01)
        graph.save()
    assert not list(tmp_path.iterdir())
