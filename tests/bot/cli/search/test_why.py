"""`deja why`: for people and for scripts, with one-line errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from models import Channel, Database
from tests.bot.cli.decisions.test_verdicts import Run, lines, run, said
from tests.remembering import START

__all__ = ["run"]

TICKETS = [
    {"id": "A", "text": "The printer on floor two prints [red]blank[/red] pages since Monday"},
    {"id": "B", "text": "Since Monday the printer on floor two only prints blank pages"},
    {"id": "C", "text": "How do I book a day of holiday?"},
]


@pytest.fixture
def backlog(run: Run) -> Run:
    """Import three tickets, two of them similar."""
    rows = [one | {"created": START.timestamp() + n} for n, one in enumerate(TICKETS)]
    Path("more.jsonl").write_text(lines(*rows))
    assert run("import", "more.jsonl").exit_code == 0
    return run


def test_a_pair_is_explained(backlog: Run) -> None:
    """Three parts for people, all figures for scripts; texts are not read as markup."""
    stdin = lines(said("A", "related", "B", by="Ann"))
    assert backlog("verdicts", "import", "-", stdin=stdin).exit_code == 0
    shown = backlog("why", "B", "A")
    assert shown.exit_code == 0
    for part in ("For", "Against", "Decision", "[red]blank[/red]", "blank", "Called similar",
                 "Ann decided on"):  # fmt: skip
        assert part in shown.stdout
    told = json.loads(backlog("why", "B", "A", "--json").stdout)
    assert (told["a"], told["b"], told["band"]) == ("B", "A", "similar")
    assert (told["probability"], told["cut"], told["is_learned"]) == (None, None, False)
    assert told["strength"] <= 1
    assert told["decision"]["verdict"] == "related"
    assert "blank" in told["shared_terms"]
    assert told["evidence"]["similarity"] <= 1
    assert told["words"]["verdict"] in " ".join(shown.stdout.split())


def test_the_best_candidate_is_explained_by_default(backlog: Run) -> None:
    """With one id it is the most similar ticket; if none is similar, it says so."""
    told = json.loads(backlog("why", "B", "--json").stdout)
    assert (told["a"], told["b"]) == ("B", "A")
    assert "Nothing is similar to C." in backlog("why", "C").stdout
    assert json.loads(backlog("why", "C", "--json").stdout) == {"a": "C", "b": None}


def test_pairs_from_channels_with_different_readers_are_explained(
    backlog: Run, database_url: str
) -> None:
    """Somebody with the database can read everything, so the audience is the whole workspace."""
    rows = [
        one | {"id": f"{one['id']}-{name}", "channel": name, "created": START.timestamp() + n}
        for n, (one, name) in enumerate(zip(TICKETS, ("ours", "theirs"), strict=False))
    ]
    Path("private.jsonl").write_text(lines(*rows))
    assert backlog("import", "private.jsonl").exit_code == 0
    database = Database.connect(database_url)
    with database.write() as session:
        session.execute(update(Channel).values(is_private=True))
    database.close()
    told = json.loads(backlog("why", "A-ours", "B-theirs", "--json").stdout)
    assert (told["a"], told["b"], told["cut"]) == ("A-ours", "B-theirs", None)


def test_an_item_that_says_nothing_of_a_matter_is_not_called_wordless(backlog: Run) -> None:
    """It has words, but none to compare it by."""
    Path("talk.jsonl").write_text(lines({"id": "T-2", "text": "any update on this?"}))
    assert backlog("import", "talk.jsonl").exit_code == 0
    result = backlog("why", "A", "T-2")
    assert result.exit_code == 1
    assert "T-2 does not say what it is about, so it is compared with nothing." in result.stderr


def test_errors_are_one_line(backlog: Run) -> None:
    """For unknown ids, an item with itself, and items without words."""
    for arguments, reason in (
        (("A", "X-9"), "Error: There is no item X-9."),
        (("X-9",), "Error: There is no item X-9."),
        (("A", "A"), "Error: An item can't be compared with itself."),
        (("A", "T-1"), "Error: T-1 has no words that could be compared."),
        (("T-1",), "Error: T-1 has no words that could be compared."),
    ):
        result = backlog("why", *arguments)
        assert result.exit_code == 1
        assert result.stderr.strip() == reason
