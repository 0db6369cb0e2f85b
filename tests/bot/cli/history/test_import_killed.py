"""`deja import` killed or interrupted: what was stored stays, and a second run completes it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from models import Database, Item
from services.intake.importers.reading_process import MIN_ROWS

ROWS = 1_500
START = "from bot.cli import main; main()"


@pytest.mark.thorough
def test_a_killed_import_continues_when_run_again(tmp_path: Path, sqlite_url: str) -> None:
    """After SIGKILL and a second run every ticket is there once, and earlier ones are unchanged."""
    file = tmp_path / "tickets.csv"
    # Punctuation needs no model.
    file.write_text("id,text\n" + "".join(f"{n},!\n" for n in range(ROWS)))
    command, environment = _command(file, sqlite_url, tmp_path / "data")
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as child:
        _wait_until_some_are_stored(sqlite_url)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    before = _stored(sqlite_url)
    assert 0 < before < ROWS
    again = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    counts = json.loads(again.stdout)
    assert (counts["read"], counts["unchanged"]) == (ROWS, before)
    assert counts["added"] == ROWS - before
    assert _stored(sqlite_url) == ROWS


@pytest.mark.thorough
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_of_two_processes_says_what_is_stored(
    tmp_path: Path, sqlite_url: str, stop: signal.Signals
) -> None:
    """A table that another process reads: its counts are those of the database, and it goes on."""
    rows = 6 * MIN_ROWS  # still at it when the signal comes, also on a busy machine
    file = tmp_path / "tickets.csv"
    file.write_text("id,text\n" + "".join(f"{n},!\n" for n in range(rows)))
    command, environment = _command(file, sqlite_url, tmp_path / "data")
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as child:  # fmt: skip
        _wait_until_some_are_stored(sqlite_url)
        # A terminal sends Ctrl-C to all processes of a group.
        os.killpg(child.pid, stop) if stop == signal.SIGINT else child.send_signal(stop)
        said, notes = child.communicate(timeout=60)
    assert (child.returncode, notes.strip().splitlines()[-1:]) == (
        130, ["Interrupted. What was read is stored: run it again to continue."],
    )  # fmt: skip
    before = _stored(sqlite_url)
    assert 0 < json.loads(said)["added"] == before < rows
    again = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    counts = json.loads(again.stdout)
    assert (counts["read"], counts["unchanged"], counts["added"]) == (rows, before, rows - before)


def _command(file: Path, url: str, data: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command that imports a file, and its environment."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DEJA_")}
    environment = {**own, "DEJA_DATABASE_URL": url, "DEJA_DATA_DIR": str(data)}
    return [sys.executable, "-c", START, "import", str(file), "--json"], environment


def _stored(url: str) -> int:
    """Return how many tickets a database has."""
    database = Database.connect(url)
    with database.read() as session:
        count = session.query(Item).count()
    database.close()
    return count


def _wait_until_some_are_stored(url: str) -> None:
    """Poll the database until some tickets are stored."""
    deadline = time.monotonic() + 60
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        while time.monotonic() < deadline:
            if connection.execute("SELECT 1 FROM items LIMIT 1").fetchone():
                return
            time.sleep(0.002)
    raise AssertionError("nothing was stored within a minute")
