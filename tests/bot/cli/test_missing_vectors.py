"""Tickets without vectors of the model in use: every command that leaves them out says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import delete, update

from models import Embedding
from tests.bot.cli.backlog import with_tickets
from tests.databases import open_database

Deja = Callable[..., Result]

TICKETS = (
    "The printer on floor two prints blank pages since Monday",
    "Since Monday the printer on floor two only prints blank pages",
    "How do I book a day of holiday?",
)


@pytest.fixture
def backlog(command_line: Deja, tmp_path: Path) -> Deja:
    """Give the command line on three tickets."""
    return with_tickets(command_line, tmp_path, TICKETS)


def _forget(database_url: str, *, everything: bool) -> None:
    """Give the tickets (or only the first one) vectors of another model."""
    database = open_database(database_url)
    with database.write() as session:
        if everything:
            session.execute(update(Embedding).values(fingerprint="another@1/384/clean2"))
        else:
            first = session.query(Embedding.item_id).order_by(Embedding.item_id).limit(1).scalar()
            session.execute(delete(Embedding).where(Embedding.item_id == first))
    database.close()


@pytest.mark.parametrize(
    "command",
    [("similar", "blank pages"), ("similar", "--each"), ("duplicates",), ("replay",), ("cluster",)],
    ids=" ".join,
)
def test_commands_that_compare_report_missing_vectors(
    backlog: Deja, database_url: str, command: tuple[str, ...]
) -> None:
    """They say on standard error how many tickets lack vectors, unless none does."""
    assert "vectors" not in backlog(*command).stderr
    _forget(database_url, everything=False)
    result = backlog(*command)
    assert "1 of 3 tickets and products have no vectors of the model in use" in result.stderr
    assert "vectors" not in result.stdout


def test_status_and_doctor_count_what_lacks_vectors(backlog: Deja, database_url: str) -> None:
    """Some missing vectors are a warning, none at all is a problem."""
    assert _doctor(backlog)["state"] == "ok"
    _forget(database_url, everything=False)
    assert json.loads(backlog("status", "--json").stdout)["without vectors"] == 1
    assert _doctor(backlog)["state"] == "warning"
    _forget(database_url, everything=True)
    assert json.loads(backlog("status", "--json").stdout)["without vectors"] == 3
    found = _doctor(backlog)
    assert found["state"] == "problem"
    assert "3 of 3 tickets and products have no vectors" in found["message"]


def test_an_index_check_of_nothing_fails(backlog: Deja, database_url: str) -> None:
    """Without a vector to look up the exit code is 1, and the recall is not called perfect."""
    _forget(database_url, everything=True)
    result = backlog("index", "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["recall"] == 0
    assert "Nothing was checked" in result.stderr


def _doctor(deja: Deja) -> dict[str, str]:
    output = deja("doctor", "--offline", "--json").stdout
    found: list[dict[str, str]] = [json.loads(line) for line in output.splitlines()]
    return next(line for line in found if line["check"] == "vectors")
