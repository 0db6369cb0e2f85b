"""`deja import` of torn files: no traceback, and every record is accounted for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from bot.cli import main
from tests.levels import rounds
from tests.services.intake.importers.files.test_torn_files import torn


@rounds(12, 60)
def test_torn_files_are_counted_by_the_command(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, examples: int
) -> None:
    """Each record read is added, updated, unchanged, joined or skipped; none is lost silently."""
    for name in [name for name in os.environ if name.startswith(("DEJA_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", sqlite_url)
    file = tmp_path / "file"

    @given(torn())
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    def check(data: bytes) -> None:
        file.write_bytes(data)
        result = CliRunner().invoke(main, ["import", str(file), "--dry-run", "--json"])
        assert result.exit_code in (0, 1), result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        if not result.stdout:
            assert result.stderr.startswith("Error: ")
            return
        counts = json.loads(result.stdout)
        parts = ("added", "updated", "unchanged", "joined", "skipped")
        assert counts["read"] == sum(counts[name] for name in parts)

    check()
