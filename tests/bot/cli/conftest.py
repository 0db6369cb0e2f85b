"""The command line on a backlog about three subjects."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from tests.bot.cli.backlog import SUBJECTS, Run
from tests.bot.conftest import Fill


@pytest.fixture
def run(command_line: Run, fill: Fill, tmp_path: Path) -> Run:
    """Give the command line on a database with tickets about three subjects."""
    assert command_line("db", "upgrade").exit_code == 0
    today = utc_now()
    with (tmp_path / "tickets.jsonl").open("w") as file:
        for subject, texts in SUBJECTS.items():
            for number, text in enumerate(texts):
                at = today - timedelta(days=number * 9)
                line = {
                    "id": f"{subject}-{number}",
                    "text": text,
                    "created": at.isoformat(),
                }
                file.write(json.dumps(line) + "\n")

    def store() -> None:
        assert command_line("import", str(tmp_path / "tickets.jsonl")).exit_code == 0

    # A copy that was filled yesterday would be a day older than the tests expect.
    fill(f"three_subjects_{today:%Y%m%d}", store)
    return command_line
