"""`deja secrets`, and what other commands report about keys."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select, update

from models import Database, Source
from models.types import Sealed
from services.secrets.keyring import is_key, key_id
from tests.keys import KEY, OTHER_KEY, keyring

Command = Callable[..., Result]


@pytest.fixture
def deja(command_line: Command) -> Command:
    """Give the command line on a database with a source that signs."""
    assert command_line("db", "upgrade").exit_code == 0
    row = '{"id": "1", "title": "printer prints blank pages"}\n'
    assert command_line("import", "-", "--yes", "--channel", "help", stdin=row).exit_code == 0
    assert command_line("sources", "add", "webhook", "helpdesk").exit_code == 0
    return command_line


@pytest.fixture
def with_file(command_line: Command, monkeypatch: pytest.MonkeyPatch, deja: Command) -> Command:
    """Give it with a key file instead of a setting, which only SQLite gets by itself."""
    monkeypatch.delenv("DEJA_SECRET_KEY")
    assert command_line("sources", "remove", "helpdesk").exit_code == 0
    assert command_line("sources", "add", "webhook", "helpdesk").exit_code == 0
    return deja


def state_of(deja: Command) -> dict[str, object]:
    """Return the output of `deja secrets status`."""
    found: dict[str, object] = json.loads(deja("secrets", "status", "--json").stdout)
    return found


def finding_of(deja: Command, name: str) -> dict[str, str]:
    """Return one finding of the doctor."""
    lines = deja("doctor", "--offline", "--json").stdout.splitlines()
    return next(one for one in map(json.loads, lines) if one["check"] == name)


def test_the_key_of_the_settings_is_rotated(deja: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new key, both keys, everything under the new one, the old one removed; the audit has it."""
    fresh = deja("secrets", "new-key").stdout.strip()
    assert is_key(fresh)
    assert state_of(deja)["by_key"] == {key_id(KEY): 1}
    monkeypatch.setenv("DEJA_SECRET_KEY", f"{fresh},{KEY}")
    assert "run `deja secrets rotate`" in finding_of(deja, "secrets")["message"]
    done = deja("secrets", "rotate", "--json")
    assert json.loads(done.stdout) == {"changed": 1, "before": [key_id(KEY)], "key": key_id(fresh)}
    monkeypatch.setenv("DEJA_SECRET_KEY", fresh)
    assert state_of(deja)["by_key"] == {key_id(fresh): 1}
    assert "nothing has changed" in deja("secrets", "rotate").stderr
    audit = deja("audit").output
    assert f"1 by {key_id(KEY)} → by {key_id(fresh)}" in audit
    assert not any(key in audit + done.output for key in (fresh, KEY))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_file_is_rotated_with_a_new_key(with_file: Command) -> None:
    """It keeps the old one, for old backups; an interrupted rotation makes no second one."""
    file = Path(os.environ["DEJA_DATA_DIR"]) / "secret.key"
    [first] = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    assert with_file("secrets", "rotate").exit_code == 0
    keys = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    assert keys[1:] == [first]
    assert state_of(with_file)["by_key"] == {key_id(keys[0]): 1}
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.write() as session:
        session.execute(update(Source).values(secret=keyring(first).seal("whsec_1")))
    assert with_file("secrets", "rotate").exit_code == 0
    assert state_of(with_file)["by_key"] == {key_id(keys[0]): 1}
    assert finding_of(with_file, "secrets")["state"] == "ok"
    assert "keep a copy elsewhere" in finding_of(with_file, "secrets")["message"]


def test_a_wrong_key_is_one_clear_line(deja: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each command that needs the key; the others work."""
    monkeypatch.setenv("DEJA_SECRET_KEY", OTHER_KEY)
    commands = [
        ("sources", "rotate", "helpdesk"),
        ("sources", "add", "webhook", "other"),
        ("secrets", "rotate"),
    ]
    for command in commands:
        result = deja(*command)
        assert (result.exit_code, len(result.stderr.strip().splitlines())) == (1, 1), result.output
        assert f"{key_id(KEY)}, which is not in DEJA_SECRET_KEY" in result.stderr
    status = deja("secrets", "status")
    assert status.exit_code == 1
    assert status.stdout.endswith("see `deja secrets forget`.\n")
    assert finding_of(deja, "secrets")["state"] == "problem"
    assert deja("sources", "list").exit_code == 0
    assert deja("status").exit_code == 0
    asked = deja("secrets", "forget", stdin="n\n")
    assert asked.exit_code == 1
    assert f"Delete 1 secret of the key {key_id(KEY)}?" in asked.output
    assert state_of(deja)["missing"] == {key_id(KEY): 1}
    assert "1 of sources" in deja("secrets", "forget", "--yes").stderr
    assert deja("sources", "rotate", "helpdesk").stdout.startswith("whsec_")
    assert "deleted: the key is lost" in deja("audit").output


def test_without_a_key_the_bot_does_not_start(
    deja: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes no new key if there was one before."""
    monkeypatch.delenv("DEJA_SECRET_KEY")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    result = deja("worker")
    assert result.exit_code == 1
    assert f"{key_id(KEY)}, which is not in" in result.stderr
    assert not (Path(os.environ["DEJA_DATA_DIR"]) / "secret.key").exists()


@pytest.mark.both_databases
def test_an_upgrade_encrypts_what_an_older_version_stored(deja: Command) -> None:
    """Even if the tables are already up to date."""
    with closing(Database.connect(os.environ["DEJA_DATABASE_URL"])) as database:
        with database.write() as session:
            session.execute(update(Source).values(secret=Sealed("whsec_1")))
        assert "run `deja db upgrade`" in finding_of(deja, "secrets")["message"]
        assert deja("db", "upgrade").exit_code == 0
        with database.read() as session:
            sealed = session.scalars(select(Source.secret)).one()
    assert sealed is not None
    assert keyring(KEY).open(sealed) == "whsec_1"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_has_no_key_and_a_restore_says_which_it_needs(
    with_file: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine, a backup alone cannot decrypt any token."""
    folder = Path(os.environ["DEJA_DATA_DIR"])
    [key] = [line for line in (folder / "secret.key").read_text().split("\n")[2:] if line]
    made = with_file("backup", str(tmp_path / "backup.db"))
    assert f"the key {key_id(key)} is not in it" in made.stderr
    assert key.encode() not in (tmp_path / "backup.db").read_bytes()
    assert b"whsec_" not in (tmp_path / "backup.db").read_bytes()
    other = tmp_path / "elsewhere"
    monkeypatch.setenv("DEJA_DATA_DIR", str(other))
    monkeypatch.setenv("DEJA_DATABASE_URL", f"sqlite:///{other / 'deja.db'}")
    restored = with_file("restore", str(tmp_path / "backup.db"))
    assert restored.exit_code == 0
    assert f"encrypted with the key {key_id(key)}, which is not in" in restored.stderr
    (other / "secret.key").write_text(key)
    again = with_file("restore", str(tmp_path / "backup.db"), "--overwrite", "--json")
    assert json.loads(again.stdout)["missing_keys"] == {}
    assert state_of(with_file)["by_key"] == {key_id(key): 1}


def test_another_database_has_the_same_secrets(
    deja: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are copied encrypted, so the same key decrypts them there."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    assert deja("db", "copy", url).exit_code == 0
    monkeypatch.setenv("DEJA_DATABASE_URL", url)
    assert state_of(deja)["by_key"] == {key_id(KEY): 1}
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        [(secret,)] = database.execute("SELECT secret FROM sources").fetchall()
    assert secret.startswith("deja1:")
