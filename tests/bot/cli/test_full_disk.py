"""What a command says when the disk has no room for it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.bot.cli.backlog import Run

ROOT = Path(__file__).parents[3]


@contextmanager
def no_file_grows(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_without_a_free_byte_is_named(command_line: Run, tmp_path: Path) -> None:
    """SQLite calls it an I/O error where it cannot make its second file, which reading takes."""
    assert command_line("db", "upgrade").exit_code == 0
    with no_file_grows(100):
        result = command_line("status")
    assert result.exit_code == 1
    assert result.stderr == "Error: The database cannot be opened: its disk is full.\n"
    assert command_line("status").exit_code == 0


def on_small_disk(
    disk: Path, work: Path, *phases: tuple[str, list[list[str]]]
) -> list[list[dict[str, Any]]]:
    """Run commands while a new disk at a folder has the size of each phase."""
    steps = [f'mount -t tmpfs -o size={phases[0][0]} tmpfs "$0"']
    for number, (size, commands) in enumerate(phases):
        (work / f"{number}.json").write_text(json.dumps(commands))
        steps.append(f'mount -o remount,size={size} "$0"')
        steps.append(f"{sys.executable} -m tests.bot.cli.read_only_commands < {number}.json; echo")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", " && ".join(steps), str(disk)],
        capture_output=True, text=True, check=False, cwd=work,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no disk can be mounted here")
    assert done.returncode == 0, done.stderr
    parts = done.stdout.strip().split("\n\n")
    return [[json.loads(line) for line in part.splitlines()] for part in parts]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_written_to_a_full_disk_is_one_line_and_works_with_room(
    command_line: Run, tmp_path: Path
) -> None:
    """A backup, an export and a copy leave nothing there that stands in the way of the next try."""
    noise = Random(1)
    tickets = [
        {"id": f"T-{number}", "text": f"the zebra eats {noise.randbytes(200).hex()}"}
        for number in range(400)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, tickets)))
    disk = tmp_path / "disk"
    disk.mkdir()
    copy = f"sqlite:///{disk}/other.db"
    commands = [["backup", f"{disk}/b.db"], ["db", "copy", copy], ["export", f"{disk}/e.zip"]]
    full, roomy = on_small_disk(
        disk, tmp_path, ("64k", [["import", "t.jsonl"], *commands]), ("40m", commands)
    )
    imported = full.pop(0)
    assert imported["exit"] == 0, imported
    assert [one["crash"] for one in [*full, *roomy]] == [None] * 6
    assert [one["exit"] for one in full] == [1, 1, 1]
    assert [one["output"] for one in full] == [
        f"Error: The copy failed: the disk of {disk} is full.\n",
        "Error: The other database cannot be changed: its disk is full.\n",
        f"Error: {disk}/e.zip cannot be written: the disk is full.\n",
    ]
    assert [one["exit"] for one in roomy] == [0, 0, 0], roomy
