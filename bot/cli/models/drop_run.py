"""What `deja model drop` does."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cli.models.use_run import BY
from bot.cli.terminal import count, load_settings, notes, open_index
from bot.clock import utc_now
from bot.index_wiring import IndexedDatabase, index_for
from models import Embedding
from services.errors import InputError
from services.memory import embedding_models
from services.search.embedders.tuned_models import delete_tuned, find_tuned


def drop_model(name: str, yes: bool) -> None:
    """Delete the vectors of a model, and its weights if it was tuned."""
    settings = load_settings()
    with open_index(settings) as found:
        with found.database.read() as session:
            if _is_only_tuned(session, settings.model_dir, name):
                if not yes:
                    click.confirm(f"Delete {name}? It has no vectors", abort=True, err=True)
                _delete_weights(settings.model_dir, name)
                return
            row = embedding_models.find_model(session, name)
            number = session.scalar(
                select(func.count(Embedding.id)).where(Embedding.fingerprint == row.fingerprint)
            )
        if row.state == "active":
            raise InputError(
                f"{row.name} is in use: bring another model into use first, with `deja model use`."
            )
        if not yes:
            verb = "Give up making and delete" if row.state == "preparing" else "Delete"
            vectors = count(number or 0, "vector")
            click.confirm(f"{verb} {vectors} of {row.name}?", abort=True, err=True)
        if row.state == "preparing":
            _give_up(found, row.fingerprint)
        deleted = embedding_models.drop_vectors(found.database, row.fingerprint)
        index_for(settings, found.database, row.fingerprint, row.dim).delete()
    notes.print(f"Deleted: {count(deleted, 'vector')} of {row.name}.")
    _delete_weights(settings.model_dir, row.name)


def _is_only_tuned(session: Session, folder: Path, name: str) -> bool:
    """Say whether a model has learned from the team, and has no vectors."""
    if find_tuned(folder, name) is None:
        return False
    return name not in {row.name for row in embedding_models.stored_models(session)}


def _delete_weights(folder: Path, name: str) -> None:
    """Delete the weights of a model that has learned from the team; others stay."""
    tuned = find_tuned(folder, name)
    if tuned is not None:
        delete_tuned(folder, tuned)
        notes.print(f"Deleted: the weights of {name}.", markup=False)


def _give_up(found: IndexedDatabase, fingerprint: str) -> None:
    with found.database.write() as session:
        row = embedding_models.model_in_preparation(session)
        if row is not None and row.fingerprint == fingerprint:
            embedding_models.give_up_preparation(session, row, by=BY, now=utc_now())
