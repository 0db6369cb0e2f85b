"""The command line: help, examples, one-line errors, and JSON for scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import migrations
from bot.cli import main
from bot.settings import Settings
from models import Database
from tests.remembering import START

ROOT = Path(__file__).parents[3]
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SETTINGS_PAGE = (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")

CommandLine = Callable[..., Result]


@pytest.fixture
def deja(command_line: CommandLine) -> CommandLine:
    """Give the command line."""
    return command_line


TICKETS = [
    {"id": "T-1", "text": "The printer on floor two prints blank pages since Monday"},
    {"id": "T-2", "text": "Since Monday the printer on floor two only prints blank pages"},
    {"id": "T-3", "text": "How do I book a day of holiday?"},
]
ANSWER = "Clean the head."


@pytest.fixture
def backlog(deja: CommandLine, tmp_path: Path) -> CommandLine:
    """Import three tickets, two of them similar."""
    file = tmp_path / "tickets.jsonl"
    lines = [
        json.dumps(ticket | {"created": START.timestamp() + number})
        for number, ticket in enumerate(TICKETS)
    ]
    file.write_text("\n".join(lines))
    result = deja("import", str(file), "--json")
    assert result.exit_code == 0, result.output
    return deja


def lines_of(result: Result) -> list[dict[str, object]]:
    """Return standard output as JSON lines."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


