"""The secrets that are stored: found in every column, encrypted, moved to the newest key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Table, inspect, select, update
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy.orm import Session

from models import Base, Database, slack_bots
from models.types import Sealed, SealedText
from services.errors import SettingsError
from services.secrets.keyring import Keyring, key_of, missing_key_text

# Secrets that one transaction of a rotation encrypts again.
AT_ONCE = 200

# Takes the numbers of secrets that are done and of all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class StoredSecret:
    """A secret, and the column and the row that it is in."""

    column: Column[Any]
    row_id: int
    sealed: Sealed = field(repr=False)

    @property
    def name(self) -> str:
        """Where it is, for messages."""
        return f"{self.column.table.name}.{self.column.name} of row {self.row_id}"


@dataclass(frozen=True)
class SecretsState:
    """How the stored secrets are: their number by key, and what is wrong with some.

    `keys` are the known ones, the newest first; `missing` has the keys that are not; `plain` are
    not encrypted; `damaged` says where those are that their key does not open.
    """

    total: int
    keys: Sequence[str]
    by_key: dict[str, int]
    missing: dict[str, int]
    plain: int
    damaged: Sequence[str]

    @property
    def old(self) -> int:
        """The number of those that a rotation encrypts again."""
        newest = self.keys[0] if self.keys else ""
        return self.total - self.by_key.get(newest, 0)


def list_secrets(connection: DatabaseConnection) -> list[StoredSecret]:
    """Return all stored secrets. Tables of an older version may lack some columns."""
    return [
        StoredSecret(column, row_id, sealed)
        for column in _columns(connection)
        for row_id, sealed in connection.execute(
            select(_key(column.table), column)
            .where(column.is_not(None))
            .order_by(_key(column.table))
        )
    ]


def secrets_state(database: Database, keyring: Keyring) -> SecretsState:
    """Return how the stored secrets are; each is decrypted once. Raises `SettingsError`."""
    with database.engine.connect() as connection:
        found = list_secrets(connection)
    keys = keyring.ids()
    used = Counter(key_of(one.sealed) for one in found)
    plain = used.pop(None, 0)
    by_key = {str(key): count for key, count in used.items()}
    missing = {key: count for key, count in by_key.items() if key not in keys}
    known = [one for one in found if key_of(one.sealed) in keys]
    damaged = [one.name for one in known if not _opens(keyring, one.sealed)]
    return SecretsState(len(found), keys, by_key, missing, plain, damaged)


def missing_keys(connection: DatabaseConnection, keyring: Keyring) -> dict[str, int]:
    """Return the keys that stored secrets need and that are not here, with their numbers."""
    return _missing(list_secrets(connection), keyring)


def ensure_keys(connection: DatabaseConnection, keyring: Keyring) -> None:
    """Raise `SettingsError` if a stored secret was encrypted with a key that is not here."""
    _ensure_keys_of(list_secrets(connection), keyring)


def seal_new(session: Session, keyring: Keyring, secret: str) -> Sealed:
    """Encrypt a secret that is to be stored. Raises `SettingsError` as `ensure_keys` does.

    So a wrong key is not made the key of a part of the secrets, and no new one is made where there
    has been one.
    """
    ensure_keys(session.connection(), keyring)
    return keyring.seal(secret)


def seal_plain(database: Database, keyring: Keyring) -> int:
    """Encrypt what older versions stored as plain text; return how many secrets that were.

    Raises `SettingsError` if keys are missing.
    """
    with database.write() as session:
        connection = session.connection()
        found = list_secrets(connection)
        _ensure_keys_of(found, keyring)
        plain = [one for one in found if key_of(one.sealed) is None]
        for one in plain:
            _save(connection, one, keyring.seal(one.sealed.text))
    return len(plain)


def _missing(secrets: Sequence[StoredSecret], keyring: Keyring) -> dict[str, int]:
    known = keyring.ids()
    used = Counter(key_of(one.sealed) for one in secrets)
    return {key: count for key, count in used.items() if key is not None and key not in known}


def _ensure_keys_of(secrets: Sequence[StoredSecret], keyring: Keyring) -> None:
    missing = _missing(secrets, keyring)
    if missing:
        raise SettingsError(missing_key_text(missing, keyring.source.place))


def reseal(database: Database, keyring: Keyring, progress: Progress) -> int:
    """Encrypt everything with the newest key; return how many secrets were not before.

    If it is interrupted, the next run goes on. Raises `SettingsError` before the first change if a
    secret cannot be decrypted.
    """
    with database.engine.connect() as connection:
        found = list_secrets(connection)
    _ensure_keys_of(found, keyring)
    for one in found:
        keyring.open(one.sealed)
    done = 0
    while True:
        with database.write() as session:
            connection = session.connection()
            left = list(_under_old_keys(connection, keyring))
            for one in left[:AT_ONCE]:
                _save(connection, one, keyring.seal(keyring.open(one.sealed)))
        done += len(left[:AT_ONCE])
        progress(done, done + len(left[AT_ONCE:]))
        if len(left) <= AT_ONCE:
            return done


def forget_lost(database: Database, keyring: Keyring) -> dict[str, int]:
    """Delete the secrets whose key is lost; return their number by table.

    A workspace whose bot token goes has no app any more until it is installed again.
    """
    known = keyring.ids()
    gone: set[tuple[str, int]] = set()
    with database.write() as session:
        connection = session.connection()
        for one in list_secrets(connection):
            if key_of(one.sealed) in (None, *known):
                continue
            table, column = one.column.table, one.column.name
            of_row = _key(table) == one.row_id
            if table is slack_bots:
                connection.execute(table.delete().where(of_row))
            else:
                connection.execute(update(table).where(of_row).values({column: None}))
            gone.add((table.name, one.row_id))
    return dict(Counter(name for name, _ in gone))


def _under_old_keys(connection: DatabaseConnection, keyring: Keyring) -> Iterator[StoredSecret]:
    newest = keyring.ids()[:1]
    return (one for one in list_secrets(connection) if [key_of(one.sealed)] != newest)


def _save(connection: DatabaseConnection, secret: StoredSecret, sealed: Sealed) -> None:
    """Replace a secret, unless somebody else has changed it meanwhile."""
    table, column = secret.column.table, secret.column
    of_row = (_key(table) == secret.row_id) & (column == secret.sealed)
    connection.execute(update(table).where(of_row).values({column.name: sealed}))


def _opens(keyring: Keyring, sealed: Sealed) -> bool:
    with suppress(SettingsError):
        keyring.open(sealed)
        return True
    return False


def _columns(connection: DatabaseConnection) -> list[Column[Any]]:
    """Return the columns of secrets that the database has."""
    inspector = inspect(connection)
    found = []
    for table in Base.metadata.sorted_tables:
        ours = [column for column in table.columns if isinstance(column.type, SealedText)]
        if ours and inspector.has_table(table.name):
            there = {column["name"] for column in inspector.get_columns(table.name)}
            found += [column for column in ours if column.name in there]
    return found


def _key(table: Table) -> Column[Any]:
    [key] = table.primary_key
    return key
