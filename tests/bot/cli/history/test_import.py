"""`deja import`: formats, counts, errors by line, exit codes."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli import main
from models import Channel, Database
from tests.bot.cli.history.import_files import (
    Import,
    counts,
    files_of,
    import_command,
    items,
    output,
    write,
)

# Punctuation is not embedded, so these rows need no model.
WORDLESS = [{"id": 1, "text": "!"}, {"id": 2, "text": "?", "channel": "help"}]


@pytest.fixture
def run(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty SQLite database, in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


@pytest.fixture
def run_on_both(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty database of each kind."""
    return import_command(tmp_path, database_url, monkeypatch)


def test_a_file_can_be_imported_again(run_on_both: Import, database_url: str) -> None:
    """With the real model, rows are added, then unchanged, then updated where they changed."""
    rows = [{"id": "T-1", "text": "printer prints blank pages"}, {"id": "T-2", "text": "vpn down"}]
    file = write("tickets.jsonl", *rows)
    assert counts(run_on_both(file, "--json")) == {"read": 2, "added": 2, "undated": 2}
    assert counts(run_on_both(file, "--json")) == {"read": 2, "unchanged": 2, "undated": 2}
    write("tickets.jsonl", rows[0], {"id": "T-2", "text": "vpn is down again"})
    found = counts(run_on_both(file, "--json"))
    assert found == {"read": 2, "updated": 1, "unchanged": 1, "undated": 2}
    assert [item.text for item in items(database_url)] == [rows[0]["text"], "vpn is down again"]


def test_invalid_rows_are_listed(run: Import) -> None:
    """Invalid rows are listed with a reason, the others are imported, and the exit code is 1."""
    file = write("tickets.jsonl", *WORDLESS, "no json", {"id": 4}, {"id": 5, "text": "."})
    result = output(run(file, "--json"), exit_code=1)
    assert (result["read"], result["added"], result["skipped"]) == (5, 3, 2)
    assert result["errors"] == [
        {"line": 3, "reason": "not JSON: Expecting value at character 1"},
        {"line": 4, "reason": "there is neither text nor title"},
    ]
    people = run(file)
    assert people.exit_code == 1
    assert people.stdout == ""
    lines = people.stderr.splitlines()
    assert "line 4: there is neither text nor title" in lines
    assert lines[-1] == "Error: 2 rows could not be read."


def test_one_table_shows_what_happened_to_the_rows(run: Import) -> None:
    """It has the same counts as `--json`, why rows were skipped, and unused columns."""
    rows = [
        {"id": 7, "text": "!", "severity": "high"}, {"id": 7, "text": "?"}, {"id": 8, "text": "."},
    ]  # fmt: skip
    file = write("tickets.jsonl", *rows)
    shown = [line.split() for line in run(file).stderr.splitlines()]
    cells = {words[1]: words[3] for words in shown if len(words) > 3 and words[0] == "│"}
    assert {name: cells[name] for name in ("read", "added", "joined", "skipped", "undated")} == {
        "read": "3", "added": "2", "joined": "1", "skipped": "0", "undated": "2",
    }  # fmt: skip
    assert any("severity" in words for words in shown)
    (found,) = files_of(run(file, "--json"))
    assert found["recognized"] == "a table (JSON lines, UTF-8)"
    assert found["columns"] == {"id": ["id"], "text": ["text"]}
    assert found["not_used"] == ["severity"]


def test_strict_stores_nothing_if_there_is_a_warning(run: Import, sqlite_url: str) -> None:
    """An unreadable date is a warning, and with --strict an error."""
    file = write("tickets.jsonl", *WORDLESS, {"id": 3, "text": ".", "created": "soon"})
    refused = run(file, "--strict", "--json")
    assert (refused.exit_code, items(sqlite_url)) == (1, [])
    assert "with --strict a warning is an error" in refused.stderr
    found = output(run(file, "--json"))
    assert found["warnings"] == [{"line": 3, "reason": "created: 'soon' is not a date"}]
    assert len(items(sqlite_url)) == 3


def test_columns_are_mapped_by_hand_and_the_map_is_reused(run: Import, sqlite_url: str) -> None:
    """Unclear columns are asked about; a saved map reads the next such file in the same way."""
    table = ["Was,Wo", "!!,Berlin", "??,Bonn"]
    refused = run(write("a.csv", *table))
    assert refused.exit_code == 1
    assert "--map COLUMN=text. Columns: Was, Wo" in refused.stderr
    assert run("a.csv", "--map", "Was=text,Wo=author", "--save-map", "map.json").exit_code == 0
    assert output(run("a.csv", "--map-file", "map.json", "--json"))["unchanged"] == 2
    assert [(one.text, one.author) for one in items(sqlite_url)] == [
        ("!!", "Berlin"), ("??", "Bonn"),
    ]  # fmt: skip
    for given, why in (("Wer=text", "There is no column Wer"), ("Was=size", "size is no field"),
                       ("Was", "is no COLUMN=FIELD")):  # fmt: skip
        assert why in run("a.csv", "--map", given).stderr


