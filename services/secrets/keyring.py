"""The keys of an installation, and encrypting with them (`MultiFernet` of cryptography)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from models.types import Sealed
from services.errors import SettingsError

if TYPE_CHECKING:  # imported with the first secret: most commands see none
    from cryptography.fernet import Fernet

KEY_BYTES = 32

# How a stored secret begins. What does not is plain text of an older version.
_FORM = "deja1"
_STORED = re.compile(rf"{_FORM}:(?P<key_id>[0-9a-f]{{8}}):(?P<token>[A-Za-z0-9_=-]+)")
_KEY_ID_LENGTH = 8


class MissingKeyError(SettingsError):
    """A secret in the database was encrypted with a key that is not here."""


class KeySource(Protocol):
    """Where the keys come from."""

    @property
    def place(self) -> str:
        """Where they are, for messages: "in DEJA_SECRET_KEY"."""

    def read(self) -> Sequence[str]:
        """Return the keys, the newest first. Raises `SettingsError` for what is no key."""

    def make_first(self) -> Sequence[str]:
        """Return the keys, after the first was made if there was none.

        Raises `SettingsError` where that must be done by hand.
        """


@dataclass(frozen=True)
class Keyring:
    """Encrypts with the newest key, and decrypts with whichever key was used.

    The keys are read again each time, so that a running bot knows of a rotation.
    """

    source: KeySource

    def ids(self) -> list[str]:
        """Return the public names of the keys, the newest first."""
        return [key_id(key) for key in self.source.read()]

    def newest(self) -> str:
        """Return the newest key. Raises `SettingsError` if there is none and none can be made."""
        return (self.source.read() or self.source.make_first())[0]

    def seal(self, secret: str) -> Sealed:
        """Encrypt a secret. Raises `SettingsError` if there is no key and none can be made."""
        key = self.newest()
        token = _fernet(key).encrypt(secret.encode()).decode()
        return Sealed(f"{_FORM}:{key_id(key)}:{token}")

    def open(self, sealed: Sealed) -> str:
        """Return a stored secret.

        Raises `MissingKeyError`, and `SettingsError` if it is damaged.
        """
        used = key_of(sealed)
        if used is None:
            return sealed.text
        keys = self.source.read()
        if used not in map(key_id, keys):
            raise MissingKeyError(missing_key_text({used: 1}, self.source.place))
        from cryptography.fernet import InvalidToken, MultiFernet

        token = sealed.text.rpartition(":")[2]
        try:
            return MultiFernet([_fernet(key) for key in keys]).decrypt(token).decode()
        except InvalidToken:
            raise SettingsError(
                f"A secret in the database, encrypted with the key {used}, is damaged:"
                " `deja secrets status` says which one."
            ) from None


def missing_key_text(missing: dict[str, int], place: str) -> str:
    """Return what is wrong where secrets were encrypted with keys that are not here.

    `missing` has the number of secrets by key.
    """
    count = sum(missing.values())
    secrets_ = "A secret in the database was" if count == 1 else f"{count} secrets were"
    keys = "the key " + key_names(missing)
    return (
        f"{secrets_} encrypted with {keys}, which is not {place}: put it there, after the newest"
        " one. If it is lost, see `deja secrets forget`."
    )


def key_names(keys: Iterable[str]) -> str:
    """Return the names of keys in words."""
    return " and ".join(sorted(keys))


def key_of(sealed: Sealed) -> str | None:
    """Return the name of the key that a secret is encrypted with; None: it is plain text."""
    found = _STORED.fullmatch(sealed.text)
    return found["key_id"] if found else None


def key_id(key: str) -> str:
    """Return the public name of a key, which does not give it away."""
    return hashlib.sha256(b"deja key id\0" + key.encode()).hexdigest()[:_KEY_ID_LENGTH]


def new_key() -> str:
    """Return a new random key."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def is_key(text: str) -> bool:
    """Say whether a text has the form of a key: 32 bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


@lru_cache(maxsize=64)
def _fernet(key: str) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(key)
