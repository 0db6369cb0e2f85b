"""`deja review`: one key a pair, each stored at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

Deja = Callable[..., Result]

ROOMS = ("kitchen", "library", "garage", "office", "cellar", "attic")


@pytest.fixture
def deja(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Deja:
    """Give the command line on a database of each kind with six tickets that are alike."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

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
    assert call("import", "tickets.jsonl").exit_code == 0
    return call


def pairs(deja: Deja, *options: str) -> list[dict[str, Any]]:
    """Return what is suggested."""
    result = deja("review", "--json", *options)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def exported(deja: Deja) -> list[tuple[str, str, str, str]]:
    """Return what stands: the two ids in order, the verdict and whose it is."""
    found = map(json.loads, deja("verdicts", "export", "-").stdout.splitlines())
    return [(*sorted((one["a"], one["b"])), one["verdict"], one["by"]) for one in found]


def test_pairs_are_printed_for_scripts(deja: Deja) -> None:
    """A line a pair with people's own ids; nothing is asked, and nothing changes."""
    found = pairs(deja, "--limit", "2")
    assert [one["reason"] for one in found] == ["top", "teaches"]
    assert set(found[0]) == {"a", "b", "similarity", "probability", "reason"}
    assert found[0]["a"] > found[0]["b"]
    assert found[0]["probability"] is None
    assert pairs(deja, "--limit", "2") == found
    assert exported(deja) == []


def test_a_key_is_a_verdict(deja: Deja) -> None:
    """Each of the three is stored with its person; a skipped pair is not."""
    asked = [sorted((one["a"], one["b"])) for one in pairs(deja, "--limit", "4")]
    result = deja("review", "--limit", "4", "--keys", "--by", "Ann", stdin="r\nnks")
    assert result.exit_code == 0, result.output
    assert sorted(exported(deja)) == sorted(
        (*pair, verdict, "Ann")
        for pair, verdict in zip(asked, ("related", "distinct", "", "duplicate"), strict=True)
        if verdict
    )
    assert "2 of 4 · 1 verdicts, a model needs 50" in result.output
    assert "3 decisions stored." in result.output
    assert "A model still needs 47 more verdicts in all, 9 more duplicates" in result.output


def test_both_tickets_are_shown_plainly(deja: Deja) -> None:
    """Title, text, id, channel, date and how alike; no control character reaches the terminal."""
    result = deja("review", "--limit", "1", "--keys", stdin="q")
    for part in ("T-", "#helpdesk", "2026-11-01", "Blank pages", "The printer in the", "cosine 0."):
        assert part in result.stdout
    assert "\x1b[31m" not in result.output


def test_the_last_decision_can_be_undone(deja: Deja) -> None:
    """`u` takes it back and asks for it again; before any decision it says there is none."""
    result = deja("review", "--limit", "3", "--keys", "--by", "Ann", stdin="u?nusq")
    assert "Nothing was decided in this round." in result.output
    assert "never comes back" in result.output
    assert "→ undone" in result.output
    [(_, _, verdict, by)] = exported(deja)
    assert (verdict, by) == ("duplicate", "Ann")
    assert "1 decision stored." in result.output
    record = deja("audit", "--json").stdout.splitlines()
    assert [json.loads(line)["what"] for line in record] == ["distinct", "undo", "duplicate"]


def test_the_end_of_the_keys_keeps_what_was_decided(deja: Deja) -> None:
    """As on a terminal when somebody presses Ctrl-D."""
    result = deja("review", "--keys", stdin="n")
    assert result.exit_code == 0
    assert len(exported(deja)) == 1


def test_what_follows_from_an_answer_is_not_asked(deja: Deja) -> None:
    """When all are one issue five answers are enough for fifteen pairs; then nothing is left."""
    result = deja("review", "--keys", stdin="s" * 15)
    assert result.exit_code == 0, result.output
    assert len(exported(deja)) == 5
    assert "There is nothing to review" in deja("review", "--keys", stdin="").output
    assert pairs(deja) == []


def test_without_a_terminal_it_says_what_to_do(deja: Deja) -> None:
    """One line, before anything is read."""
    result = deja("review", stdin="s")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("Error: A review needs a terminal")
    assert exported(deja) == []
