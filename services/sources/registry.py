"""The programs whose tickets come in, and the secrets of those that send them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Channel, Connection, Item, Source, Workspace
from models.queries import LIVE, SLACK_SOURCE
from services.channels.settings import find_channel, shown_name
from services.errors import InputError, NotFoundError
from services.secrets.keyring import Keyring
from services.secrets.stored import seal_new
from services.sources.signature import new_secret

# The kind of source that sends its tickets.
WEBHOOK = "webhook"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)

# How long messages signed with a replaced secret are taken: time to change it everywhere.
OLD_SECRET = timedelta(hours=24)


@dataclass(frozen=True)
class SourceState:
    """A source as people see it. It never holds a secret.

    `last_seen_at` is when its last message came, or when it was last read; then all its changes
    before `read_until` are here, and `error` says what is wrong since.
    """

    name: str
    kind: str
    team_id: str | None
    channel: str | None
    tickets: int
    created_at: datetime
    last_seen_at: datetime | None
    old_until: datetime | None
    read_until: datetime | None = None
    error: str | None = None
    failures: int = 0
    has_own_token: bool = False


def add_webhook(
    session: Session,
    workspace: Workspace,
    name: str,
    *,
    channel: str | None,
    now: datetime,
    keyring: Keyring,
) -> str:
    """Add a program that signs what it sends; return its new secret.

    Raises as `new_source` does, `InputError` for a name that is no part of an address, and
    `SettingsError` if the secret cannot be encrypted.
    """
    if not is_name(name):
        raise InputError(
            f"{name} cannot be the name of a source: it has up to 64 small letters, digits, dots,"
            f" hyphens and underscores, and is not {SLACK_SOURCE}."
        )
    source = new_source(session, workspace, name, channel=channel, now=now)
    secret = new_secret()
    source.secret = seal_new(session, keyring, secret)
    session.flush()
    return secret


def new_source(
    session: Session,
    workspace: Workspace,
    name: str,
    *,
    channel: str | None,
    now: datetime,
    kind: str = WEBHOOK,
) -> Source:
    """Add a source. Its kind is one of those that `Source` lists.

    With a channel, which must be known, only its readers see the tickets; without one all full
    members do. Raises `InputError` if the name is taken, and `NotFoundError`.
    """
    if session.scalar(select(Source.id).where(Source.name == name)) is not None:
        raise InputError(f"There is a source {name} already.")
    channel_id = None if channel is None else find_channel(session, workspace.id, channel).id
    source = Source(
        workspace_id=workspace.id,
        name=name,
        kind=kind,
        channel_id=channel_id,
        created_at=now,
    )
    session.add(source)
    session.flush()
    return source


def is_name(name: str) -> bool:
    """Say whether a source may be called that."""
    return _NAME.fullmatch(name) is not None and name != SLACK_SOURCE


def find_source(session: Session, name: str) -> Source:
    """Return a source. Raises `NotFoundError`."""
    source = session.scalar(select(Source).where(Source.name == name))
    if source is None:
        raise NotFoundError(f"There is no source {name}. See `deja sources list`.")
    return source


def rotate_secret(
    session: Session,
    source: Source,
    now: datetime,
    keyring: Keyring,
    *,
    grace: timedelta = OLD_SECRET,
) -> str:
    """Give a source a new secret and return it; the present one is good until `grace` is over.

    Raises `InputError` for one that does not sign, and `SettingsError` if nothing can be encrypted.
    """
    if source.kind != WEBHOOK:
        raise InputError(f"{source.name} has no secret here: its tickets are fetched.")
    source.old_secret, source.old_until = source.secret, now + grace
    secret = new_secret()
    source.secret = seal_new(session, keyring, secret)
    return secret


def signing_keys(source: Source, now: datetime, keyring: Keyring) -> list[str]:
    """Return the secrets with which a message may be signed now; none if none is taken.

    Raises `SettingsError` if they cannot be decrypted.
    """
    if source.secret is None:
        return []
    found = [source.secret]
    if source.old_secret is not None and source.old_until is not None and source.old_until > now:
        found.append(source.old_secret)
    return [keyring.open(one) for one in found]


def list_sources(session: Session) -> list[SourceState]:
    """Return all sources by name."""
    tickets = (
        select(func.count(Item.id))
        .where(Item.workspace_id == Source.workspace_id, Item.source == Source.name, LIVE)
        .correlate(Source)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Source, Workspace.team_id, Channel, tickets, Connection)
        .join(Workspace, Workspace.id == Source.workspace_id)
        .outerjoin(Connection, Connection.source_id == Source.id)
        .outerjoin(Channel, Channel.id == Source.channel_id)
        .order_by(Source.name)
    )
    return [
        SourceState(
            source.name,
            source.kind,
            team_id,
            None if channel is None else shown_name(channel),
            count,
            source.created_at,
            source.last_seen_at if connection is None else connection.succeeded_at,
            source.old_until,
            connection and connection.read_until,
            connection and connection.error,
            connection.failures if connection is not None else 0,
            connection is not None and connection.credentials is not None,
        )
        for source, team_id, channel, count, connection in rows
    ]
