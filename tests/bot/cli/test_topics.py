"""`deja cluster`, `deja topics`, `deja trends`."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from PIL import Image
from sqlalchemy import event
from sqlalchemy.engine import Engine

import bot
from bot.clock import utc_now
from services.phrases import format_value
from tests.bot.conftest import Fill

SUBJECTS = {
    "printer": (
        "The printer on the third floor prints blank pages",
        "Printer jams whenever I print on both sides",
        "My printouts have grey stripes since the new toner",
        "Cannot print a PDF, the printer says out of memory",
        "The printer is offline again for all of us",
        "How do I print in colour on the big printer?",
    ),
    "vpn": (
        "VPN disconnects every hour when I work from home",
        "The VPN client asks for my password again and again",
        "No access to file shares over the VPN",
        "VPN is so slow that calls break off",
        "Cannot install the VPN client on my new laptop",
        "VPN says certificate expired",
    ),
    "invoice": (
        "The invoice shows the wrong amount of VAT",
        "I was charged twice on my last invoice",
        "Please send the invoice to our accounting department",
        "The address on our invoices is outdated",
        "When is this invoice due for payment?",
        "Refund for an invoice that was paid by mistake",
    ),
}

Run = Callable[..., Result]


@pytest.fixture
def run(command_line: Run, fill: Fill, tmp_path: Path) -> Run:
    """Give the command line on a database with tickets on three subjects."""
    assert command_line("db", "upgrade").exit_code == 0
    today = utc_now()
    with (tmp_path / "tickets.jsonl").open("w") as file:
        for subject, texts in SUBJECTS.items():
            for number, said in enumerate(texts):
                at = today - timedelta(days=number * 9)
                line = {
                    "id": f"{subject}-{number}",
                    "text": said,
                    "created": at.isoformat(),
                }
                file.write(json.dumps(line) + "\n")

    def store() -> None:
        assert command_line("import", str(tmp_path / "tickets.jsonl")).exit_code == 0

    fill("three_subjects", store)
    return command_line


def lines(result: Result) -> list[Any]:
    """Return JSON lines, of a command that went well."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_backlog_is_grouped_as_lines(run: Run) -> None:
    """A line a topic, the last one with what fits nowhere; ids as they were imported."""
    *topics, last = lines(run("cluster", "--json"))
    assert list(last) == ["unclustered"]
    assert len(topics) == 3
    for topic in topics:
        assert list(topic) == ["topic", "title", "terms", "exemplar", "quality", "items", "theme"]
        assert topic["theme"] is None  # of so few topics each is its own
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
    """A picture, light or dark, and a page that needs nothing else."""
    png, html = tmp_path / "map.png", tmp_path / "report.html"
    result = run("cluster", "--png", str(png), "--html", str(html), "--dark")
    assert result.exit_code == 0, result.output
    with Image.open(png) as picture:
        assert picture.size == (1200, 1200)
    assert "<script" in html.read_text()
    assert "3 topics of 18 tickets" in result.output


def test_a_file_that_cannot_be_written_is_told_before_the_work(run: Run, tmp_path: Path) -> None:
    """Nothing is grouped for a picture that has no folder."""
    for option in ("--png", "--html"):
        result = run("cluster", option, str(tmp_path / "none" / "map"))
        assert result.exit_code == 1
        assert f"There is no folder {tmp_path / 'none'}." in result.output
    assert run("topics", "list").exit_code == 1


def test_a_file_without_permission_is_told_before_the_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that is there its own counts, of another its folder's."""
    old = tmp_path / "old.html"
    old.write_text("as it was")
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)  # the tests may run as root
    for file in (old, tmp_path / "new.html"):
        result = run("cluster", "--html", str(file))
        assert result.exit_code == 1
        assert f"No permission for {file}." in result.output
    assert "is a folder" in run("cluster", "--html", "").output
    assert old.read_text() == "as it was"
    assert run("topics", "list").exit_code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device here")
@pytest.mark.parametrize("option", ["--png", "--html"])
def test_a_disk_that_is_full_loses_no_run(run: Run, option: str) -> None:
    """One line says so, without an error's number, and the topics are there."""
    result = run("cluster", option, "/dev/full")
    assert result.exit_code == 1
    assert "/dev/full was not written. The disk is full. The topics are kept" in result.output
    assert "Errno" not in result.output
    assert run("topics", "list").exit_code == 0


