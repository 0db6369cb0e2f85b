"""Files to import on the command line, and helpers that read what it printed and stored."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli import main
from models import Database, Item

Import = Callable[..., Result]


def import_command(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return `deja import` on a database, with a new folder to work in."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DEJA_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    return lambda *arguments: CliRunner().invoke(main, ["import", *map(str, arguments)])


def write(name: str, *rows: object) -> str:
    """Write rows as JSON lines, or a text unchanged, to the working folder."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def output(result: Result, exit_code: int = 0) -> dict[str, object]:
    """Return the output of `--json`."""
    assert result.exit_code == exit_code, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def counts(result: Result, exit_code: int = 0) -> dict[str, int]:
    """Return the counts that `--json` printed, without zeros."""
    found = output(result, exit_code)
    return {name: number for name, number in found.items() if number and isinstance(number, int)}


def files_of(result: Result) -> list[dict[str, object]]:
    """Return what `--json` printed for each file."""
    found = output(result)["files"]
    assert isinstance(found, list)
    return found


def items(database_url: str) -> list[Item]:
    """Return all items in order of id."""
    database = Database.connect(database_url)
    with database.read() as session:
        found = list(session.scalars(select(Item).order_by(Item.id)))
    database.close()
    return found
