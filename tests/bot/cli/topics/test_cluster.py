"""`deja cluster`: the topics, their map and page, explorations, and runs that fail."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import event
from sqlalchemy.engine import Engine

import bot
from bot.clock import utc_now
from services.phrases import format_value
from tests.bot.cli.backlog import SUBJECTS, Run, lines, listed


def test_topics_are_printed_as_json_lines(run: Run) -> None:
    """One line a topic, the last for unclustered tickets; items have their imported ids."""
    *topics, last = lines(run("cluster", "--json"))
    assert list(last) == ["unclustered"]
    assert len(topics) == 3
    for topic in topics:
        assert list(topic) == ["topic", "title", "terms", "exemplar", "quality", "items", "theme"]
        assert topic["theme"] is None  # so few topics have no themes
        words = {item.split("-")[0] for item in topic["items"]}
        assert len(words) == 1
        assert topic["exemplar"] in topic["items"]
        assert 0 <= topic["quality"] <= 1
        assert topic["title"]
        assert topic["terms"]
    again = lines(run("cluster", "--json"))
    assert [topic["topic"] for topic in again[:-1]] == [topic["topic"] for topic in topics]
    assert lines(run("topics", "list", "--json")) == again


def test_the_map_and_the_page_are_written(run: Run, tmp_path: Path) -> None:
    """The map is a picture, the report a self-contained page."""
    png, html = tmp_path / "map.png", tmp_path / "report.html"
    result = run("cluster", "--png", str(png), "--html", str(html), "--dark")
    assert result.exit_code == 0, result.output
    with Image.open(png) as picture:
        assert picture.size == (1200, 1200)
    assert "<script" in html.read_text()
    assert "3 topics of 18 tickets" in result.output


def test_a_missing_folder_is_reported_before_the_run(run: Run, tmp_path: Path) -> None:
    """Nothing is clustered if the folder of a file does not exist."""
    for option in ("--png", "--html"):
        result = run("cluster", option, str(tmp_path / "none" / "map"))
        assert result.exit_code == 1
        assert f"There is no folder {tmp_path / 'none'}." in result.output
    assert run("topics", "list").exit_code == 1


def test_a_missing_permission_is_reported_before_the_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An existing file must be writable, or the folder of a new one."""
    old = tmp_path / "old.html"
    old.write_text("as it was")
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)  # tests may run as root
    for file in (old, tmp_path / "new.html"):
        result = run("cluster", "--html", str(file))
        assert result.exit_code == 1
        assert f"No permission for {file}." in result.output
    assert "is a folder" in run("cluster", "--html", "").output
    assert old.read_text() == "as it was"
    assert run("topics", "list").exit_code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device here")
@pytest.mark.parametrize("option", ["--png", "--html"])
def test_topics_are_kept_when_a_file_does_not_fit_the_disk(run: Run, option: str) -> None:
    """The error is one line without an error number, and the topics are stored."""
    result = run("cluster", option, "/dev/full")
    assert result.exit_code == 1
    assert "/dev/full was not written. The disk is full. The topics are kept" in result.output
    assert "Errno" not in result.output
    assert run("topics", "list").exit_code == 0


def test_a_runs_selection_is_shown(run: Run, tmp_path: Path) -> None:
    """Channels and first day are in the table's title, on the page and in the trends."""
    file, today = tmp_path / "more.jsonl", utc_now().isoformat()
    file.write_text(
        "".join(
            json.dumps(
                {"id": f"h-{number}", "text": text, "channel": "help[desk]", "created": today}
            )
            + "\n"
            for number, text in enumerate(SUBJECTS["printer"])
        )
    )
    assert run("import", str(file)).exit_code == 0
    html = tmp_path / "report.html"
    since = (utc_now() - timedelta(days=30)).date()
    day = format_value(since)
    narrowed = ("--since", since.isoformat(), "--channel", "help[desk]")
    output = run("cluster", *narrowed, "--html", str(html)).output
    assert f"of 6 tickets · #help[desk] · since {day}" in output
    assert f'"narrowed":["#help[desk]","since {day}"]' in html.read_text()
    assert f"Trends · #help[desk] · since {day}" in run("trends").output
    assert "#" not in run("cluster").output.split("\n")[0]


# Kills itself once the run is written but before the commit.
KILLED_RUN = """
import os, signal
from sqlalchemy import event
from sqlalchemy.orm import Session
from bot.cli import main
from models import TopicRun

def die(session, _context):
    if any(isinstance(row, TopicRun) for row in session.new):
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Session, "after_flush", die)
main(["cluster"])
"""


def test_a_killed_run_leaves_the_database_intact(run: Run, tmp_path: Path) -> None:
    """Nothing of the killed run is stored, and the next one succeeds."""
    environment = {**os.environ, "PYTHONPATH": str(Path(bot.__file__).parents[1])}
    killed = subprocess.run([sys.executable, "-c", KILLED_RUN], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    file = tmp_path / "data" / "deja.db"
    if file.exists():
        with sqlite3.connect(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert run("topics", "list").exit_code == 1
    assert run("cluster").exit_code == 0
    assert len(json.loads(run("topics", "list", "--json").output.splitlines()[0])) > 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_reported_in_one_line(run: Run) -> None:
    """The last run is kept, and there is no traceback."""
    assert run("cluster").exit_code == 0
    before = run("topics", "list").output

    def limit_pages(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no more than it has now

    event.listen(Engine, "connect", limit_pages)
    output = run("cluster", "--k", "18")
    event.remove(Engine, "connect", limit_pages)
    assert output.exit_code == 1
    assert "full" in output.output
    assert "Traceback" not in output.output
    assert run("topics", "list").output == before
    assert run("cluster").exit_code == 0


def test_a_fixed_number_of_topics_is_an_exploration(run: Run) -> None:
    """An exploration is listed and curated; the team's topics stay as they were."""
    assert run("cluster").exit_code == 0
    team = listed(run)
    assert run("topics", "rename", str(team[0]["topic"]), "Ours").exit_code == 0
    trends = run("trends", "--json").stdout
    output = run("cluster", "--k", "5")
    assert "with a fixed number of topics" in " ".join(output.stdout.split())
    exploration = listed(run)
    assert len(exploration) == 5
    assert not {one["topic"] for one in exploration} & {one["topic"] for one in team}
    for one in (team[1], exploration[1]):
        assert run("topics", "show", str(one["topic"])).exit_code == 0
    assert run("topics", "rename", str(exploration[0]["topic"]), "An exploration").exit_code == 0
    assert run("topics", "show", "4000").exit_code != 0
    assert run("trends", "--json").stdout == trends
    plain = run("cluster")
    assert "Gone" not in plain.stdout
    after = listed(run)
    assert [(one["topic"], one["items"]) for one in after] == [
        (one["topic"], one["items"]) for one in team
    ]
    assert after[0]["title"] == "Ours"
    assert "An exploration" in run("cluster", "--k", "5").stdout
