"""`deja erase`: it previews, asks, erases, proves, and keeps a record."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import update

from bot.cli.terminal import open_database
from bot.cli.upkeep.doctor_run import _database
from bot.settings import Settings
from models import Erasure
from services.erasure.register import begin
from services.erasure.subjects import find_subject
from services.memory.workspaces import find_workspace
from tests.conftest import NOW

Command = Callable[..., Result]

JANE = "Jane Quill"
ROWS = [
    {"id": "T-1", "text": "The zebra of the third floor prints violet pages", "author": JANE},
    {"id": "T-2", "text": "VPN asks for my password again and again", "author": "Bo",
     "replies": [{"text": "Please restart the quaint gateway", "author": JANE},
                 {"text": "That helped, thanks a lot", "author": "Bo"}]},
    {"id": "T-3", "text": "The invoice that Jane Quill sent is wrong", "author": "Cy"},
]  # fmt: skip


@pytest.fixture
def command(command_line: Command) -> Command:
    """Give the command line on three tickets."""
    assert command_line("db", "upgrade").exit_code == 0
    lines = "\n".join(map(json.dumps, ROWS))
    assert command_line("import", "-", "--yes", "--channel", "help", stdin=lines).exit_code == 0
    return command_line


def erased(result: Result) -> dict[str, object]:
    """Return the JSON line of a proved erasure."""
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.mark.both_databases
def test_a_person_is_erased_and_proved(command: Command, tmp_path: Path) -> None:
    """Their tickets and replies are gone from every file; mentions by others are reported."""
    shown = command("erase", "--author", JANE, "--dry-run")
    assert "tickets and products" in shown.output
    assert "1 ticket by others has this name" in shown.output
    line = erased(command("erase", "--author", JANE, "--yes", "--json"))
    assert line["found_in"] == {}
    assert line["searched_for"] == 2
    counts = line["erased"]
    assert isinstance(counts, dict)
    assert (counts["tickets and products"], counts["replies in other people's tickets"]) == (1, 1)
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file():
            assert b"zebra" not in file.read_bytes(), file
            assert b"quaint" not in file.read_bytes(), file
    record = command("audit", "--json").stdout
    assert "erasure" in record
    assert JANE not in record
    again = command("erase", "--author", JANE, "--yes")
    assert "Nothing is remembered" in again.stdout
    lines = "\n".join(map(json.dumps, ROWS[:1]))
    assert command("import", "-", "--yes", "--channel", "help", stdin=lines).exit_code == 0
    assert "Nothing is remembered" in command("erase", "--item", "T-1", "--dry-run").stdout


def test_it_asks_first(command: Command) -> None:
    """No answer and “no” change nothing; “yes” erases."""
    for said in ("", "n\n"):
        result = command("erase", "--item", "T-1", "--json", stdin=said)
        assert result.stdout == ""
        assert "Would be erased" in result.stderr
        assert result.exit_code == 1
        assert "Aborted" in result.stderr
    assert command("erase", "--item", "T-1", stdin="y\n").exit_code == 0
    assert "Nothing is remembered" in command("erase", "--item", "T-1", "--dry-run").stdout


def test_a_channel_is_erased(command: Command) -> None:
    """Everything posted in it is erased; it is named as people name it."""
    line = erased(command("erase", "--channel", "#help", "--yes", "--json"))
    counts = line["erased"]
    assert isinstance(counts, dict)
    assert counts["tickets and products"] == len(ROWS)


def test_what_cannot_be_erased_is_a_one_line_error(command: Command) -> None:
    """A mistake erases nothing."""
    mistakes: tuple[tuple[tuple[str, ...], str], ...] = (
        ((), "Say one of"),
        (("--item", "T-1", "--resume"), "Say one of"),
        (("--item", "T-9"), "There is no item T-9."),
        (("--channel", "hlep"), "Do you mean #help?"),
        (("--author", " "), "needs a name"),
    )
    for arguments, reason in mistakes:
        result = command("erase", *arguments, "--yes")
        assert result.exit_code in {1, 2}, arguments
        assert reason in result.stderr, arguments


def test_a_backup_that_still_holds_it_is_named(
    command: Command, database_url: str, tmp_path: Path
) -> None:
    """Only those in the data folder are checked; none is changed."""
    folder = tmp_path / "data" / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    if not database_url.startswith("sqlite"):  # to look into a dump takes a server
        (folder / "old.dump").write_bytes(b"PGDMP")
        line = erased(command("erase", "--item", "T-1", "--yes", "--json"))
        assert line["backups_not_looked_into"] == [str(folder / "old.dump")]
        return
    assert command("backup", str(folder / "old.db")).exit_code == 0
    line = erased(command("erase", "--item", "T-1", "--yes", "--json"))
    assert line["backups_with_it"] == [str(folder / "old.db")]
    with closing(sqlite3.connect(folder / "old.db")) as backup:
        [(text,)] = backup.execute("SELECT text FROM items WHERE external_id = 'T-1'")
    assert "zebra" in text


def test_an_interrupted_erasure_is_reported_and_resumed(command: Command) -> None:
    """The doctor and the audit report it; once it is finished there is nothing to resume."""
    assert "No erasure was interrupted" in command("erase", "--resume").stdout
    settings = Settings.from_env()
    with open_database(settings) as database, database.write() as session:
        workspace_id = find_workspace(session).id
        subject = find_subject(session, workspace_id, "item", "T-1")
        begin(session, subject, by="admin", now=NOW)
    assert _database(settings)[0] == "warning"
    assert "deja erase --resume" in command("audit", "--json").stdout
    assert json.loads(command("erase", "--resume", "--json").stdout) == {
        "finished": [1],
        "found_in": [{}],
    }
    assert _database(settings)[0] == "ok"
    assert "Nothing is remembered" in command("erase", "--item", "T-1", "--dry-run").stdout


@pytest.mark.both_databases
def test_the_same_command_goes_on_where_only_files_are_left(command: Command) -> None:
    """The tables have nothing of it by then, so that nothing would be left to erase."""
    erased(command("erase", "--author", JANE, "--yes", "--json"))
    with open_database(Settings.from_env()) as database, database.write() as session:
        session.execute(update(Erasure).values(finished_at=None))  # as when the disk was full
    looked = command("erase", "--author", JANE, "--dry-run")
    assert "Nothing is remembered" in looked.stdout
    assert "1 erasure is not finished: run `deja erase --resume`." in looked.stderr
    again = command("erase", "--author", JANE)
    assert again.exit_code == 0
    assert "1 erasure finished." in again.stdout
    assert "Proved" in again.stderr
    assert "No erasure was interrupted." in command("erase", "--resume").stdout


def test_a_person_gets_what_is_stored_about_them(command: Command, tmp_path: Path) -> None:
    """As JSON lines in a file that only its owner can read; other options are refused."""
    file = tmp_path / "jane.jsonl"
    counted = erased(command("export", str(file), "--user", JANE, "--json"))
    assert counted["rows"] == {"items": 1, "replies": 1}
    text = file.read_text(encoding="utf-8")
    assert "zebra" in text
    assert "quaint" in text
    assert "VPN" not in text
    assert file.stat().st_mode & 0o077 == 0
    assert command("export", str(tmp_path / "x"), "--user", JANE, "--private").exit_code == 2
    assert "nothing is stored" in command("export", str(tmp_path / "y"), "--user", "Zoe").stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_that_cannot_be_rewritten_are_left_for_later(
    command: Command, tmp_path: Path
) -> None:
    """The tables have nothing of it by then; what was in the way is named."""
    in_the_way = tmp_path / "data" / "index" / "x.tmp"
    in_the_way.mkdir(parents=True)
    result = command("erase", "--item", "T-1", "--yes")
    assert result.exit_code == 1
    assert str(in_the_way) in result.stderr
    assert "run `deja erase --resume` for the rest" in result.stderr
    in_the_way.rmdir()
    assert "1 erasure finished." in command("erase", "--resume").stdout


def test_a_name_is_no_proof_against_an_erasure(command_line: Command) -> None:
    """A short one is by chance in other words and in bytes of vectors; an id is not."""
    assert command_line("db", "upgrade").exit_code == 0
    row = json.dumps({"id": "T-1", "text": "The zebra prints violet pages", "author": "Uma"})
    imported = command_line("import", "-", "--yes", "--channel", "UmaUmami", stdin=row)
    assert imported.exit_code == 0
    line = erased(command_line("erase", "--author", "Uma", "--yes", "--json"))
    assert line["searched_for"] == 1
