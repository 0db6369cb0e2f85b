"""An export that is older than what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from models import Database, Item
from services.exports.restore_newer import NEWER
from tests.bot.cli.history.import_files import write

Run = Callable[..., Result]
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
EDITED = "The gate of hall 2 and its lock jam."
TICKET = {"id": "T-1", "title": "Gate", "text": ASKED, "status": "closed", "answer": ADVICE}
OTHER = {"id": "T-2", "title": "Lamp", "text": "The lamp of hall 3 flickers."}


@pytest.fixture
def run(command_line: Run) -> Run:
    """Give the command line on two tickets and an export of them."""
    assert command_line("import", write("a.jsonl", TICKET, OTHER), "--yes").exit_code == 0
    assert command_line("export", "old.zip").exit_code == 0
    return command_line


def _shown(url: str) -> dict[str, tuple[str, str | None]]:
    database = Database.connect(url)
    try:
        with database.read() as session:
            found = session.scalars(select(Item).where(Item.deleted_at.is_(None)))
            return {one.external_id: (one.text, one.resolution) for one in found}
    finally:
        database.close()


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"is_private": True}, None),
        ({"answer visibility": "internal"}, (ASKED, None)),
        ({"text": EDITED}, (EDITED, ADVICE)),
    ],
)  # fmt: skip
def test_what_was_changed_since_stays(
    run: Run, database_url: str, change: dict[str, Any], shown: tuple[str, str | None] | None
) -> None:
    """Above all what became private; a file in which it is public again brings it back."""
    assert run("import", write("b.jsonl", {**TICKET, **change}), "--yes").exit_code == 0
    assert _shown(database_url).get("T-1") == shown
    told = json.loads(run("import", "old.zip", "--json").stdout)
    assert (told["unchanged"], told["skipped"], told["reasons"][0]["reason"]) == (1, 1, NEWER)
    assert _shown(database_url).get("T-1") == shown
    assert run("import", write("c.jsonl", TICKET), "--yes").exit_code == 0
    assert _shown(database_url)["T-1"] == (ASKED, ADVICE)


def test_a_dry_run_says_the_same(run: Run) -> None:
    """It changes nothing, either."""
    run("import", write("b.jsonl", {**TICKET, "is_private": True}), "--yes")
    told = json.loads(run("import", "old.zip", "--dry-run", "--json").stdout)
    assert (told["unchanged"], told["skipped"]) == (1, 1)
