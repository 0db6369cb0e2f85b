"""`deja review`: one key per pair, stored at once."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from bot.cli.decisions.review_run import Review
from bot.settings import Settings
from bot.wiring import build
from services.answers.review_queue import ReviewRequest, load_queue
from services.channels.audience import whole_workspace
from services.issues.verdicts import decide, verdicts_by_pair
from services.judgement.cut import MIN_VERDICTS
from services.memory.workspaces import local_workspace
from tests.bot.conftest import Fill
from tests.conftest import NOW
from tests.hashing import HashingEmbedder
from tests.remembering import remember, ticket

CommandLine = Callable[..., Result]

ROOMS = ("kitchen", "library", "garage", "office", "cellar", "attic")


@pytest.fixture
def deja(command_line: CommandLine, fill: Fill, tmp_path: Path) -> CommandLine:
    """Give the command line on a database of each kind with six similar tickets."""
    rows = [
        {
            "id": f"T-{n}",
            "title": "Blank pages",
            "text": f"The printer in the {room} prints blank pages.\x1b[31m",
            "created": f"2026-11-01T09:0{n}:00Z",
            "channel": "helpdesk",
        }
        for n, room in enumerate(ROOMS)
    ]
    Path("tickets.jsonl").write_text("\n".join(map(json.dumps, rows)))

    def store() -> None:
        assert command_line("import", "tickets.jsonl").exit_code == 0

    fill("alike", store)
    return command_line


def pairs(deja: CommandLine, *options: str) -> list[dict[str, Any]]:
    """Return the suggested pairs."""
    result = deja("review", "--json", *options)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def exported(deja: CommandLine) -> list[tuple[str, str, str, str]]:
    """Return the current verdicts: the two ids in order, the verdict and who gave it."""
    found = map(json.loads, deja("verdicts", "export", "-").stdout.splitlines())
    return [(*sorted((one["a"], one["b"])), one["verdict"], one["by"]) for one in found]


def test_pairs_are_printed_for_scripts(deja: CommandLine) -> None:
    """A line per pair with the imported ids; nothing is asked or changed."""
    found = pairs(deja, "--limit", "2")
    assert [one["reason"] for one in found] == ["spread", "spread"]
    assert set(found[0]) == {"a", "b", "similarity", "probability", "strength", "reason"}
    assert found[0]["a"] > found[0]["b"]
    assert found[0]["probability"] is None
    assert pairs(deja, "--limit", "2") == found
    assert exported(deja) == []


def test_a_key_is_a_verdict(deja: CommandLine) -> None:
    """Each of the three verdicts is stored with its person; a skipped pair is not."""
    asked = [sorted((one["a"], one["b"])) for one in pairs(deja, "--limit", "4")]
    result = deja("review", "--limit", "4", "--keys", "--by", "Ann", stdin="r\nnks")
    assert result.exit_code == 0, result.output
    assert sorted(exported(deja)) == sorted(
        (*pair, verdict, "Ann")
        for pair, verdict in zip(asked, ("related", "distinct", "", "duplicate"), strict=True)
        if verdict
    )
    after_one, after_three = (
        f"Learning starts after {MIN_VERDICTS - number} more decisions." for number in (1, 3)
    )
    assert f"2 of 4 · 1 verdict · {after_one}" in result.output
    assert "3 decisions stored." in result.output
    assert after_three in result.output


def test_both_tickets_are_shown_plainly(deja: CommandLine) -> None:
    """Title, text, id, channel, date, similarity; no control character reaches the terminal."""
    result = deja("review", "--limit", "1", "--keys", stdin="q")
    for part in ("T-", "#helpdesk", "2026-11-01", "Blank pages", "The printer in the", "cosine 0."):
        assert part in result.stdout
    assert "\x1b[31m" not in result.output


def test_the_last_decision_can_be_undone(deja: CommandLine) -> None:
    """`u` undoes it and asks again; before any decision it says that there is none."""
    result = deja("review", "--limit", "3", "--keys", "--by", "Ann", stdin="u?nusq")
    assert "Nothing was decided in this round." in result.output
    assert "never comes back" in result.output
    assert "→ undone" in result.output
    [(_, _, verdict, by)] = exported(deja)
    assert (verdict, by) == ("duplicate", "Ann")
    assert "1 decision stored." in result.output
    record = deja("audit", "--json").stdout.splitlines()
    assert [json.loads(line)["what"] for line in record] == ["distinct", "undo", "duplicate"]


def test_the_end_of_input_keeps_what_was_decided(deja: CommandLine) -> None:
    """Like Ctrl-D on a terminal."""
    result = deja("review", "--keys", stdin="n")
    assert result.exit_code == 0
    assert len(exported(deja)) == 1


def test_pairs_that_follow_from_answers_are_not_asked_about(deja: CommandLine) -> None:
    """Five answers connect all six tickets; then no pair is left."""
    result = deja("review", "--keys", stdin="s" * 15)
    assert result.exit_code == 0, result.output
    assert len(exported(deja)) == 5
    assert "There is nothing to review" in deja("review", "--keys", stdin="").output
    assert pairs(deja) == []


def test_without_a_terminal_it_says_what_to_do(deja: CommandLine) -> None:
    """One line, before anything is read."""
    result = deja("review", stdin="s")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("Error: A review needs a terminal")
    assert exported(deja) == []


def test_every_item_can_be_asked_about(deja: CommandLine) -> None:
    """With few tickets, all of them count as the newest."""
    assert pairs(deja, "--all") == pairs(deja)


def test_without_pairs_it_says_so(deja: CommandLine) -> None:
    """In one line, for people and for scripts."""
    assert deja("review", "--json", "--kind", "product").output == ""
    assert "nothing to review" in deja("review", "--keys", "--kind", "product").output


@contextmanager
def round_of_three(database_url: str, folder: Path) -> Iterator[Review]:
    """Give a round about three similar tickets, with a source of keys chosen by the test."""
    values = {"DEJA_DATA_DIR": str(folder), "DEJA_DATABASE_URL": database_url}
    services = build(Settings.from_mapping(values), HashingEmbedder())
    with services.database.write() as session:
        workspace = local_workspace(session, NOW)
    remember(
        services, workspace, [ticket(room, f"blank pages in the {room}") for room in ROOMS[:3]]
    )
    with services.database.read() as session:
        audience = whole_workspace(workspace.id)
        queue = load_queue(session, services.judge, audience, ReviewRequest("ticket", 3))
    yield Review(services, workspace.id, "ticket", "Ann", queue, 3)
    services.close()


def test_a_pair_that_somebody_ruled_out_meanwhile_is_reported(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A decision that contradicts another one is refused in one line, and the round goes on."""
    with round_of_three(database_url, tmp_path) as review:
        (a, b), (c, d) = (one.pair for one in review.queue.open)
        keys = iter("ssq")

        def read_key() -> str:
            """Have somebody else decide while the first pair is shown."""
            key = next(keys)
            with review.services.database.write() as session:
                if not verdicts_by_pair(session):
                    (third,) = {c, d} - {a, b}
                    decide(session, review.workspace_id, (a, third), "duplicate", by="U1", now=NOW)
                    decide(session, review.workspace_id, (b, third), "distinct", by="U1", now=NOW)
            return key

        review.run(read_key)
        with review.services.database.read() as session:
            assert len(verdicts_by_pair(session)) == 2
    told = capsys.readouterr().err
    [refused] = [line for line in told.splitlines() if "can't be the same issue" in line]
    assert "U1 ruled that out" in refused
    assert "0 decisions stored." in told


def test_an_interrupt_keeps_what_was_decided(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends the round, like q."""
    with round_of_three(database_url, tmp_path) as review:
        keys = iter("n")

        def read_key() -> str:
            for key in keys:
                return key
            raise KeyboardInterrupt

        review.run(read_key)
        with review.services.database.read() as session:
            assert list(verdicts_by_pair(session).values()) == ["distinct"]
    assert "1 decision stored." in capsys.readouterr().err


def test_at_a_terminal_one_key_is_enough(deja: CommandLine) -> None:
    """No key needs Enter: they are read from a real terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from bot.cli import main; main()", "review", "--by", "Ann"]
    seen = b""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        try:
            while True:
                if select.select([ours], [], [], 0.3)[0]:
                    seen += os.read(ours, 4096)
                elif b"q quit" in seen:  # it waits; what was typed before that is not read
                    os.write(ours, b"q" if "→".encode() in seen else b"n")
        except OSError:  # Linux says so when the other end has closed
            os.close(ours)
        finally:
            child.kill()
    assert b"stored." in seen
    assert {verdict for _, _, verdict, _ in exported(deja)} == {"distinct"}
