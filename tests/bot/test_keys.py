"""Keys come from the settings or from a file, which is made where that is safe."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.keys import KeyFile, key_source, open_keyring
from bot.settings import Settings
from services.errors import SettingsError
from services.secrets.keyring import is_key, key_id, key_of
from tests.keys import KEY, OTHER_KEY


def settings(folder: Path, **values: str) -> Settings:
    """Return settings with a data folder."""
    return Settings.from_mapping({"DEJA_DATA_DIR": str(folder), **values})


def test_the_newest_key_of_the_settings_is_the_first(tmp_path: Path) -> None:
    """They are separated by commas or spaces, and win over a file."""
    ring = open_keyring(settings(tmp_path, DEJA_SECRET_KEY=f"{OTHER_KEY}, {KEY}"))
    assert ring.ids() == [key_id(OTHER_KEY), key_id(KEY)]
    ring.seal("a")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["short", f"{KEY},short", "ä" * 44])
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, value: str) -> None:
    """The line says how to make one."""
    with pytest.raises(SettingsError, match="DEJA_SECRET_KEY must be a key") as raised:
        settings(tmp_path, DEJA_SECRET_KEY=value)
    assert value not in str(raised.value)
    assert KEY not in str(raised.value)


def test_a_key_file_is_made_with_the_first_secret(tmp_path: Path) -> None:
    """For its owner alone, whatever the umask; the second secret finds it."""
    ring = open_keyring(settings(tmp_path / "data"))
    assert ring.ids() == []
    old = os.umask(0)
    try:
        sealed = ring.seal("a")
    finally:
        os.umask(old)
    file = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert ring.open(sealed) == "a"
    assert [key_of(ring.seal("b"))] == ring.ids() == [key_of(sealed)]


def test_one_key_is_made_by_many_at_once(tmp_path: Path) -> None:
    """Processes that start together, say."""
    files = [KeyFile(tmp_path / "secret.key", is_made=True) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(KeyFile.make_first, files))
    assert len({tuple(keys) for keys in made}) == 1


def test_no_rotation_loses_a_key(tmp_path: Path) -> None:
    """Two that run at once each add theirs."""
    file = KeyFile(tmp_path / "secret.key", is_made=True)
    [first] = file.make_first()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(file.add, [KEY, OTHER_KEY]))
    assert set(file.read()) == {first, KEY, OTHER_KEY}
    assert file.read()[-1] == first


def test_no_key_is_made_beside_postgresql(tmp_path: Path) -> None:
    """Other machines would not have it, and a container may lose it."""
    url = "postgresql+psycopg://deja@db/deja"
    ring = open_keyring(settings(tmp_path, DEJA_DATABASE_URL=url))
    with pytest.raises(SettingsError, match=r"set DEJA_SECRET_KEY to what .*new-key"):
        ring.seal("a")
    (tmp_path / "secret.key").write_text(KEY)
    assert key_of(ring.seal("a")) == key_id(KEY)


def test_a_damaged_key_file_is_one_line(tmp_path: Path) -> None:
    """It names the line, and shows nothing of it."""
    other = tmp_path / "keys"
    source = key_source(settings(tmp_path, DEJA_SECRET_KEY_FILE=str(other)))
    assert not source.read()
    other.write_text(f"# mine\n\n{KEY}\n{OTHER_KEY[:-3]}\n")
    with pytest.raises(SettingsError, match=f"Line 4 of {other} is no key") as raised:
        source.read()
    assert OTHER_KEY[:8] not in str(raised.value)
    other.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="it is no text"):
        source.read()
    other.unlink()
    other.mkdir()
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        source.read()


def test_a_key_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Its folder is a file here."""
    (tmp_path / "file").write_text("")
    made = KeyFile(tmp_path / "file" / "secret.key", is_made=True)
    with pytest.raises(SettingsError, match=r"cannot be (written|read)"):
        made.make_first()


def test_a_key_of_a_file_is_read_while_the_bot_runs(tmp_path: Path) -> None:
    """After a rotation elsewhere no restart is needed."""
    ring = open_keyring(settings(tmp_path))
    old = ring.seal("a")
    source = key_source(settings(tmp_path))
    assert isinstance(source, KeyFile)
    source.add(KEY)
    assert key_of(ring.seal("b")) == key_id(KEY)
    assert ring.open(old) == "a"
    assert all(map(is_key, source.read()))
