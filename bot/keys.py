"""Where the keys of stored secrets are: in the settings, or in a file of their own."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from models.types import SQLITE
from services.errors import SettingsError
from services.secrets.keyring import Keyring, is_key, new_key

if TYPE_CHECKING:
    from pydantic import SecretStr

    from bot.settings import Settings

_HEAD = """\
# Keys of the tokens in Déjà's database, the newest first. Keep a copy away from the backups of the
# database. Old keys are needed to restore old backups.
"""


@dataclass(frozen=True)
class SettingsKeys:
    """The keys of DEJA_SECRET_KEY."""

    keys: tuple[SecretStr, ...]

    @property
    def place(self) -> str:
        """Where they are."""
        return "in DEJA_SECRET_KEY"

    def read(self) -> Sequence[str]:
        """Return the keys."""
        return [key.get_secret_value() for key in self.keys]

    def make_first(self) -> Sequence[str]:
        """Return the keys: there is at least one."""
        return self.read()


@dataclass(frozen=True)
class KeyFile:
    """The keys of a file, one a line; `is_made` says that the first one is made by itself."""

    path: Path
    is_made: bool

    @property
    def place(self) -> str:
        """Where they are."""
        return f"in {self.path}"

    def read(self) -> Sequence[str]:
        """Return the keys, none if there is no file. Raises `SettingsError` for what is no key."""
        try:
            lines = self.path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SettingsError(f"The key file {self.path} cannot be read: {reason}.") from None
        keys = []
        for number, line in enumerate(map(str.strip, lines), 1):
            if line and not line.startswith("#"):
                if not is_key(line):
                    raise SettingsError(
                        f"Line {number} of {self.path} is no key: restore the file from its copy."
                    )
                keys.append(line)
        return keys

    def make_first(self) -> Sequence[str]:
        """Return the keys, after the first was made if the file is missing."""
        if not self.is_made:
            raise SettingsError(
                "There is no key to encrypt tokens with: set DEJA_SECRET_KEY to what"
                " `deja secrets new-key` prints, the same for all processes."
            )
        with self._locked():
            if not (keys := self.read()):
                keys = [new_key()]
                self._write(keys)
        return keys

    def add(self, key: str) -> None:
        """Put a new key before the others."""
        with self._locked():
            self._write([key, *self.read()])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the file. Raises `SettingsError` if that fails."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_CREAT, 0o600)
        except OSError as error:
            raise self._not_written(error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, keys: Sequence[str]) -> None:
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            with suppress(FileNotFoundError):
                part.unlink()  # of a run that was killed
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(_HEAD + "".join(f"{key}\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            raise self._not_written(error) from None

    def _not_written(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"The key file {self.path} cannot be written ({error.strerror}): set DEJA_SECRET_KEY to"
            " what `deja secrets new-key` prints, or DEJA_SECRET_KEY_FILE to another file."
        )


def open_keyring(settings: Settings) -> Keyring:
    """Return the keys of the settings, which are read when they are used."""
    return Keyring(key_source(settings))


def key_source(settings: Settings) -> SettingsKeys | KeyFile:
    """Return where the keys are.

    A file is made by itself only beside SQLite's. Several machines share a PostgreSQL database, and
    a container may lose its folder with each restart: a key that only one of them has would cost
    the tokens.
    """
    if settings.secret_keys:
        return SettingsKeys(settings.secret_keys)
    return KeyFile(settings.key_file, _is_sqlite(settings))


def _is_sqlite(settings: Settings) -> bool:
    try:
        url = make_url(settings.database_url.get_secret_value())
    except (ArgumentError, ValueError):  # not an address: whoever connects says so
        return False
    return url.get_backend_name() == SQLITE
