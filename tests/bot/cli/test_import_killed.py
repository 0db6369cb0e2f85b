"""`deja import` killed in the middle: what was stored stays, and a second run completes it."""

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

ROWS = 1_500
START = "from bot.cli import main; main()"


@pytest.mark.thorough
def test_a_killed_import_continues_when_run_again(tmp_path: Path, sqlite_url: str) -> None:
    """After SIGKILL and a second run every ticket is there once, and earlier ones are unchanged."""
    file = tmp_path / "tickets.csv"
    # Punctuation needs no model.
    file.write_text("id,text\n" + "".join(f"{n},!\n" for n in range(ROWS)))
    own = {name: value for name, value in os.environ.items() if not name.startswith("DEJA_")}
    environment = {
        **own, "DEJA_DATABASE_URL": sqlite_url, "DEJA_DATA_DIR": str(tmp_path / "data"),
    }  # fmt: skip
    command = [sys.executable, "-c", START, "import", str(file), "--json"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as child:
        _wait_until_some_are_stored(sqlite_url)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    database = Database.connect(sqlite_url)
    with database.read() as session:
        before = session.query(Item).count()
    assert 0 < before < ROWS
    again = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    counts = json.loads(again.stdout)
    assert (counts["read"], counts["unchanged"]) == (ROWS, before)
    assert counts["added"] == ROWS - before
    with database.read() as session:
        assert session.query(Item).count() == ROWS
    database.close()


def _wait_until_some_are_stored(url: str) -> None:
    """Poll the database until some tickets are stored."""
    deadline = time.monotonic() + 60
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        while time.monotonic() < deadline:
            if connection.execute("SELECT 1 FROM items LIMIT 1").fetchone():
                return
            time.sleep(0.002)
    raise AssertionError("nothing was stored within a minute")
