"""Snapshots and rebuilds of HnswIndex, the only index with a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.erasure.index_files import renew_snapshots
from models import Database, Embedding, Workspace
from tests.services.search.snapshots import hnsw, is_in_files, saved_hnsw
from tests.services.search.vectors import WORKSPACE, add_items, erase, random_vectors

# Of the two files of a snapshot.
ENDS = ("bin", "json")


def test_an_index_is_loaded_from_its_snapshot(sqlite: Database, tmp_path: Path) -> None:
    """A saved index is loaded, and only newer rows are added."""
    rows = random_vectors(300)
    ids = add_items(sqlite, rows[:200])
    saved_hnsw(sqlite, tmp_path)
    ids += add_items(sqlite, rows[200:])
    second = hnsw(sqlite, tmp_path)
    assert [c[0].item_id for c in second.search(rows, workspace_id=WORKSPACE, limit=1)] == ids
    assert second.count() == (300, 0)
    assert not list(tmp_path.glob("*.tmp"))


def test_a_snapshot_is_not_rewritten_for_a_few_rows(sqlite: Database, tmp_path: Path) -> None:
    """It costs as much as the whole graph: the next start adds what it lacks, which is little."""
    rows = random_vectors(1_010)
    ids = add_items(sqlite, rows[:1_000])
    index = saved_hnsw(sqlite, tmp_path)
    [file] = tmp_path.glob("index-*.bin")
    written = file.stat().st_mtime_ns
    ids += add_items(sqlite, rows[1_000:1_002])
    index.load()
    index.maintain()
    assert file.stat().st_mtime_ns == written
    again = hnsw(sqlite, tmp_path)
    found = again.search(rows[:1_002], workspace_id=WORKSPACE, limit=1)
    assert [candidates[0].item_id for candidates in found] == ids
    add_items(sqlite, rows[1_002:])
    index.load()
    index.maintain()
    assert file.stat().st_mtime_ns > written


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
    saved_hnsw(sqlite, tmp_path)
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
    assert [c[0].item_id for c in again.search(rows, workspace_id=WORKSPACE, limit=1)] == ids


def test_a_snapshot_of_another_database_is_not_used(sqlite: Database, tmp_path: Path) -> None:
    """After a backup is restored, ids mean other rows, and the old snapshot is not used."""
    old = random_vectors(50, seed=1)
    add_items(sqlite, old)
    saved_hnsw(sqlite, tmp_path)
    with sqlite.write() as session:
        session.execute(delete(Embedding))
        session.connection().exec_driver_sql("DELETE FROM sqlite_sequence")
    rows = random_vectors(80, seed=2)
    ids = add_items(sqlite, rows)
    with sqlite.write() as session:
        for row in session.scalars(select(Embedding)):
            row.text_hash = f"new {row.id}"
    found = hnsw(sqlite, tmp_path, exact_rows=4_000).search(rows, workspace_id=WORKSPACE, limit=1)
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
    assert [c[0].item_id for c in index.search(rows[400:], workspace_id=WORKSPACE, limit=1)] == ids[
        400:
    ]
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
    assert index.search(rows[:1], workspace_id=WORKSPACE, limit=1)[0][0].item_id == ids[0]
    with pytest.raises(OSError, match="file"):
        index.save()
    assert index.search(rows[:1], workspace_id=WORKSPACE, limit=1)[0][0].item_id == ids[0]


def name_ends(folder: Path) -> set[str]:
    """Return the ends of the names of the files in a folder: a workspace's id, and the kind."""
    return {file.name.rpartition("-")[2] for file in folder.iterdir()}


def test_only_large_workspaces_have_a_graph(sqlite: Database, tmp_path: Path) -> None:
    """One that grows gets its graph and its snapshot; small ones take neither memory nor disk."""
    rows = random_vectors(120)
    ids = add_items(sqlite, rows[:30])
    add_items(sqlite, rows[:10], team_id="T2")
    index = saved_hnsw(sqlite, tmp_path, exact_rows=40)
    assert not list(tmp_path.iterdir())
    ids += add_items(sqlite, rows[30:])
    found = index.search(rows, workspace_id=WORKSPACE, limit=1)
    assert [c[0].item_id for c in found] == ids
    index.save()
    assert name_ends(tmp_path) == {"1.bin", "1.json"}
    with sqlite.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id.in_(ids[30:])))
    index.rebuild()
    index.save()
    assert not list(tmp_path.iterdir())