@pytest.mark.both_databases
def test_topics_are_made_ones_own(run: Run) -> None:
    """Renamed, joined, split, moved, hidden and shown: later runs keep all of it."""
    first, second, third = (one["topic"] for one in lines(run("cluster", "--json"))[:-1])
    assert run("topics", "rename", str(first), "Paper trouble").exit_code == 0
    assert run("topics", "merge", str(first), str(second)).exit_code == 0
    assert run("topics", "hide", str(third)).exit_code == 0
    shown = lines(run("cluster", "--json"))[:-1]
    assert [(one["topic"], one["title"], len(one["items"])) for one in shown] == [
        (first, "Paper trouble", 12)
    ]
    assert run("topics", "hide", str(third), "--undo").exit_code == 0
    assert len(lines(run("topics", "list", "--json"))) == 3
    item = shown[0]["items"][0]
    assert run("topics", "move", item, str(third)).exit_code == 0
    moved = {one["topic"]: one["items"] for one in lines(run("cluster", "--json"))[:-1]}
    assert item in moved[third]
    assert run("topics", "split", str(first)).exit_code == 0
    assert len(lines(run("topics", "list", "--json"))) == 4
    shown_tickets = lines(run("topics", "show", str(third), "--json"))
    assert item in {one["item"] for one in shown_tickets}
    assert "Paper trouble" in run("audit").output


def test_what_is_hidden_is_counted_and_marked(run: Run) -> None:
    """So that the figures add up, and that who looks for it finds it; hidden once on record."""
    first, second, third = (one["topic"] for one in lines(run("cluster", "--json"))[:-1])
    assert "hidden" not in run("topics", "list").output
    run("topics", "hide", str(first))
    table = run("cluster").stdout
    assert "1 topic of 6 tickets is hidden: `deja topics list --hidden`." in table
    run("topics", "hide", str(second))
    assert "2 topics of 12 tickets are hidden" in run("topics", "list").stdout
    *shown, _ = lines(run("topics", "list", "--hidden", "--json"))
    assert {one["topic"]: one["hidden"] for one in shown} == {
        first: True,
        second: True,
        third: False,
    }
    assert all("hidden" not in one for one in lines(run("topics", "list", "--json")))
    everything = run("topics", "list", "--hidden").stdout
    assert everything.count("hidden") == 2
    for _ in range(2):
        run("topics", "hide", str(first), "--undo")
    assert run("audit").output.count("→ shown") == 1


def test_trends_without_topics_are_a_sentence(command_line: Run, tmp_path: Path) -> None:
    """No table without a row."""
    (tmp_path / "one.jsonl").write_text('{"id": "1", "text": "VPN down"}\n')
    assert command_line("db", "upgrade").exit_code == 0
    assert command_line("import", str(tmp_path / "one.jsonl")).exit_code == 0
    assert command_line("cluster").exit_code == 0
    for words in (("trends",), ("trends", "--unanswered")):
        assert command_line(*words).stdout.strip() == "There are no topics to watch."
    assert command_line("trends", "--json").stdout == ""


def test_a_name_is_taken_whole_or_not_at_all(run: Run) -> None:
    """Neither empty nor cut; emoji and brackets are only letters, and nothing styles a terminal."""
    first, second, _ = (str(one["topic"]) for one in lines(run("cluster", "--json"))[:-1])
    for name, says in [("", "needs a name"), (" \t", "needs a name"), ("x" * 81, "at most 80")]:
        result = run("topics", "rename", first, name)
        assert result.exit_code == 1
        assert says in result.output
    for name in ("x" * 80, "🖨️ Printers & <paper> [/bold]", "\x1b[31mRed"):
        assert run("topics", "rename", first, name).exit_code == 0
        shown = run("topics", "show", first)
        assert shown.exit_code == 0
        said = "".join(name.removeprefix("\x1b").split())
        assert said in "".join(shown.output.split())  # a title as long as the table is broken
        assert "\x1b" not in shown.output
    assert "Another topic" in run("topics", "rename", second, "[31mRED").output
    assert run("topics", "rename", first, "[31mRed").exit_code == 0