ALL = dict(commands(main))


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """`--help` explains a command and has an example."""
    result = CliRunner().invoke(main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"deja {name}" in result.output


@pytest.mark.parametrize("name", ALL)
def test_every_command_is_in_the_manual(name: str) -> None:
    """The page of commands has every command."""
    assert re.search(rf"`deja {name}\b", COMMANDS_PAGE)


def test_the_manual_lists_every_setting() -> None:
    """The tables of settings have the same names as the settings themselves."""
    rows = [line for line in SETTINGS_PAGE.splitlines() if line.startswith(("| `DEJA", "| `SLACK"))]
    listed = {name for row in rows for name in re.findall(r"`([A-Z_0-9]+)`", row.split("|")[1])}
    assert listed == {field.validation_alias for field in Settings.model_fields.values()}


def test_similar_to_a_text(backlog: CommandLine) -> None:
    """One JSON line has the imported ids, the most similar first."""
    (line,) = lines_of(backlog("similar", "blank pages from the printer", "--json", "--limit", "2"))
    assert line["item"] is None
    matches = line["matches"]
    assert isinstance(matches, list)
    assert {match["item"] for match in matches} == {"T-1", "T-2"}
    assert set(matches[0]) == {"item", "similarity", "probability", "band", "answer"}
    assert matches[0]["similarity"] >= matches[1]["similarity"]


def test_similar_tickets_have_what_solved_them(backlog: CommandLine) -> None:
    """It is what most who search are after."""
    solved = json.dumps({**TICKETS[0], "created": START.timestamp(), "answer": ANSWER})
    backlog("import", "-", stdin=solved)
    (line,) = lines_of(backlog("similar", "blank pages from the printer", "--json", "--limit", "2"))
    found = {one["item"]: one["answer"] for one in line["matches"]}  # type: ignore[attr-defined]
    assert found == {"T-1": ANSWER, "T-2": None}
    assert f"→ {ANSWER}" in backlog("similar", "blank pages from the printer").stdout


def test_similar_to_words_that_would_be_talk(backlog: CommandLine) -> None:
    """Whoever asks is not told that nothing was said."""
    (line,) = lines_of(backlog("similar", "it happened again to us", "--json", "--limit", "2"))
    assert line["matches"]


def test_similar_to_an_item_and_to_each(backlog: CommandLine) -> None:
    """`--id` and `--each` leave the item itself out."""
    (line,) = lines_of(backlog("similar", "--id", "T-1", "--json"))
    assert line["item"] == "T-1"
    assert [match["item"] for match in line["matches"]] == ["T-2", "T-3"]  # type: ignore[attr-defined]
    assert line["matches"][0]["band"] == "duplicate"  # type: ignore[index]
    each = lines_of(backlog("similar", "--each", "--json", "--limit", "1"))
    assert [one["item"] for one in each] == ["T-1", "T-2", "T-3"]
    assert "T-2" in backlog("similar", "--id", "T-1").stdout


def test_verdicts_can_be_exported_imported_and_undone(backlog: CommandLine, tmp_path: Path) -> None:
    """A suspected pair is not listed after an imported verdict, and listed again after undo."""
    (pair,) = lines_of(backlog("duplicates", "--json"))
    for none in (("--since", "2999-01-01"), ("--limit", "1", "--since", "2999-01-01")):
        assert lines_of(backlog("duplicates", "--json", *none)) == []
    assert lines_of(backlog("duplicates", "--json", "--limit", "1")) == [pair]
    assert (pair["a"], pair["b"], pair["band"], pair["verdict"]) == (
        "T-2",
        "T-1",
        "duplicate",
        None,
    )
    line = json.dumps({"a": "T-1", "b": "T-2", "verdict": "distinct"})
    assert lines_of(backlog("verdicts", "import", "-", "--json", stdin=line))[0]["stored"] == 1
    assert lines_of(backlog("verdicts", "import", "-", "--json", stdin=line))[0]["unchanged"] == 1
    assert lines_of(backlog("duplicates", "--json")) == []
    (exported,) = lines_of(backlog("verdicts", "export", "-"))
    assert (exported["a"], exported["b"], exported["verdict"]) == ("T-1", "T-2", "distinct")
    assert backlog("verdicts", "undo", "T-2", "T-1").exit_code == 0
    assert len(lines_of(backlog("duplicates", "--json"))) == 1
    assert "There is no verdict on" in backlog("verdicts", "undo", "T-2", "T-1").output


def test_bad_verdicts_are_listed_and_the_rest_is_stored(backlog: CommandLine) -> None:
    """Each bad line is listed with its number, and the exit code is 1."""
    stdin = "\n".join(
        [
            '{"a": "T-1", "b": "T-2", "verdict": "duplicate"}',
            "no json",
            '["a"]',
            '{"a": "T-1", "b": "T-9", "verdict": "related"}',
            '{"a": "T-1", "b": "T-1", "verdict": "related"}',
            '{"a": "T-1", "b": "T-3", "verdict": "perhaps"}',
        ]
    )
    result = backlog("verdicts", "import", "-", "--json", stdin=stdin)
    assert result.exit_code == 1
    output = json.loads(result.stdout)
    assert output["stored"] == 1
    assert [error["line"] for error in output["errors"]] == [2, 3, 4, 5, 6]


def test_status_and_doctor(backlog: CommandLine) -> None:
    """Both have text and JSON; without tokens the doctor says what is missing."""
    (status,) = lines_of(backlog("status", "--json"))
    assert status["items"] == {"ticket": 3, "product": 0}
    assert status["embeddings"] == 3
    assert "3 tickets, 0 products" in backlog("status").stdout
    assert backlog("doctor", "--offline").exit_code == 0
    output = backlog("doctor", "--json")
    assert output.exit_code == 1
    findings = {line["check"]: line for line in map(json.loads, output.stdout.splitlines())}
    assert findings["Slack"]["state"] == "problem"
    assert "SLACK_BOT_TOKEN" in findings["Slack"]["message"]
    assert {findings[name]["state"] for name in ("disk", "database", "model", "index")} == {"ok"}


def test_the_index_is_verified_and_rebuilt(backlog: CommandLine) -> None:
    """An intact index passes before and after a rebuild."""
    for command in (["verify", "--json"], ["rebuild"], ["verify", "--json"]):
        result = backlog("index", *command)
        assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["recall"] == 1.0


def test_an_empty_queue_is_reported(deja: CommandLine) -> None:
    """The lists of jobs say that they are empty, and an unknown job cannot be retried."""
    assert "No jobs are waiting" in deja("jobs", "list").stdout
    assert "No jobs have failed" in deja("jobs", "list", "--failed").stdout
    assert "No jobs were dropped" in deja("jobs", "list", "--dropped").stdout
    assert lines_of(deja("jobs", "list", "--json")) == []
    assert "There is no failed job 7" in deja("jobs", "retry", "7").output
    assert "0 jobs" in deja("jobs", "retry", "--all").output


def test_errors_are_one_clear_line(deja: CommandLine) -> None:
    """An error is one line, with a non-zero exit code and without a traceback."""
    for arguments, message in (
        (["similar", "x"], "Nothing is remembered yet"),
        (["similar"], "Give a TEXT, --id ID, --image FILE or --each"),
        (["similar", "x", "--each"], "Give a TEXT, --id ID, --image FILE or --each"),
        (["serve"], "SLACK_BOT_TOKEN is not set"),
        (["worker"], "SLACK_BOT_TOKEN is not set"),
        (["verdicts", "import", "nowhere.jsonl"], "nowhere.jsonl"),
        (["jobs", "retry"], "Give the id of a job, or --all"),
    ):
        result = deja(*arguments)
        assert result.exit_code != 0, arguments
        assert message in result.output, arguments
        assert "Traceback" not in result.output, arguments
        assert result.output.strip().splitlines()[-1].startswith("Error: "), arguments


def test_unknown_items_and_texts_without_words_are_reported(backlog: CommandLine) -> None:
    """An unknown id and a text without words have one-line errors."""
    assert "There is no item T-9" in backlog("similar", "--id", "T-9").output
    assert "no words" in backlog("similar", ":tada:").output


@pytest.mark.both_databases
def test_a_database_without_tables_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says which command to run, and that command helps."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEJA_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    result = CliRunner().invoke(main, ["status"])
    assert result.exit_code == 1
    assert "deja db upgrade" in result.output
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    assert CliRunner().invoke(main, ["status"]).exit_code == 0
    database = Database.connect(f"sqlite:///{tmp_path / 'new.db'}")
    assert migrations.current_revision(database.engine) == migrations.newest_revision()
    database.close()


def test_a_closed_pipe_is_not_an_error(backlog: CommandLine) -> None:
    """`deja … | head` ends quietly."""
    assert backlog("status").exit_code == 0
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "from bot.cli import main; main()", "status", "--json"]
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert done.stderr == b""
