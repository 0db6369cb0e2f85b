"""`deja sources`: programs are connected, and their secrets shown once."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def workspace(command_line: Command) -> None:
    """Make the database, with a workspace."""
    assert command_line("db", "upgrade").exit_code == 0
    row = '{"id": "1", "title": "printer prints blank pages"}\n'
    assert command_line("import", "-", "--yes", "--channel", "help", stdin=row).exit_code == 0


def secret_of(result: Result) -> str:
    """Return the secret that a command showed."""
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.mark.both_databases
def test_a_secret_is_shown_when_it_is_made_and_never_again(command_line: Command) -> None:
    """Neither the list nor its JSON has it."""
    first = secret_of(command_line("sources", "add", "webhook", "helpdesk"))
    second = secret_of(command_line("sources", "rotate", "helpdesk"))
    assert first.startswith("whsec_")
    assert second.startswith("whsec_")
    assert first != second
    listed = [
        command_line("sources", "list").stdout,
        command_line("sources", "list", "--json").stdout,
    ]
    assert all("helpdesk" in text and "whsec_" not in text for text in listed)
    [line] = listed[1].splitlines()
    assert json.loads(line)["tickets"] == 0
    assert command_line("sources", "remove", "helpdesk").exit_code == 0
    assert command_line("sources", "list", "--json").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("add", "webhook", "slack"), "cannot be the name"),
        (("add", "webhook", "a/b"), "cannot be the name"),
        (("add", "webhook", "Help Desk"), "cannot be the name"),
        (("add", "webhook", "x" * 65), "cannot be the name"),
        (("add", "webhook", "taken"), "already"),
        (("add", "webhook", "new", "--channel", "hlep"), "no channel hlep"),
        (("remove", "unknown"), "no source unknown"),
        (("rotate", "unknown"), "no source unknown"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    command_line: Command, arguments: tuple[str, ...], reason: str
) -> None:
    """A misspelt channel is no new one, which everybody could read."""
    assert command_line("sources", "add", "webhook", "taken").exit_code == 0
    result = command_line("sources", *arguments)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_source_says_who_sees_its_tickets(command_line: Command) -> None:
    """The readers of a channel that is known."""
    secret_of(command_line("sources", "add", "webhook", "helpdesk", "--channel", "#help"))
    assert json.loads(command_line("sources", "list", "--json").stdout)["channel"] == "#help"