def test_what_is_said_twice_is_done_once(run: Run) -> None:
    """And on record once, in words that say how to undo it."""
    first, second, third = (str(one["topic"]) for one in lines(run("cluster", "--json"))[:-1])
    assert "1 joined" in run("topics", "merge", first, second, second).output
    for _ in range(2):
        run("topics", "hide", third)
        run("topics", "move", "printer-0", first)
        run("topics", "rename", first, "Paper")
    told = [line["detail"] for line in lines(run("audit", "--json"))]
    assert sum("hidden" in one for one in told) == 1
    assert sum("joined" in one for one in told) == 1
    assert sum("→ Paper" in one for one in told) == 1
    assert sum("printer-0" in one for one in told) <= 1


def test_a_moved_ticket_can_be_let_go(run: Run) -> None:
    """The next run then places it by itself."""
    topics = lines(run("cluster", "--json"))[:-1]
    [home, other] = [one for one in topics if "vpn" not in one["items"][0]]
    item = home["items"][0]
    assert run("topics", "move", item, str(other["topic"])).exit_code == 0
    moved = {one["topic"]: one["items"] for one in lines(run("cluster", "--json"))[:-1]}
    assert item in moved[other["topic"]]
    assert run("topics", "move", item, "--undo").exit_code == 0
    found = {one["topic"]: one["items"] for one in lines(run("cluster", "--json"))[:-1]}
    assert item in found[home["topic"]]
    assert "has moved" in run("topics", "move", item, "--undo").output
    assert run("topics", "move", item).exit_code == 2
    assert run("topics", "move", item, "1", "--undo").exit_code == 2


def test_a_split_is_undone_by_joining(run: Run) -> None:
    """As its help says: the topic has its number, name and tickets again, and keeps them."""
    before = lines(run("cluster", "--json"))[0]
    topic = str(before["topic"])
    told = run("topics", "split", topic).output
    other = told.rsplit(" ", 1)[1].strip(" .\n")
    assert run("topics", "merge", topic, other).exit_code == 0
    for command in ("list",), ("cluster",):
        arguments = ("topics", "list") if command == ("list",) else command
        found = {one["topic"]: one for one in lines(run(*arguments, "--json"))[:-1]}
        assert found[before["topic"]]["title"] == before["title"]
        assert set(found[before["topic"]]["items"]) == set(before["items"])


def test_what_is_wrong_is_one_line(run: Run) -> None:
    """Nothing grouped yet, no such topic, no such channel, a number that makes no sense."""
    for arguments, says in [
        (("topics", "list"), "deja cluster"),
        (("trends",), "deja cluster"),
        (("cluster", "--channel", "nowhere"), "no channel"),
        (("cluster", "--k", "0"), "--k"),
        (("cluster", "--k", "999999"), "--k"),
        (("cluster", "--since", "soon"), "soon"),
        (("cluster", "--since", "-3d"), "-3d"),
        (("cluster", "--since", "0d"), "no ticket"),
        (("cluster", "--since", "2030-01-01"), "no ticket"),
    ]:
        result = run(*arguments)
        assert result.exit_code != 0
        assert says in result.output
    run("cluster")
    for arguments in [
        ("rename", "999", "Paper"), ("merge", "999", "1"), ("split", "999"), ("hide", "999"),
        ("hide", "999", "--undo"), ("move", "vpn-1", "999"), ("merge", "1", "999"),
    ]:  # fmt: skip
        missing = run("topics", *arguments)
        assert missing.exit_code == 1
        assert "no such topic" in missing.output
    assert "no topic 999" in run("topics", "show", "999").output
    assert "no item nobody" in run("topics", "move", "nobody", "1").output
    first = str(lines(run("topics", "list", "--json"))[0]["topic"])
    assert "with itself" in run("topics", "merge", first, first).output


