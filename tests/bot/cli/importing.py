"""Files to import on the command line, and helpers that read what it printed and stored."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import Result
from sqlalchemy import select

from models import Database, Item


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