def test_standard_input_and_several_files(run: Import, tmp_path: Path) -> None:
    """A pipe is read like a file; the files in an archive are read one by one."""
    data = "".join(json.dumps(row) + "\n" for row in WORDLESS)
    result = CliRunner().invoke(main, ["import", "-", "--json"], input=data)
    assert counts(result) == {"read": 2, "added": 2, "undated": 2}
    Path("a.csv.gz").write_bytes(gzip.compress(b"id;text\n5;!\n"))
    with zipfile.ZipFile("b.zip", "w") as archive:
        archive.writestr("one.jsonl", '{"id": 6, "text": "!"}')
        archive.writestr("__MACOSX/._one.jsonl", "\x00")
        archive.writestr("logo.png", "\x89PNG")
    files = files_of(run("a.csv.gz", "b.zip", "--json"))
    assert [(one["file"], one["added"]) for one in files] == [("a.csv", 1), ("one.jsonl", 1)]


def test_files_without_tickets_in_an_archive_are_skipped(run: Import) -> None:
    """A note next to the tickets is no error."""
    with zipfile.ZipFile("b.zip", "w") as archive:
        archive.writestr("one.csv", "id,text\n5,!\n")
        archive.writestr("readme.txt", "Exported by Acme on Monday.\n")
    result = run("b.zip")
    assert (result.exit_code, "readme.txt: passed over" in result.stderr) == (0, True)


def test_only_the_first_errors_are_shown_to_people(run: Import) -> None:
    """Twenty are shown and the others counted; `--json` has all of them."""
    file = write("tickets.jsonl", *WORDLESS, *["?"] * 25)
    shown = run(file).stderr.splitlines()
    assert sum(line.startswith("line ") for line in shown) == 20
    assert shown[-2] == "… and 5 more."
    errors = output(run(file, "--json"), exit_code=1)["errors"]
    assert isinstance(errors, list)
    assert len(errors) == 25


def test_control_characters_do_not_reach_the_terminal(run: Import) -> None:
    """Texts from a file are shown without escape sequences."""
    rows = [{"id": 1, "title": "!"}, {"id": "\x1b[31m1", "title": "?", "created": "\x1b[31m"}]
    assert "\x1b[31m" not in run(write("tickets.jsonl", *rows), "--preview").stderr


def test_a_column_with_half_a_character_in_its_name_is_told(run: Import) -> None:
    """JSON can write it, and no text can hold it."""
    file = write("tickets.jsonl", {"id": 1, "title": "Lamp", "c\ud83d": "x"})
    assert json.loads(run(file, "--json").stdout)["files"][0]["not_used"] == ["c?"]


def test_options_are_defaults_for_rows(run: Import, sqlite_url: str) -> None:
    """They set channel, kind and source; the default source depends on the kind."""
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
    """A CSV file and a folder are recognised; `--format` sets other formats."""
    csv_file = write("tickets.CSV", "id,text", "1,!")
    assert output(run(csv_file, "--json"))["added"] == 1
    other = write("tickets.txt", "id;text", "1;!")
    assert output(run(other, "--format", "csv", "--json"))["unchanged"] == 1
    Path("export/help").mkdir(parents=True)
    write("export/channels.json", [{"id": "C1", "name": "help"}])
    joined = {"type": "message", "subtype": "channel_join", "ts": "1.1", "user": "U1"}
    messages = [{"type": "message", "user": "U1", "ts": "2.1", "text": "VPN!"}, joined, 7]
    write("export/help/2026-01-02.json", messages)
    found = output(run("export", "--json"), exit_code=1)
    assert (found["added"], found["skipped"]) == (1, 2)
    error = {"file": "help/2026-01-02.json", "index": 2, "reason": "not a message"}
    assert found["errors"] == [error]
    assert "1 × notices of who joined, topic" in run("export").stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["nowhere.csv"], 2, "does not exist"),
        (["odd.txt"], 1, "no tickets are recognised in it"),
        (["folder", "--format", "csv"], 2, "folder is a folder"),
        (["folder", "--channel", "help"], 2, "do not apply to a Slack export"),
        (["odd.csv", "--source", "s" * 65], 2, "1 to 64 characters"),
        (["odd.csv", "--kind", "person"], 2, "Invalid value for '--kind'"),
        (["odd.zip"], 1, "odd.zip is not a ZIP archive"),
        (["folder"], 1, "This is not a Slack export"),
        (["empty.jsonl"], 1, "The file is empty"),
        (["empty.csv"], 1, "The file is empty"),
        (["odd.csv"], 1, "no tickets are recognised in it"),
        (["odd.csv", "--timezone", "Mars"], 1, "There is no time zone Mars"),
        (["odd.csv", "--encoding", "utf-9"], 1, "There is no encoding utf-9"),
        (["odd.csv", "--map-file", "odd.txt"], 1, "no map of columns"),
        (["odd.csv", "--workspace", "T9"], 1, "There is no workspace T9"),
    ],
)
def test_a_file_that_cannot_be_imported_has_a_clear_error(
    run: Import, arguments: list[str], exit_code: int, message: str
) -> None:
    """Wrong usage exits with 2, an invalid file with 1; both print one line."""
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
    """A product missing in the file is deleted, and returns with it; other sources are kept."""
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
    """A file with errors or an empty one deletes nothing, and tickets are never replaced."""
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
