"""`deja import` where Déjà has not run yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from bot.cli import main
from models import Database
from tests.bot.cli.history.import_files import items, write


def test_the_first_import_makes_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a new folder nothing needs to be prepared; tables of another version are not changed."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'new' / 'deja.db'}"
    monkeypatch.setenv("DEJA_DATABASE_URL", url)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "new"))
    file = write("tickets.jsonl", {"id": 1, "text": "!"}, {"id": 2, "text": "?"})
    result = CliRunner().invoke(main, ["import", str(file), "--yes"])
    assert result.exit_code == 0, result.output
    assert [item.text for item in items(url)] == ["!", "?"]
    with Database.connect(url).write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0049'"))
    result = CliRunner().invoke(main, ["import", str(file), "--yes"])
    assert "deja db upgrade" in result.output
    assert result.exit_code == 1
