"""Backups: verified, private, restored as they were, and never in place of something else."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from click.testing import Result

import migrations
from models import Database, Erasure, Item, Workspace
from tests.bot.backups.conftest import url_of
from tests.bot.backups.test_transfer import everything
from tests.conftest import NOW

Run = Callable[..., Result]

# Keeps a database open until its standard input ends.
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM items").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_backup_is_restored_as_it_was(deja: Run, full: Database, tmp_path: Path) -> None:
    """What was changed and deleted after the backup is back."""
    before = everything(full)
    file = tmp_path / "backup"
    made = deja("backup", str(file))
    assert made.exit_code == 0, made.output
    assert "and verified" in made.output
    with full.write() as session:
        session.execute(sa.delete(Item))
    refused = deja("restore", str(file))
    assert refused.exit_code == 1
    assert "--overwrite" in refused.output
    assert everything(full) != before
    full.close()
    restored = deja("restore", str(file), "--overwrite")
    assert restored.exit_code == 0, restored.output
    assert everything(full) == before


def test_what_was_erased_since_the_backup_is_named(
    deja: Run, full: Database, tmp_path: Path
) -> None:
    """A restore brings it back, and nobody else would know; a person's name is not on record."""
    file = tmp_path / "backup"
    assert deja("backup", str(file)).exit_code == 0
    with full.write() as session:
        workspace_id = session.scalars(sa.select(Workspace.id)).first()
        for kind, subject in (("person", "erased-9"), ("item", "T-1"), ("age", "rules")):
            session.add(
                Erasure(
                    workspace_id=workspace_id, kind=kind, subject=subject, asked_by="admin",
                    asked_at=NOW, emptied_at=NOW, finished_at=NOW,
                )
            )  # fmt: skip
    full.close()
    restored = deja("restore", str(file), "--overwrite")
    assert restored.exit_code == 0, restored.output
    assert "2 erasures are newer than the backup, and what was erased is back" in restored.stderr
    assert f"a person (erased {NOW:%Y-%m-%d %H:%M} UTC)" in restored.stderr
    assert "T-1 (erased" in restored.stderr
    assert "erased-9" not in restored.stderr
    again = deja("restore", str(file), "--overwrite", "--json")
    assert json.loads(again.stdout)["undone_erasures"] == []


def test_a_backup_is_restored_where_there_is_nothing(
    deja: Run, full: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine's path no word is needed, and the bot can start there."""
    if not full.is_sqlite:
        pytest.skip("a PostgreSQL database is made by its administrator")
    file = tmp_path / "backup.db"
    assert deja("backup", str(file)).exit_code == 0
    other = tmp_path / "elsewhere"
    monkeypatch.setenv("DEJA_DATA_DIR", str(other))
    monkeypatch.setenv("DEJA_DATABASE_URL", f"sqlite:///{other / 'deja.db'}")
    result = deja("restore", str(file), "--json")
    restored = json.loads(result.stdout)
    assert restored["is_current"] is True
    assert restored["undone_erasures"] is None
    with closing(sqlite3.connect(other / "deja.db")) as database:
        assert database.execute("SELECT count(*) FROM items").fetchone()[0] > 0
    assert deja("status", "--json").exit_code == 0
    (other / "deja.db").unlink()
    assert "what was erased since the backup was made is back" in deja("restore", str(file)).stderr


def test_a_backup_is_for_its_owner_alone(deja: Run, tmp_path: Path) -> None:
    """Whatever the umask, and nothing of it is left elsewhere."""
    old = os.umask(0)
    try:
        assert deja("backup", str(tmp_path / "backup")).exit_code == 0
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".backup*"))


def test_a_folder_keeps_the_newest(deja: Run, full: Database, tmp_path: Path) -> None:
    """Each backup in a folder has the time as its name; older ones are deleted, other files not."""
    folder = tmp_path / "backups"
    folder.mkdir()
    suffix = "db" if full.is_sqlite else "dump"
    for day in range(1, 4):
        (folder / f"deja-2026010{day}-000000.{suffix}").write_text("old")
    (folder / "deja-notes.txt").write_text("mine")
    result = deja("backup", str(folder), "--keep", "2", "--json")
    told = json.loads(result.stdout)
    assert len(told["removed"]) == 2
    names = sorted(file.name for file in folder.iterdir())
    assert len(names) == 3
    assert Path(told["file"]).name in names
    assert f"deja-20260103-000000.{suffix}" in names
    assert "deja-notes.txt" in names


