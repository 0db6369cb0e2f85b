"""`deja status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

import click
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from bot.cli.terminal import (
    count,
    load_settings,
    open_database,
    print_json,
    print_table,
)
from bot.cli.upkeep.worth_figures import figures, in_short, worths
from bot.model_choice import choose_model, embedder_of
from models import Workspace
from models.items import ItemKind
from services.answers.status import (
    count_current_verdicts,
    count_embeddings,
    count_items,
    count_workspaces,
)
from services.answers.worth_text import NOTHING_YET
from services.channels.settings import shown_name
from services.judgement.calibration_store import current_calibration
from services.judgement.calibration_text import learned_text
from services.judgement.learned_model import Model
from services.judgement.noise_budget import channels_over_budget
from services.memory.vector_coverage import vector_coverage
from services.queue import JobQueue
from services.search.indexes.saved_rows import count_saved_rows

if TYPE_CHECKING:
    from services.answers.worth import Worth


@click.command()
@click.option(
    "--worth", "wants_worth", is_flag=True, help="Show what Déjà did in the last twelve months."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON; with --worth, every ticket counted."
)
def status(wants_worth: bool, as_json: bool) -> None:
    """Show what is stored, what Déjà did, which model is in use, and how many jobs wait.

    Example: deja status --worth
    """
    settings = load_settings()
    if wants_worth:
        from bot.cli.upkeep.worth_report import (
            show_worth,  # the titles of tickets: not for a status
        )

        show_worth(settings, as_json=as_json)
        return
    with open_database(settings) as database:
        with database.read() as session:
            choice = choose_model(session, settings)
            embedder = embedder_of(settings, choice)
            fingerprint = embedder.fingerprint
            found = worths(session, settings)
            numbers: dict[str, object] = {
                "workspaces": count_workspaces(session),
                "items": count_items(session, true()),
                "embeddings": count_embeddings(session, fingerprint),
                "without vectors": vector_coverage(session, fingerprint).missing,
                "verdicts": count_current_verdicts(session),
                "judged by": describe_calibrations(session),
                "quiet channels": quiet_channels(session),
                "worth": _worth(found, as_json=as_json),
            }
        numbers["jobs"] = JobQueue(database).counts()
        if database.is_sqlite and settings.qdrant_url is None:
            with database.read() as session:
                rows, dead = count_saved_rows(
                    session, settings.index_dir, fingerprint, embedder.dim
                )
            numbers["index"] = {"rows": rows, "dead": dead}
        numbers["model"] = fingerprint
        numbers["database"] = database.engine.dialect.name
    if as_json:
        print_json(numbers)
        return
    table = [[name, _in_words(value)] for name, value in numbers.items()]
    print_table("Déjà", ["what", "value"], table)


def _worth(found: Mapping[str, Worth], *, as_json: bool) -> object:
    """Return what Déjà was worth to each workspace: figures by name, or a line each."""
    if as_json:
        return {name: figures(worth) for name, worth in found.items()}
    return [in_short(worth) for worth in found.values()] or [str(NOTHING_YET)]


def quiet_channels(session: Session) -> list[str]:
    """Return the names of the channels whose noise budget is used up, in all workspaces."""
    return [
        shown_name(channel)
        for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id))
        for channel in channels_over_budget(session, workspace_id)
    ]


def describe_calibrations(session: Session) -> list[str]:
    """Return what each workspace has learned about each kind of items, where it has."""
    return [
        f"calibration {row.id} of {row.kind}s: {learned_text(Model.from_stored(row.model))}"
        for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id))
        for kind in get_args(ItemKind)
        if (row := current_calibration(session, workspace_id, kind)) is not None
    ] or ["the rule for a new team"]


# What is counted, with the word for one of them; other names say how things are: "0 ready".
_THINGS = {"rows": "row", **{kind: kind for kind in get_args(ItemKind)}}


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(
            count(number, _THINGS[name]) if name in _THINGS else f"{number:,} {name}"
            for name, number in value.items()
        )
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value)
