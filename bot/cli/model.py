"""`deja model`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cli.group import CommandGroup
from bot.cli.model_dimensions import print_dimensions
from bot.cli.model_get import get
from bot.cli.model_lines import ModelLine, model_lines, tuned_json, tuned_text
from bot.cli.model_list import list_
from bot.cli.model_optimise import optimise
from bot.cli.model_speed import speed
from bot.cli.model_use import BY, use
from bot.cli.terminal import count, load_settings, notes, open_index, print_json, print_table
from bot.clock import utc_now
from bot.index_wiring import IndexedDatabase, index_for
from bot.model_numerics import numerics_text
from models import Embedding
from services.errors import InputError
from services.evaluation.dimension_figures import measure_dimensions
from services.memory import embedding_models
from services.memory.vector_coverage import vector_coverage
from services.search.contract import FollowingIndex
from services.search.pgvector import drop_unused_indexes
from services.search.reduced import split_name
from services.search.tuned_models import delete_tuned, find_tuned


@click.group(cls=CommandGroup)
def model() -> None:
    """Show, change and drop embedding models.

    The database decides which model is in use; DEJA_MODEL names that of a new one.
    """


model.add_command(speed)
model.add_command(use)
model.add_command(get)
model.add_command(optimise)
model.add_command(list_)


@model.command()
@click.option("--dimensions", is_flag=True, help="Measure what fewer dimensions save and lose.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def status(dimensions: bool, as_json: bool) -> None:
    """Show the model in use, what lacks vectors, and how far another model's vectors are.

    \b
    Examples:
      deja model status
      deja model status --dimensions
    """
    settings = load_settings()
    with open_index(settings) as found, found.database.read() as session:
        lines = model_lines(session)
        in_use = vector_coverage(session, found.embedder.fingerprint)
        figures = measure_dimensions(session, found.embedder.fingerprint) if dimensions else []
    tuned = find_tuned(settings.model_dir, split_name(_name(found))[0])
    making = next((line for line in lines if line.row.state == "preparing"), None)
    if as_json:
        print_json(
            {
                "model": _name(found),
                "fingerprint": found.embedder.fingerprint,
                "computes in": numerics_text(found.embedder, settings),
                "tuned": None if tuned is None else tuned_json(tuned),
                "items": in_use.items,
                "without vectors": in_use.missing,
                "setting differs": found.choice is not None and found.choice.differs,
                "being made": None if making is None else making.as_json(),
                **({"dimensions": [asdict(one) for one in figures]} if dimensions else {}),
            }
        )
        return
    rows = [
        ["in use", f"{_name(found)} ({found.embedder.fingerprint})"],
        ["computes in", numerics_text(found.embedder, settings)],
        ["have vectors", f"{in_use.items - in_use.missing:,} of {in_use.items:,}"],
        ["being made", "nothing" if making is None else _progress(making)],
    ]
    if tuned is not None:
        rows.append(["learned from the team", tuned_text(tuned)])
    if found.choice is not None and found.choice.differs:
        rows.append(["DEJA_MODEL", "names another model; `deja model use` brings it into use"])
    print_table("Model", ["what", "value"], rows)
    if figures:
        print_dimensions(figures)


def _progress(making: ModelLine) -> str:
    name, share = making.row.name, making.share
    if not making.coverage.missing:
        if making.row.switches:
            return f"{name}: all {share}; it comes into use within a minute"
        return f"{name}: all {share}; `deja model use {name}` compares it and switches"
    if making.row.owner is None:
        return (
            f"{name}: {share}; waits for a running `deja serve` or `deja worker`, or for "
            f"`deja model use {name} --now`"
        )
    return f"{name}: {share}, by {making.row.owner.rpartition(':')[0]}"


@model.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(name: str, yes: bool) -> None:
    """Delete the vectors of a model that is not in use. To go back to it, all are made again.

    A model that has learned from the team (`deja tune`) is deleted with its weights.

    \b
    Examples:
      deja model drop all-MiniLM-L6-v2
      deja model drop all-MiniLM-L6-v2-tuned-2026-11-29
    """
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
        if not found.database.is_sqlite:
            drop_unused_indexes(found.database)
        dropped = index_for(settings, found.database, row.fingerprint, row.dim)
        if isinstance(dropped, FollowingIndex):
            dropped.delete()
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


def _name(found: IndexedDatabase) -> str:
    return found.embedder.fingerprint if found.choice is None else found.choice.name
