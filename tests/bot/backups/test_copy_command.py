"""`deja db copy`, and names that are no place for a copy of the database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import Base, Database
from tests.bot.backups.conftest import url_of
from tests.bot.backups.test_transfer import everything
from tests.bot.cli.backlog import Run


def test_the_command_moves_a_database(deja: Run, full: Database, blank: Database) -> None:
    """It makes the tables, copies, and says what comes next; the address may come by stdin."""
    result = deja("db", "copy", "-", "--json", stdin=f"{url_of(blank)}\n")
    assert result.exit_code == 0, result.output
    tables = [json.loads(line) for line in result.stdout.splitlines()]
    assert {one["table"] for one in tables} == set(Base.metadata.tables)
    assert everything(blank) == everything(full)
    again = deja("db", "copy", url_of(full))
    assert again.exit_code == 1
    assert "in use" in again.output


def test_the_database_itself_is_no_place_for_a_copy_of_it(
    deja: Run, full: Database, tmp_path: Path
) -> None:
    """However it is named: a bot that runs would keep the file that was replaced."""
    if not full.is_sqlite:
        pytest.skip("a database on a server has no file")
    file = Path(str(full.engine.url.database))
    other = file.parent / ".." / file.parent.name / file.name
    inode = file.stat().st_ino
    for words in (
        ["backup", str(other), "--overwrite"],
        ["restore", str(other), "--overwrite"],
        ["db", "copy", f"sqlite:///{other}"],
        ["db", "copy", "sqlite://"],
    ):
        result = deja(*words)
        assert result.exit_code == 1, words
        assert any(one in result.stderr for one in ("database itself", "in use", "in memory")), (
            words
        )
    assert file.stat().st_ino == inode


@pytest.mark.parametrize("words", [["backup", ""], ["restore", ""], ["import", ""]])
def test_an_empty_name_is_no_file(command_line: Run, words: list[str]) -> None:
    """It is a variable that is not set, and does not mean the folder where somebody is."""
    result = command_line(*words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].endswith("it is empty: name a file.")


def test_a_wrong_address_is_one_line(deja: Run) -> None:
    """Whatever is wrong with it."""
    for address in ("", "mysql://x/y", "no address", "sqlite:////none/there/x.db"):
        result = deja("db", "copy", address)
        assert result.exit_code == 1, address
        assert len(result.output.strip().splitlines()) == 1, result.output
