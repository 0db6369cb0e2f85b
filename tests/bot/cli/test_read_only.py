"""A read-only disk: commands that only read work, the others print a one-line error."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.backlog import Run
from tests.hashing import HashingEmbedder

READING = (
    "status", "status --json", "topics list", "topics show 1", "topics changes",
    "topics review --json", "trends",
    "similar printer", "duplicates", "why printer-1 printer-2", "groups", "audit", "jobs list",
    "workspaces list", "retain list", "sources list", "budget", "verdicts export -",
    "settings export", "index verify", "replay",
    "erase --item printer-1 --dry-run",
)  # fmt: skip
WRITING = (
    "cluster", "topics rename 1 Paper", "topics merge 1 2", "topics split 1", "topics hide 1",
    "jobs retry --all", "import tickets.jsonl", "erase --item printer-1 --yes",
    "retain set --solved 2y", "sources add webhook inbox",
)  # fmt: skip
# They have nothing to do, and stop before they write.
IDLE = ("calibrate", "topics undo", "verdicts import v.jsonl", "retain run", "db upgrade")
MOUNT = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def _run_read_only(folder: Path, commands: list[list[str]], work: Path) -> list[dict[str, Any]]:
    """Run commands in a separate process that cannot write to a folder."""
    words = [sys.executable, "-m", "tests.bot.cli.read_only_commands"]
    if os.geteuid() == 0:  # who may write whatever the rights are, but not on a read-only disk
        words = ["unshare", "-m", "sh", "-c", MOUNT, str(folder), *words]
    done = subprocess.run(
        words,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=False,
        cwd=work,
        env={
            **os.environ,
            "DEJA_DATA_DIR": str(folder),
            "DEJA_DATABASE_URL": f"sqlite:///{folder}/deja.db",
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
        },
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no read-only disk can be mounted here")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def folder(
    command_line: Run, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give a read-only data folder with tickets, topics and an index."""
    monkeypatch.setattr("bot.index_wiring.embedder_of", lambda *_: HashingEmbedder())
    tickets = [
        {"id": f"{name}-{number}", "text": f"{words} {number}"}
        for name, words in (("printer", "printer prints blank pages"), ("vpn", "vpn drops at home"))
        for number in range(5)
    ]
    file = tmp_path / "tickets.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in tickets))
    for words in (["import", str(file)], ["cluster"], ["similar", "printer"]):
        assert command_line(*words).exit_code == 0
    path = tmp_path / "read-only"
    shutil.copytree(tmp_path / "data", path)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("VACUUM INTO ?", (str(path / "deja.db"),))
    with closing(sqlite3.connect(path / "deja.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
    path.chmod(0o500)
    yield path
    path.chmod(0o700)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_reading_works_and_writing_is_a_one_line_error(folder: Path, tmp_path: Path) -> None:
    """Database, index and folder are read-only; no command ends in a traceback."""
    (tmp_path / "v.jsonl").write_text("")
    backup = ["backup", str(tmp_path / "copy.db")]
    reading = [*(one.split() for one in READING), backup]
    writing = [one.split() for one in (*WRITING, *IDLE)]
    found = _run_read_only(folder, [*reading, *writing], tmp_path)
    assert [one["crash"] for one in found] == [None] * len(found)
    failed = [
        (words, one["output"])
        for words, one in zip(reading, found, strict=False)
        if one["exit"] or "read-only" in one["output"]
    ]
    assert failed == []
    refused = [one["output"] for one in found[len(reading) :]]
    pairs = list(zip(writing, refused, strict=True))
    assert [pair for pair in pairs if len(pair[1].splitlines()) != 1] == []
    pairs = pairs[: len(WRITING)]
    assert [pair for pair in pairs if "cannot be changed" not in pair[1]] == []
    assert Path(backup[1]).stat().st_size > 0
