"""`deja retain`: rules are set, listed, removed, recorded and run."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import select

from bot.clock import utc_now
from models import Database, Item, Workspace
from services.erasure.register import begin, unfinished
from services.erasure.retention import nothing_old
from tests.conftest import NOW

Command = Callable[..., Result]


@pytest.fixture
def command(command_line: Command, database_url: str) -> Command:
    """Give the command line on an empty workspace."""
    assert command_line("db", "upgrade").exit_code == 0
    database = Database.connect(database_url)
    with database.write() as session:
        session.add(Workspace(created_at=NOW))
    database.close()
    return command_line


def test_rules_are_set_listed_and_removed(command: Command) -> None:
    """Spans are read in days, weeks and years; every change is in the audit."""
    assert "everything is kept" in command("retain", "list").stdout
    assert command("retain", "set", "--solved", "2y", "--open", "26w").exit_code == 0
    assert command("retain", "set", "--open", "never").exit_code == 0
    rules = [json.loads(line) for line in command("retain", "list", "--json").stdout.splitlines()]
    assert [(one["state"], one["days"]) for one in rules] == [("solved", 730), ("open", None)]
    assert "730 days" in command("retain", "list").stdout
    assert command("retain", "remove", "solved").exit_code == 0
    record = command("audit", "--json").stdout
    assert "solved: 730 days" in record
    assert json.loads(command("retain", "run", "--json").stdout) == {"erased": {}}
    assert "Nothing is too old" in command("retain", "run", "--dry-run").stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("set",), "Say --solved, --open or both."),
        (("set", "--open", "0d"), "is no span"),
        (("set", "--open", "soon"), "is no span"),
        (("set", "--open", "999999y"), "is no span"),
        (("set", "--open", "1y", "--channel", "nowhere"), "There is no channel nowhere."),
        (("remove", "open"), "There is no rule"),
    ],
)
def test_a_mistake_is_a_one_line_error(
    command: Command, arguments: tuple[str, ...], reason: str
) -> None:
    """A mistake sets nothing."""
    result = command("retain", *arguments)
    assert result.exit_code in {1, 2}
    assert reason in result.stderr


def test_what_is_erased_by_hand_is_shown_and_asked_with_the_date(
    command: Command, database_url: str
) -> None:
    """The daily run compares the clock with Slack's; by hand a person sees what date it says."""
    database = Database.connect(database_url)
    with database.write() as session:
        workspace = session.scalars(select(Workspace)).one()
        session.add(
            Item(
                workspace_id=workspace.id, kind="ticket", source="t", external_id="T-1",
                text="the printer is on fire", status="open", created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    assert command("retain", "set", "--open", "1d").exit_code == 0

    def texts() -> list[str]:
        with database.read() as session:
            return list(session.scalars(select(Item.text)))

    asked = command("retain", "run", "--json", stdin="n\n")
    assert asked.stdout == ""
    assert "tickets and products" in asked.stderr
    assert asked.exit_code == 1
    assert f"{utc_now():%Y-%m-%d}. Erase this? It cannot be undone" in asked.stderr
    assert texts() == ["the printer is on fire"]
    assert json.loads(command("retain", "run", "--yes", "--json").stdout)["erased"]
    assert texts() == [""]
    database.close()


def test_an_interrupted_erasure_by_age_is_finished(command: Command, database_url: str) -> None:
    """Also where nothing more is too old, and only files are left; a dry run names it."""
    database = Database.connect(database_url)
    with database.write() as session:
        workspace = session.scalars(select(Workspace)).one()
        begin(session, nothing_old(workspace.id), by="deja", now=NOW)
    looked = command("retain", "run", "--dry-run", "--json")
    assert json.loads(looked.stdout) == {"would_erase": {}}
    assert "An erasure by age was interrupted" in looked.stderr
    result = command("retain", "run", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"erased": {}}
    assert "that was interrupted is finished" in result.stderr
    with database.read() as session:
        assert unfinished(session) == []
    assert "interrupted" not in command("retain", "run").stderr
    database.close()