def test_a_narrowed_run_says_so(run: Run, tmp_path: Path) -> None:
    """Channels by name and since when: in the table's title, the page and the trends."""
    file = tmp_path / "more.jsonl"
    file.write_text(
        "".join(
            json.dumps({"id": f"h-{number}", "text": said, "channel": "help[desk]"}) + "\n"
            for number, said in enumerate(SUBJECTS["printer"])
        )
    )
    assert run("import", str(file)).exit_code == 0
    html = tmp_path / "report.html"
    since = (utc_now() - timedelta(days=30)).date()
    day = format_value(since)
    narrowed = ("--since", since.isoformat(), "--channel", "help[desk]")
    told = run("cluster", *narrowed, "--html", str(html)).output
    assert f"of 6 tickets · #help[desk] · since {day}" in told
    assert f'"narrowed":["#help[desk]","since {day}"]' in html.read_text()
    assert f"Trends · #help[desk] · since {day}" in run("trends").output
    assert "#" not in run("cluster").output.split("\n")[0]


def test_trends_and_what_nobody_answers_are_told(run: Run) -> None:
    """As a table and as lines."""
    run("cluster")
    assert "Trends" in run("trends").output
    told = run("trends", "--by", "day").output
    for part in ("14 days", "change", "p at most 0.001", "negative binomial", "by 3 people"):
        assert part in told
    assert "8 weeks" in run("trends", "--by", "week").output
    [line, *_] = lines(run("trends", "--json"))
    assert line["last_7_days"] == 1
    assert line["change"] == pytest.approx(1 / line["expected"], abs=0.01)
    assert line["days"] == [0] * 4 + [1] + [0] * 8 + [1]
    assert sum(line["weeks"]) == 6
    assert not line["rise"]
    radar = lines(run("trends", "--unanswered", "--json"))
    assert {one["open"] for one in radar} == {6}
    assert all(one["question"] for one in radar)
    assert "FAQ" in run("trends", "--unanswered").output


# Kills itself where the run is written and not yet committed.
DYING = """
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


def test_a_run_that_is_killed_leaves_the_database_whole(run: Run, tmp_path: Path) -> None:
    """Nothing of it is kept, and the next run works."""
    environment = {**os.environ, "PYTHONPATH": str(Path(bot.__file__).parents[1])}
    died = subprocess.run([sys.executable, "-c", DYING], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    file = tmp_path / "data" / "deja.db"
    if file.exists():
        with sqlite3.connect(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert run("topics", "list").exit_code == 1
    assert run("cluster").exit_code == 0
    assert len(json.loads(run("topics", "list", "--json").output.splitlines()[0])) > 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_in_one_line(run: Run) -> None:
    """The last run stands, and nothing looks like a fault of the program."""
    assert run("cluster").exit_code == 0
    before = run("topics", "list").output

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    event.listen(Engine, "connect", fill)
    told = run("cluster", "--k", "18")
    event.remove(Engine, "connect", fill)
    assert told.exit_code == 1
    assert "full" in told.output
    assert "Traceback" not in told.output
    assert run("topics", "list").output == before
    assert run("cluster").exit_code == 0


def listed(run: Run) -> list[dict[str, Any]]:
    """Return the topics that are shown."""
    return lines(run("topics", "list", "--json"))[:-1]


def test_a_fixed_number_of_topics_is_an_exploration(run: Run) -> None:
    """It is listed, opened and curated; the next run tells of the team's own as without it."""
    assert run("cluster").exit_code == 0
    team = listed(run)
    assert run("topics", "rename", str(team[0]["topic"]), "Ours").exit_code == 0
    trends = run("trends", "--json").stdout
    told = run("cluster", "--k", "5")
    assert "with a fixed number of topics" in " ".join(told.stdout.split())
    look = listed(run)
    assert len(look) == 5
    assert not {one["topic"] for one in look} & {one["topic"] for one in team}
    for one in (team[1], look[1]):
        assert run("topics", "show", str(one["topic"])).exit_code == 0
    assert run("topics", "rename", str(look[0]["topic"]), "A look").exit_code == 0
    assert run("topics", "show", "4000").exit_code != 0
    assert run("trends", "--json").stdout == trends
    plain = run("cluster")
    assert "Gone" not in plain.stdout
    after = listed(run)
    assert [(one["topic"], one["items"]) for one in after] == [
        (one["topic"], one["items"]) for one in team
    ]
    assert after[0]["title"] == "Ours"
    assert "A look" in run("cluster", "--k", "5").stdout
