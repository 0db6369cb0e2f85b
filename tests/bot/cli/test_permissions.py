"""No other user of the machine can read what Déjà stores and writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from services.search.indexes.hnsw import HnswIndex
from tests.bot.cli.backlog import Run

TICKET = {"id": "T-1", "text": "The printer prints blank pages", "created": 1_700_000_000}


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Set a umask that removes no rights from new files."""
    before = os.umask(0)
    yield
    assert os.umask(before) == 0  # the commands have left it as it was


@pytest.fixture
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the database in the data folder, which does not exist yet."""
    monkeypatch.delenv("DEJA_DATABASE_URL")
    assert not (tmp_path / "data").exists()


def exposed(folder: Path) -> list[Path]:
    """Return the files in a folder, and the folder, that the group or others may use."""
    return [one for one in (folder, *folder.rglob("*")) if one.stat().st_mode & 0o077]


def permissions(run: Run) -> dict[str, str]:
    """Return the doctor's finding about permissions."""
    lines = map(json.loads, run("doctor", "--offline", "--json").stdout.splitlines())
    [found] = [line for line in lines if line["check"] == "permissions"]
    return dict(found)


@pytest.mark.usefixtures("no_umask")
def test_only_the_user_can_read_the_files(
    command_line: Run, own_database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Database, snapshot, export and backup, even if the umask would let everybody read them."""
    # Few vectors are compared one by one, without a snapshot.
    monkeypatch.setattr("bot.index_wiring.HnswIndex", partial(HnswIndex, exact_rows=0))
    assert command_line("db", "upgrade").exit_code == 0
    (tmp_path / "tickets.jsonl").write_text(json.dumps(TICKET))
    for line in (
        ["import", "tickets.jsonl"],
        ["index", "rebuild"],
        ["verdicts", "export", "data/verdicts.jsonl"],
        ["backup", "data/backup.db"],
    ):
        assert command_line(*line).exit_code == 0, line
    found = {file.name for file in (tmp_path / "data").rglob("*") if file.is_file()}
    assert found >= {"deja.db", "verdicts.jsonl", "backup.db"}
    assert {"bin", "json"} <= {one.rpartition(".")[2] for one in found if one.startswith("index-")}
    assert exposed(tmp_path / "data") == []
    assert permissions(command_line)["state"] == "ok"


def test_rights_left_by_an_older_version_are_reported_and_removed(
    command_line: Run, own_database: None, tmp_path: Path
) -> None:
    """The doctor names files that others may use; `deja db upgrade` fixes them."""
    assert command_line("db", "upgrade").exit_code == 0
    (tmp_path / "data").chmod(0o755)
    (tmp_path / "data" / "deja.db").chmod(0o644)
    found = permissions(command_line)
    assert found["state"] == "warning"
    assert "data and 1 more" in found["message"]
    assert command_line("db", "upgrade").exit_code == 0
    assert exposed(tmp_path / "data") == []


def test_a_database_elsewhere_is_checked_too(
    command_line: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's file need not be in the data folder."""
    monkeypatch.setenv("DEJA_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    assert command_line("db", "upgrade").exit_code == 0
    (tmp_path / "other.db").chmod(0o640)
    assert "other.db" in permissions(command_line)["message"]