def test_a_workspace_that_is_gone_leaves_nothing(sqlite: Database, tmp_path: Path) -> None:
    """Its graph leaves the memory and its snapshot the disk; the others' stay as they are."""
    rows = random_vectors(60)
    add_items(sqlite, rows[:30])
    theirs = add_items(sqlite, rows[30:], team_id="T2")
    index = saved_hnsw(sqlite, tmp_path)
    assert name_ends(tmp_path) == {"1.bin", "1.json", "2.bin", "2.json"}
    written = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*-2.*")}
    with sqlite.write() as session:
        session.execute(delete(Workspace).where(Workspace.id == WORKSPACE))
    index.maintain()
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == written
    assert index.count() == (30, 0)
    found = index.search(rows[30:], workspace_id=WORKSPACE + 1, limit=1)
    assert [c[0].item_id for c in found] == theirs


@pytest.mark.parametrize("workspaces", [1, 2])
def test_the_snapshot_of_an_earlier_version(
    sqlite: Database, tmp_path: Path, workspaces: int
) -> None:
    """One of all workspaces is used on where there is one workspace, and else built anew."""
    rows = random_vectors(60)
    ids = add_items(sqlite, rows)
    saved_hnsw(sqlite, tmp_path)
    for file in tmp_path.iterdir():  # as it was called
        file.rename(file.with_stem(file.stem.rpartition("-")[0]))
    for number in range(2, workspaces + 1):
        add_items(sqlite, rows[:5], team_id=f"T{number}")
    hnsw(sqlite, tmp_path).save()  # by a command that searched for nothing
    seen: list[int] = []
    index = hnsw(sqlite, tmp_path)
    index.load(lambda done, _total: seen.append(done))
    assert bool(seen) == (workspaces > 1)
    found = index.search(rows, workspace_id=WORKSPACE, limit=1)
    assert [c[0].item_id for c in found] == ids
    index.save()
    assert name_ends(tmp_path) == {f"{n + 1}.{end}" for n in range(workspaces) for end in ENDS}


def test_an_erasure_rewrites_the_snapshot_of_its_workspace(
    sqlite: Database, tmp_path: Path
) -> None:
    """The other's is left as it is, and an earlier version's is deleted."""
    rows = random_vectors(60)
    gone, *_ = add_items(sqlite, rows[:30])
    add_items(sqlite, rows[30:], team_id="T2")
    index = saved_hnsw(sqlite, tmp_path)
    written = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*-2.*")}
    assert is_in_files(rows[0], tmp_path)
    (tmp_path / "index-0123456789abcdef.bin").write_bytes(rows[0].tobytes())
    erase(sqlite, [gone])
    renew_snapshots(sqlite, tmp_path, exact_rows=0)
    assert not is_in_files(rows[0], tmp_path)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.glob("*-2.*")} == written
    assert name_ends(tmp_path) == {"1.bin", "1.json", "2.bin", "2.json"}
    index.save()  # its graph in memory still had it
    assert not is_in_files(rows[0], tmp_path)


def test_an_erasure_does_not_build_a_large_graph_anew(sqlite: Database, tmp_path: Path) -> None:
    """What was erased is overwritten, in memory and in the snapshot; all else is found as ever."""
    rows = random_vectors(300)
    ids = add_items(sqlite, rows)
    running = saved_hnsw(sqlite, tmp_path)
    for before, now in ((0, 20), (20, 50)):
        erase(sqlite, ids[before:now])
        renew_snapshots(sqlite, tmp_path, exact_rows=0)
        for index in (running, hnsw(sqlite, tmp_path)):
            index.save()
            saved = b"".join(file.read_bytes() for file in tmp_path.iterdir())
            assert not any(row.tobytes() in saved for row in rows[:now])
            assert all(row.tobytes() in saved for row in rows[now:])
            assert index.count() == (300, now)
            for least in (None, 0.9):
                found = index.search(
                    rows[now:], workspace_id=WORKSPACE, limit=1, min_similarity=least
                )
                assert [one[0].item_id for one in found] == ids[now:]
