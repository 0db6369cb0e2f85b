"""Which embedding model is in use, which one is being prepared, and which are kept.

The database decides, so that all processes on it agree. `DEJA_MODEL` is the wish of one process: it
names the model of a new database, and nothing more. Whoever stores vectors holds a shared lock on
the row of the model in use, so that a switch waits for them and they notice it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    Change,
    Database,
    Embedding,
    EmbeddingModel,
    ModelDirections,
    Neighbourhood,
    Profile,
    Workspace,
)
from services.errors import InputError, NotFoundError, RetryLaterError

# How long a process may be silent before another one goes on with its preparation.
LEASE = timedelta(seconds=60)

# The name of a switch in the record of changes.
SETTING = "embedding model"

# The wait of a job that met a switch.
RETRY_SECONDS = 0.1

# Rows that are deleted in one transaction, so that nobody waits for long.
DROP_ROWS = 5_000

_models = EmbeddingModel.__table__
_IN_USE = select(_models.c.fingerprint).where(_models.c.state == "active")
_IN_USE_LOCKED = _IN_USE.with_for_update(read=True)


@dataclass(frozen=True)
class ModelIdentity:
    """A model as `DEJA_MODEL` names it, the checksum of its weights, and what its vectors are.

    `sha256` is None where the weights have no checksum of their own. `directions` are those of a
    model with fewer dimensions, if they were fitted.
    """

    name: str
    sha256: str | None
    fingerprint: str
    dim: int
    directions: bytes | None = None


def identity_of(session: Session, row: EmbeddingModel) -> ModelIdentity:
    """Return a stored model as others name it."""
    directions = session.scalar(
        select(ModelDirections.directions).where(ModelDirections.fingerprint == row.fingerprint)
    )
    return ModelIdentity(row.name, row.sha256, row.fingerprint, row.dim, directions)


def fingerprint_in_use(session: Session) -> str | None:
    """Return the fingerprint of the model in use, None before there are vectors."""
    found: str | None = session.connection().scalar(_IN_USE)
    return found


def model_in_use(session: Session) -> EmbeddingModel | None:
    """Return the model in use, None before there are vectors."""
    return session.scalar(select(EmbeddingModel).where(EmbeddingModel.state == "active"))


def model_in_preparation(session: Session) -> EmbeddingModel | None:
    """Return the model whose vectors are being made, if there is one."""
    return session.scalar(select(EmbeddingModel).where(EmbeddingModel.state == "preparing"))


def stored_models(session: Session) -> Sequence[EmbeddingModel]:
    """Return all models that have or had vectors here, the one in use first."""
    order = (EmbeddingModel.state.is_(None), EmbeddingModel.state, EmbeddingModel.id)
    return session.scalars(select(EmbeddingModel).order_by(*order)).all()


def find_model(session: Session, name: str) -> EmbeddingModel:
    """Return the stored model of this name, or whose fingerprint begins so.

    Raises `NotFoundError` where there is none, `InputError` where there are several.
    """
    names = {name, str(Path(name).expanduser().absolute())}
    found = [one for one in stored_models(session) if names & {one.name, one.fingerprint}]
    if not found and "/" not in name:  # another folder of that name is another model
        found = [one for one in stored_models(session) if one.fingerprint.startswith(f"{name}@")]
    if not found:
        raise NotFoundError(f"There is no model {name} here: `deja model list` shows all.")
    if len(found) > 1:
        several = ", ".join(one.fingerprint for one in found)
        raise InputError(f"There are several models {name}: name one of {several}.")
    return found[0]


def ensure_in_use(session: Session, fingerprint: str) -> bool:
    """Let nobody switch to another model before the caller commits; return whether one is in use.

    Raises `RetryLaterError` if another model than this one is in use.
    """
    # A row that a switch changed while we waited for it is left out: then ask again.
    locked: str | None = session.connection().scalar(_IN_USE_LOCKED)
    found = locked or fingerprint_in_use(session)
    if found is not None and found != fingerprint:
        raise RetryLaterError("another model came into use meanwhile", RETRY_SECONDS)
    return found is not None


def adopt(session: Session, identity: ModelIdentity, *, by: str, now: datetime) -> None:
    """Bring a model into use where none is. Raises `RetryLaterError` if another process does so."""
    try:
        with session.begin_nested():
            session.add(_new_row(identity, "active", by, now))
    except IntegrityError as error:
        raise RetryLaterError("another process chose the model meanwhile", RETRY_SECONDS) from error


def _new_row(identity: ModelIdentity, state: str, by: str, now: datetime) -> EmbeddingModel:
    return EmbeddingModel(
        name=identity.name,
        sha256=identity.sha256,
        fingerprint=identity.fingerprint,
        dim=identity.dim,
        state=state,
        changed_by=by,
        changed_at=now,
    )


def begin_preparation(
    session: Session, identity: ModelIdentity, *, switches: bool, by: str, now: datetime
) -> EmbeddingModel:
    """Let the vectors of a model be made; with `switches` it comes into use once they are complete.

    A preparation of the same model goes on where it was. Raises `InputError` if that of another
    model is under way.
    """
    other = model_in_preparation(session)
    if other is not None and other.fingerprint != identity.fingerprint:
        raise InputError(
            f"The vectors of {other.name} are being made since {other.changed_at:%Y-%m-%d %H:%M} "
            "(UTC). Wait for that (`deja model status`), or give it up: "
            f"`deja model drop {quote(other.name)}`."
        )
    row = session.scalar(
        select(EmbeddingModel).where(EmbeddingModel.fingerprint == identity.fingerprint)
    )
    if row is None:
        row = _new_row(identity, "preparing", by, now)
        session.add(row)
    if identity.directions is not None:
        directions = {"fingerprint": identity.fingerprint, "directions": identity.directions}
        session.merge(ModelDirections(**directions))
    if row.state != "preparing" or other is None:
        row.owner, row.leased_until = None, None
        row.changed_by, row.changed_at = by, now
    row.name, row.state, row.switches = identity.name, "preparing", switches
    try:
        session.flush()
    except IntegrityError as error:
        raise InputError(
            "Somebody else began to change the model a moment ago: see `deja model status`."
        ) from error
    return row


def take_lease(session: Session, fingerprint: str, owner: str, now: datetime) -> bool:
    """Take or renew the lease on a preparation; return False if another process has it.

    False as well if it is no longer under way.
    """
    taken = session.execute(
        update(EmbeddingModel)
        .where(
            EmbeddingModel.fingerprint == fingerprint,
            EmbeddingModel.state == "preparing",
            (EmbeddingModel.owner == owner)
            | EmbeddingModel.owner.is_(None)
            | (EmbeddingModel.leased_until < now),
        )
        .values(owner=owner, leased_until=now + LEASE)
        .returning(EmbeddingModel.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def free_lease(session: Session, fingerprint: str, owner: str) -> None:
    """Let another process go on with a preparation at once."""
    session.execute(
        update(EmbeddingModel)
        .where(EmbeddingModel.fingerprint == fingerprint, EmbeddingModel.owner == owner)
        .values(owner=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )


def lock_for_switch(session: Session, expected: str) -> EmbeddingModel:
    """Return the model in use, locked: nobody stores vectors until the caller commits.

    Raises `InputError` if it is not the `expected` one any more.
    """
    current = session.scalar(
        select(EmbeddingModel).where(EmbeddingModel.state == "active").with_for_update()
    ) or model_in_use(session)
    if current is None or current.fingerprint != expected:
        name = "no model" if current is None else current.name
        raise InputError(
            f"Somebody else has changed the model meanwhile: {name} is in use now. Nothing was "
            "changed; run it again to compare with that."
        )
    return current


def switch(session: Session, fingerprint: str, *, by: str, now: datetime) -> None:
    """Bring a model into use in place of the one that `lock_for_switch` has locked, on record."""
    before = session.scalars(select(EmbeddingModel).where(EmbeddingModel.state == "active")).one()
    before.state, before.changed_by, before.changed_at = None, by, now
    session.flush()  # at most one is active at any time
    row = session.scalars(
        select(EmbeddingModel).where(EmbeddingModel.fingerprint == fingerprint).with_for_update()
    ).one()
    row.state, row.switches, row.owner, row.leased_until = "active", False, None, None
    row.changed_by, row.changed_at = by, now
    session.add_all(
        Change(
            workspace_id=workspace_id, setting=SETTING, before=before.name, after=row.name,
            changed_by=by, changed_at=now,
        )
        for workspace_id in session.scalars(select(Workspace.id))
    )  # fmt: skip
    session.flush()


def give_up_preparation(session: Session, row: EmbeddingModel, *, by: str, now: datetime) -> None:
    """Keep what a preparation has made so far, and make no more."""
    row.state, row.switches, row.owner, row.leased_until = None, False, None, None
    row.changed_by, row.changed_at = by, now
    session.flush()


def drop_vectors(database: Database, fingerprint: str) -> int:
    """Delete everything that a kept model has made, then the model; return the number of vectors.

    It can be interrupted at any time and run again. Raises `InputError` if it came into use.
    """
    deleted = 0
    while True:
        with database.write() as session:
            row = session.scalar(
                select(EmbeddingModel)
                .where(EmbeddingModel.fingerprint == fingerprint)
                .with_for_update()
            )
            if row is not None and row.state is not None:
                raise InputError(f"{row.name} came into use meanwhile: nothing more is deleted.")
            ids = session.scalars(
                select(Embedding.id).where(Embedding.fingerprint == fingerprint).limit(DROP_ROWS)
            ).all()
            session.execute(delete(Embedding).where(Embedding.id.in_(ids)))
            if not ids:
                for table in (Neighbourhood, Profile, ModelDirections):
                    session.execute(delete(table).where(table.fingerprint == fingerprint))
                if row is not None:
                    session.delete(row)
                return deleted
        deleted += len(ids)
