"""`deja import`: formats, counts, errors by line, exit codes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli import main
from models import Channel, Database, Item

Import = Callable[..., Result]

# Punctuation alone is not embedded, so these rows need no model.
WORDLESS = [{"id": 1, "text": "!"}, {"id": 2, "text": "?", "channel": "help"}]


def _environment(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DEJA_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    return lambda *arguments: CliRunner().invoke(main, ["import", *map(str, arguments)])


@pytest.fixture
def run(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty SQLite database, in a folder of its own."""
    return _environment(tmp_path, sqlite_url, monkeypatch)


@pytest.fixture
def run_on_both(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty database of each kind."""
    return _environment(tmp_path, database_url, monkeypatch)


def write(name: str, *rows: object) -> str:
    """Write rows as JSON lines, or texts unchanged, into the working folder."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def output(result: Result, exit_code: int = 0) -> dict[str, object]:
    """Return the output of `--json`."""
    assert result.exit_code == exit_code, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def items(database_url: str) -> list[Item]:
    """Return all items in order of id."""
    database = Database.connect(database_url)
    with database.read() as session:
        found = list(session.scalars(select(Item).order_by(Item.id)))
    database.close()
    return found


@pytest.mark.both_databases
def test_a_file_can_be_imported_again(run_on_both: Import, database_url: str) -> None:
    """With the real model, rows are added, then unchanged, then updated if they changed."""
    rows = [{"id": "T-1", "text": "printer prints blank pages"}, {"id": "T-2", "text": "vpn down"}]
    nothing = {"added": 0, "updated": 0, "unchanged": 0, "skipped": 0, "errors": []}
    file = write("tickets.jsonl", *rows)
    assert output(run_on_both(file, "--json")) == nothing | {"added": 2}
    assert output(run_on_both(file, "--json")) == nothing | {"unchanged": 2}
    write("tickets.jsonl", rows[0], {"id": "T-2", "text": "vpn is down again"})
    assert output(run_on_both(file, "--json")) == nothing | {"updated": 1, "unchanged": 1}
    assert [item.text for item in items(database_url)] == [rows[0]["text"], "vpn is down again"]


def test_invalid_rows_are_listed(run: Import) -> None:
    """Invalid rows are listed with a reason, the rest is imported, and the exit code is 1."""
    file = write("tickets.jsonl", *WORDLESS, "no json", {"text": "x"}, {"id": 1, "text": "again"})
    result = output(run(file, "--json"), exit_code=1)
    assert (result["added"], result["skipped"]) == (2, 0)
    assert result["errors"] == [
        {"line": 3, "reason": "not JSON: Expecting value at character 1"},
        {"line": 4, "reason": "there is no id"},
        {"line": 5, "reason": "the id 1 stands in line 1 already"},
    ]
    people = run(file)
    assert people.exit_code == 1
    assert people.stdout == ""
    lines = people.stderr.splitlines()
    assert lines[0] == "0 added, 0 updated, 2 unchanged, 0 skipped."
    assert lines[2] == "line 4: there is no id"
    assert lines[-1] == "Error: 3 rows could not be read."


def test_only_the_first_errors_are_shown_to_people(run: Import) -> None:
    """Twenty are shown and the others counted; scripts get all of them."""
    file = write("tickets.jsonl", *["?"] * 25)
    shown = run(file).stderr.splitlines()
    assert (len(shown), shown[21]) == (23, "… and 5 more.")
    errors = output(run(file, "--json"), exit_code=1)["errors"]
    assert isinstance(errors, list)
    assert len(errors) == 25


def test_control_characters_do_not_reach_the_terminal(run: Import) -> None:
    """Texts of a file are shown without escape sequences."""
    file = write("tickets.jsonl", *[{"id": "\x1b[31mred", "text": "!"}] * 2)
    assert "the id [31mred stands in line 1 already" in run(file).stderr


def test_options_are_defaults_for_rows(run: Import, sqlite_url: str) -> None:
    """Options set channel, kind and source; the default source depends on the kind."""
    file = write("rows.ndjson", *WORDLESS)
    assert run(file, "--channel", "#desk", "--source", "zendesk").exit_code == 0
    assert run(file, "--kind", "product").exit_code == 0
    assert run(file).exit_code == 0
    database = Database.connect(sqlite_url)
    with database.read() as session:
        names = {row.id: row.name for row in session.scalars(select(Channel))}
    database.close()
    found = [
        (row.source, row.kind, row.channel_id and names[row.channel_id])
        for row in items(sqlite_url)
    ]
    assert found == [
        ("zendesk", "ticket", "desk"), ("zendesk", "ticket", "help"),
        ("catalog", "product", None), ("catalog", "product", "help"),
        ("import", "ticket", None), ("import", "ticket", "help"),
    ]  # fmt: skip


def test_the_format_follows_the_name_or_an_option(run: Import) -> None:
    """A CSV file and a folder are recognised, and `--format` sets any other."""
    csv_file = write("tickets.CSV", "id,text", "1,!")
    assert output(run(csv_file, "--json"))["added"] == 1
    other = write("tickets.txt", "id;text", "1;!")
    assert output(run(other, "--format", "csv", "--json"))["unchanged"] == 1
    Path("export/help").mkdir(parents=True)
    write("export/channels.json", [{"id": "C1", "name": "help"}])
    joined = {"type": "message", "subtype": "channel_join", "ts": "1.1", "user": "U1"}
    messages = [{"type": "message", "user": "U1", "ts": "2.1", "text": "!"}, joined, 7]
    write("export/help/2026-01-02.json", messages)
    found = output(run("export", "--json"), exit_code=1)
    assert (found["added"], found["skipped"]) == (1, 1)
    error = {"file": "help/2026-01-02.json", "index": 2, "reason": "not a message"}
    assert found["errors"] == [error]
    assert "Skipped 1 notices of who joined, topic changes and the like." in run("export").stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["nowhere.csv"], 2, "does not exist"),
        (["odd.txt"], 2, "give --format jsonl, csv or slack"),
        (["folder", "--format", "csv"], 2, "folder is a folder"),
        (["odd.zip", "--channel", "help"], 2, "do not apply to a Slack export"),
        (["odd.csv", "--source", "s" * 65], 2, "1 to 64 characters"),
        (["odd.csv", "--kind", "person"], 2, "Invalid value for '--kind'"),
        (["odd.zip"], 1, "odd.zip is not a ZIP archive, or it is damaged"),
        (["folder"], 1, "This is no Slack export"),
        (["empty.jsonl"], 1, "The file is empty"),
        (["empty.csv"], 1, "The file is empty"),
        (["odd.csv"], 1, "The first line must name the columns"),
        (["odd.csv", "--workspace", "T9"], 1, "Nothing is remembered yet"),
    ],
)
def test_a_file_that_cannot_be_imported_has_a_clear_error(
    run: Import, arguments: list[str], exit_code: int, message: str
) -> None:
    """Wrong usage exits with 2, an invalid file with 1, and both print one line."""
    for name in ("odd.txt", "odd.csv", "odd.zip"):
        write(name, "What is this?")
    for name in ("empty.csv", "empty.jsonl"):
        Path(name).touch()
    Path("folder").mkdir()
    result = run(*arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


@pytest.mark.both_databases
def test_replace_deletes_products_that_left_the_catalog(
    run_on_both: Import, database_url: str
) -> None:
    """A product that is not in the file is deleted, and comes back with it; other sources stay."""
    lamp, hub = {"id": "L-1", "title": "Lamp", "text": "!"}, {"id": "H-1", "title": "Hub"}
    run_on_both(write("tickets.jsonl", *WORDLESS))
    product = ("--kind", "product", "--json")
    output(run_on_both(write("both.jsonl", lamp, hub), *product))
    found = output(run_on_both(write("one.jsonl", hub), *product, "--replace"))
    assert (found["unchanged"], found["removed"]) == (1, 1)
    live = [item.external_id for item in items(database_url) if item.deleted_at is None]
    assert live == ["1", "2", "H-1"]
    assert output(run_on_both(write("one.jsonl", hub), *product, "--replace"))["removed"] == 0
    found = output(run_on_both(write("both.jsonl", lamp, hub), *product, "--replace"))
    assert (found["updated"], found["removed"]) == (1, 0)


def test_replace_deletes_nothing_by_mistake(run: Import, sqlite_url: str) -> None:
    """A file with errors and an empty one delete nothing, and tickets are never replaced."""
    product = ("--kind", "product", "--replace")
    run(write("all.jsonl", {"id": "A", "text": "!"}, {"id": "B", "text": "?"}), *product)
    for file in (
        write("torn.jsonl", {"id": "A", "text": "!"}, "no json"),
        write("none.csv", "id,title"),
    ):
        assert "Nothing was deleted" in run(file, *product).stderr
    assert all(item.deleted_at is None for item in items(sqlite_url))
    refused = run(write("tickets.jsonl", *WORDLESS), "--replace")
    assert (refused.exit_code, "--kind product" in refused.stderr) == (2, True)