def test_a_device_is_not_replaced_by_a_file(deja: Run, tmp_path: Path) -> None:
    """Nor is a pipe: what is no file stays what it is, also if told to overwrite it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (pipe, Path("/dev/full")):
        result = deja("backup", str(target), "--overwrite")
        assert result.exit_code == 1
        assert "is no file" in result.output
        assert not target.is_file()


def test_a_file_is_not_overwritten_unasked(deja: Run, tmp_path: Path) -> None:
    """It stays as it is; a folder that is missing is named."""
    file = tmp_path / "backup"
    file.write_text("mine")
    result = deja("backup", str(file))
    assert result.exit_code == 1
    assert "--overwrite" in result.output
    assert file.read_text() == "mine"
    assert deja("backup", str(file), "--overwrite").exit_code == 0
    missing = deja("backup", str(tmp_path / "none" / "backup"))
    assert missing.exit_code == 1
    assert "none/backup cannot be written: No such file" in missing.output


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "end", "another program's"])
def test_what_is_no_backup_is_refused(deja: Run, full: Database, tmp_path: Path, kind: str) -> None:
    """One line says so, and the database stays."""
    before, file = everything(full), tmp_path / "backup"
    if kind in {"cut", "end"}:
        assert deja("backup", str(file)).exit_code == 0
        kept = file.read_bytes()
        file.write_bytes(kept[: len(kept) // 3] if kind == "cut" else kept[:-5_000])
    elif kind == "another program's":
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE notes (text)")
    else:
        file.write_bytes(b"" if kind == "empty" else b"hello")
    result = deja("restore", str(file), "--overwrite")
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1, result.output
    assert everything(full) == before


def test_a_backup_of_the_other_kind_is_refused(
    deja: Run, full: Database, blank: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which one it is, and how to move."""
    if full.is_sqlite == blank.is_sqlite:
        pytest.skip("of the same kind")
    file = tmp_path / "backup"
    assert deja("backup", str(file)).exit_code == 0
    monkeypatch.setenv("DEJA_DATABASE_URL", url_of(blank))
    result = deja("restore", str(file))
    assert result.exit_code == 1
    assert "deja db copy" in result.output


def test_a_database_in_use_is_not_replaced(deja: Run, full: Database, tmp_path: Path) -> None:
    """While another process has it open, SQLite's file stays as it is."""
    if not full.is_sqlite:
        pytest.skip("PostgreSQL replaces its tables in one transaction")
    file = tmp_path / "backup"
    assert deja("backup", str(file)).exit_code == 0
    path = full.engine.url.database
    full.close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        result = deja("restore", str(file), "--overwrite")
        process.communicate()
    assert result.exit_code == 1
    assert "stop the bot" in result.output


def test_postgresql_without_its_programs_says_what_to_install(
    deja: Run, full: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names the program."""
    if full.is_sqlite:
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = deja("backup", str(tmp_path / "backup"))
    assert result.exit_code == 1
    assert "pg_dump is missing: install" in result.output
    assert not (tmp_path / "backup").exists()


def test_an_upgrade_backs_up_first(deja: Run, full: Database, tmp_path: Path) -> None:
    """The backup has the database as it was before; without tables there is none."""
    command.downgrade(migrations.config(full.engine), "0020")
    result = deja("db", "upgrade")
    assert result.exit_code == 0, result.output
    assert "backed up to" in result.output
    [file] = (tmp_path / "data" / "backups").iterdir()
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    if full.is_sqlite:
        with closing(sqlite3.connect(file)) as old:
            assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("0020",)
    command.downgrade(migrations.config(full.engine), "0020")
    assert deja("db", "upgrade", "--no-backup").exit_code == 0
    assert list((tmp_path / "data" / "backups").iterdir()) == [file]


def test_a_newer_database_is_left_alone(deja: Run, full: Database) -> None:
    """One line says that it is from a newer version."""
    with full.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for arguments in (("db", "upgrade"), ("status",), ("db", "copy", "sqlite:///x.db")):
        result = deja(*arguments)
        assert result.exit_code == 1
        assert "from a newer Déjà" in result.output
        assert len(result.output.strip().splitlines()) == 1


def test_a_backup_of_a_newer_version_is_refused(deja: Run, full: Database, tmp_path: Path) -> None:
    """Beforehand: the database that is there stays as it is."""
    before, file = everything(full), tmp_path / "backup"
    with full.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    made = deja("backup", str(file), "--json")
    assert json.loads(made.stdout)["revision"] == "9999", made.output
    with full.engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE alembic_version SET version_num = '{migrations.newest_revision()}'")
        )
    full.close()
    result = deja("restore", str(file), "--overwrite")
    assert result.exit_code == 1
    assert "is from a newer Déjà (revision 9999)" in result.output
    assert everything(full) == before


def test_an_older_backup_takes_the_place_of_a_newer_database(
    deja: Run, full: Database, tmp_path: Path
) -> None:
    """Tables that came since are gone with the rest, and the upgrade makes them again."""
    file = tmp_path / "backup"
    command.downgrade(migrations.config(full.engine), "0020")
    assert deja("backup", str(file)).exit_code == 0
    old = set(sa.inspect(full.engine).get_table_names())
    assert deja("db", "upgrade", "--no-backup").exit_code == 0
    full.close()
    restored = deja("restore", str(file), "--overwrite")
    assert restored.exit_code == 0, restored.output
    assert set(sa.inspect(full.engine).get_table_names()) == old
    upgraded = deja("db", "upgrade", "--no-backup")
    assert upgraded.exit_code == 0, upgraded.output


def test_tables_of_other_programs_stay(deja: Run, full: Database, tmp_path: Path) -> None:
    """Those that came after the backup are not part of what it takes the place of."""
    file = tmp_path / "backup"
    assert deja("backup", str(file)).exit_code == 0
    if full.is_sqlite:
        pytest.skip("a file of SQLite is Déjà's own")
    with full.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE others AS SELECT 'kept' AS word")
    full.close()
    restored = deja("restore", str(file), "--overwrite")
    assert restored.exit_code == 0, restored.output
    with full.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT word FROM others").scalar_one() == "kept"
