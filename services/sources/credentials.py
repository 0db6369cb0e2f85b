"""What one source signs in with, stored encrypted."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from models import Change, Connection, Source
from models.types import Sealed
from services.errors import InputError, SettingsError
from services.secrets.keyring import Keyring
from services.secrets.stored import seal_new

MAX_TOKEN_LENGTH = 4_096

# The kinds that sign in with a name, too, and what it is.
ACCOUNTS = {"jira": "the e-mail address of the token's account", "zendesk": "the client's id"}

_TOKEN = re.compile(rf"[\x21-\x7e]{{1,{MAX_TOKEN_LENGTH}}}")

_STORED, _OF_SETTINGS = "a token of its own", "the token of the settings"


@dataclass(frozen=True)
class Credentials:
    """A token, or a client's secret; `account` is who signs in with it, where that is needed."""

    secret: str = field(repr=False)
    account: str | None = None


def check_credentials(kind: str, secret: str, account: str | None) -> Credentials:
    """Return credentials for a kind of source.

    Raises `InputError` for a text that no header can hold, and where the account is missing or not
    needed. It never shows the token.
    """
    if not secret:
        raise InputError("No token was given: nothing is stored.")
    if not _TOKEN.fullmatch(secret):
        raise InputError("This is no token: it is too long, or has spaces or letters beyond ASCII.")
    needed = ACCOUNTS.get(kind)
    if needed is not None and not account:
        raise InputError(f"Say --account: {needed}.")
    if needed is None and account:
        raise InputError(f"A token of {kind} has no --account.")
    return Credentials(secret, account)


def store_credentials(
    session: Session,
    source: Source,
    credentials: Credentials | None,
    keyring: Keyring,
    *,
    by: str,
    now: datetime,
) -> None:
    """Store the credentials of a source, or with None forget them, on record.

    Raises `InputError` for a source that is not fetched, and `SettingsError` if nothing can be
    encrypted.
    """
    connection = session.get(Connection, source.id)
    if connection is None:
        raise InputError(f"{source.name} needs no token: it sends its tickets.")
    before = _OF_SETTINGS if connection.credentials is None else _STORED
    connection.credentials = None
    if credentials is not None:
        connection.credentials = seal_new(session, keyring, json.dumps(asdict(credentials)))
    session.add(
        Change(
            workspace_id=source.workspace_id,
            setting="source token",
            before=f"{source.name}: {before}",
            after=_OF_SETTINGS if credentials is None else _STORED,
            changed_by=by,
            changed_at=now,
        )
    )


def open_credentials(sealed: Sealed | None, keyring: Keyring) -> Credentials | None:
    """Return stored credentials; None: those of the settings. Raises `SettingsError`."""
    if sealed is None:
        return None
    try:
        return Credentials(**json.loads(keyring.open(sealed)))
    except (ValueError, TypeError):
        raise SettingsError(
            "The stored token of a source cannot be read: store it again by `deja sources token`."
        ) from None
