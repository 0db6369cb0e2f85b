"""Where `deja export` writes, and what it never does: notes of the team."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from models import Database, Item
from tests.bot.cli.history.import_files import write

Run = Callable[..., Result]
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
SECRET = "The customer has not paid since spring."
TICKET = {
    "id": "T-1",
    "title": "Gate",
    "text": ASKED,
    "status": "closed",
    "comments": [
        {"body": ADVICE, "author": "Ira", "public": True},
        {"body": SECRET, "author": "Ira", "public": False},
    ],
}


@pytest.fixture
def run(command_line: Run) -> Run:
    """Give the command line on a ticket with a public and a private comment."""
    assert command_line("import", write("rows.jsonl", TICKET), "--yes").exit_code == 0
    return command_line


def _extras(url: str) -> list[dict[str, Any]]:
    database = Database.connect(url)
    try:
        with database.read() as session:
            return list(session.scalars(select(Item.extra)))
    finally:
        database.close()


def test_notes_are_in_no_database_and_in_no_export(run: Run, database_url: str) -> None:
    """What the team says to itself is read, to tell that it is no answer, and not kept."""
    assert [one["text"] for one in _extras(database_url)[0]["replies"]] == [ADVICE]
    assert run("export", "out.zip", "--private").exit_code == 0
    with zipfile.ZipFile("out.zip") as archive:
        written = b"".join(archive.read(name) for name in archive.namelist())
    assert (ADVICE.encode() in written, SECRET.encode() in written) == (True, False)


def test_notes_in_an_older_archive_are_not_brought_back(run: Run, database_url: str) -> None:
    """Earlier versions exported them, called not public."""
    assert run("export", "new.zip").exit_code == 0
    with zipfile.ZipFile("new.zip") as archive, zipfile.ZipFile("old.zip", "w") as older:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "tickets.jsonl":
                row = json.loads(data)
                row["extra"]["replies"].append({"text": SECRET, "public": False})
                data = json.dumps(row).encode()
            older.writestr(name, data)
    result = run("import", "old.zip", "--json")
    assert (result.exit_code, json.loads(result.stdout)["unchanged"]) == (0, 1)
    assert SECRET not in str(_extras(database_url))


def test_an_export_goes_to_standard_output(run: Run) -> None:
    """The archive is all of it; what is said of it stands elsewhere."""
    result = run("export", "-")
    assert result.exit_code == 0
    with zipfile.ZipFile(io.BytesIO(result.stdout_bytes)) as archive:
        assert json.loads(archive.read("tickets.jsonl"))["id"] == "T-1"
    assert "Exported to standard output: 1 ticket or product" in " ".join(result.stderr.split())
    assert not Path("-").exists()


def test_what_is_stored_of_a_person_goes_to_standard_output(run: Run) -> None:
    """As JSON lines."""
    result = run("export", "-", "--user", "Ira")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["table"], one["text"]) for one in rows] == [("replies", ADVICE)]


def test_no_file_is_called_like_standard_output(run: Run) -> None:
    """Counts as JSON would be among the archive, and a backup has to be checked as a file."""
    assert run("export", "-", "--json").exit_code == 2
    assert run("backup", "-").exit_code == 1
    assert not Path("-").exists()
