"""What `deja model use` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.api_consent import confirm_sending
from bot.cli.group import INTERRUPTED
from bot.cli.models.dimensions import reduced_identity
from bot.cli.models.lines import command_to_use
from bot.cli.terminal import notes, open_services, print_table, progress_bar
from bot.clock import utc_now
from bot.model_choice import places_of
from bot.model_numerics import ensure_measured
from bot.tasks.model_preparation import (
    Preparation,
    TakenError,
    services_for,
    switch,
    switch_back,
)
from services.errors import ModelError, ModelUnreachableError, NotFoundError
from services.evaluation.model_comparison import ModelFigures, measure_model
from services.memory import embedding_models
from services.memory.embedding_models import ModelIdentity
from services.memory.vector_coverage import VectorCoverage, vector_coverage
from services.search.embedders.by_name import absolute_name, open_embedder, sends_texts
from services.search.embedders.model_speeds import write_speed
from services.search.embedders.reduced import split_name
from services.search.embedders.tuned_models import find_tuned

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import Services


BY = "command line"

# The way back is open at once while at most one in so many tickets came since.
BACK_SHARE = 20

# Seconds between two looks at what another process does.
PAUSE = 1.0

# Times that what came meanwhile is embedded before the switch.
TRIES = 100


def use_model(name: str, dimensions: int | None, at_once: bool, yes: bool) -> None:
    """Make a model's vectors where they are missing, and switch to it."""
    with open_services() as current:
        target = services_for(current, _identity(current, name, dimensions))
        if _is_in_use(current, target):
            return
        target.embedder.encode(["a first text"])  # fails now if the model is unusable
        with current.database.read() as session:
            coverage = vector_coverage(session, target.embedder.fingerprint)
        if _is_way_back(current, target, coverage):
            _go_back(current, target, yes)
            return
        if sends_texts(target.vectors.identity.name):
            with current.database.read() as session:
                confirm_sending(current.settings, session, target.embedder.fingerprint, yes=yes)
        _begin(target, switches=yes and not at_once)
        if coverage.missing and not at_once:
            _tell_of_background(coverage, yes)
            return
        preparation = Preparation(target, utc_now)
        _make(preparation, coverage)
        if figures := _agreed_figures(current, target, yes):
            _switch(current, preparation, figures)


def _identity(services: Services, name: str, dim: int | None) -> ModelIdentity:
    """Return the model of a name, with the weights that it has now. Raises `ModelError`."""
    places = places_of(services.settings)
    base, named = split_name(name)
    with services.database.read() as session:
        try:
            base = embedding_models.find_model(session, base).name
        except NotFoundError:
            base = absolute_name(base, places)
    embedder = open_embedder(base, _pinned(services.settings, base), places=places)
    whole = ModelIdentity(base, embedder.checksum, embedder.fingerprint, embedder.dim)
    wanted = named or (services.settings.dimensions if dim is None else dim)
    if not wanted or wanted == whole.dim:
        return whole
    return reduced_identity(services, embedder, whole, wanted)


def _pinned(settings: Settings, name: str) -> str | None:
    return settings.model_sha256 if name == settings.model else None


def _is_in_use(current: Services, target: Services) -> bool:
    """Say so if the model is in use already, or becomes that of a database without vectors."""
    identity = target.vectors.identity
    with current.database.write() as session:
        row = embedding_models.model_in_use(session)
        coverage = vector_coverage(session, current.embedder.fingerprint)
        if row is None:
            first = current if coverage.items else target
            embedding_models.adopt(session, first.vectors.identity, by=BY, now=utc_now())
            row = embedding_models.model_in_use(session)
        is_same = row is not None and row.fingerprint == identity.fingerprint
        if row is not None and is_same:
            row.name = identity.name  # its folder may have moved
    if is_same:
        notes.print(f"{identity.name} is in use.", markup=False)
    return is_same


def _is_way_back(current: Services, target: Services, coverage: VectorCoverage) -> bool:
    """Say whether the model has vectors of nearly everything, from the time that it was in use."""
    with current.database.read() as session:
        rows = embedding_models.stored_models(session)
    kept = {row.fingerprint for row in rows if row.state is None}
    is_kept = target.embedder.fingerprint in kept
    return is_kept and coverage.missing * BACK_SHARE <= coverage.items


def _go_back(current: Services, target: Services, yes: bool) -> None:
    if not (figures := _agreed_figures(current, target, yes)):
        return
    switch_back(current, target, by=BY, now=utc_now(), known=figures.learned)
    notes.print(f"{_name(target)} is in use again.", markup=False)
    while target.vectors.embed_missing(limit=64) or target.duplicates.measure_missing(limit=64):
        pass


def _begin(target: Services, *, switches: bool) -> None:
    with target.database.write() as session:
        embedding_models.begin_preparation(
            session, target.vectors.identity, switches=switches, by=BY, now=utc_now()
        )


def _tell_of_background(coverage: VectorCoverage, yes: bool) -> None:
    then = "it comes into use" if yes else "run this command again to compare and switch"
    notes.print(
        f"A running `deja serve` or `deja worker` makes the vectors of {coverage.missing:,} "
        f"tickets and products from now on; when they are complete, {then}. `deja model status` "
        "shows how far it is, and --now makes them here.",
        markup=False,
    )


def _make(preparation: Preparation, coverage: VectorCoverage) -> None:
    """Make all vectors with a progress bar, or watch another process make them."""
    ensure_measured(preparation.target.embedder, preparation.target.settings)
    done = coverage.items - coverage.missing
    try:
        with progress_bar("Making vectors", coverage.items) as bar:
            bar.update(done, coverage.items)
            while _step(preparation, bar.update):
                bar.update(min(done + preparation.made, coverage.items), coverage.items)
    except ModelError:
        preparation.free()  # or the next run would wait for this one's lease
        raise
    except KeyboardInterrupt:
        preparation.free()
        notes.print("Stopped. What was made stays: run this again to go on.", markup=False)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _step(preparation: Preparation, show: Callable[[int, int], None]) -> bool:
    try:
        return preparation.step()
    except ModelUnreachableError as error:
        notes.print(f"{error} Going on in {error.delay:.0f} seconds.", markup=False)
        time.sleep(error.delay)
        return True
    except TakenError:
        target = preparation.target
        with target.database.read() as session:
            row = embedding_models.model_in_preparation(session)
            coverage = vector_coverage(session, target.embedder.fingerprint)
        if row is None or row.fingerprint != target.embedder.fingerprint:
            raise click.ClickException(
                "Somebody else has given up these vectors or brought them into use: see "
                "`deja model status`."
            ) from None
        show(coverage.items - coverage.missing, coverage.items)
        time.sleep(PAUSE)
        return True


def _agreed_figures(current: Services, target: Services, yes: bool) -> ModelFigures | None:
    """Show what changes, and ask; return the new model's figures. What was refused is kept."""
    notes.print("Comparing both models on the team's own verdicts …", markup=False)
    learned_from = _learned_from(current) | _learned_from(target)
    try:
        figures = [_measured(current, learned_from)]
    except (ModelError, ModelUnreachableError) as error:  # that may be why another one is wanted
        notes.print(f"{error} So both cannot be compared.", markup=False)
        figures = []
    figures.append(_measured(target, learned_from))
    _print_comparison(figures, learned_from)
    if yes or click.confirm(f"Bring {_name(target)} into use?", err=True):
        return figures[-1][1]
    with target.database.write() as session:
        row = embedding_models.model_in_preparation(session)
        if row is not None and row.fingerprint == target.embedder.fingerprint:
            embedding_models.give_up_preparation(session, row, by=BY, now=utc_now())
    notes.print("Nothing was changed; the vectors stay until `deja model drop`.", markup=False)
    return None


def _learned_from(services: Services) -> frozenset[int]:
    """Return the items that a model has learned from: they say nothing of what it is worth."""
    base, _ = split_name(_name(services))
    tuned = find_tuned(services.settings.model_dir, base)
    return frozenset() if tuned is None else tuned.learned_from


def _measured(services: Services, learned_from: frozenset[int]) -> tuple[str, ModelFigures]:
    """Return a model's name and figures; its speed is noted for `deja model list`."""
    figures = measure_model(services.calibrator, utc_now(), learned_from)
    if figures.texts_per_second is not None:
        write_speed(services.settings.model_dir, _name(services), figures.texts_per_second)
    return _name(services), figures


def _print_comparison(
    figures: Sequence[tuple[str, ModelFigures]], learned_from: frozenset[int]
) -> None:
    """Print the figures of the models in use and to come, or of the latter alone."""
    new = figures[-1][1]
    queries = f"MAP, of {new.queries} tickets with duplicates"
    if learned_from:
        queries += ", none learned from"
    rows: list[tuple[str, Callable[[ModelFigures], str]]] = [
        (queries, lambda one: _share(one.map)),
        (f"precision at the cut, of {new.verdicts} verdicts", lambda one: _share(one.precision)),
        ("recall at the cut", lambda one: _share(one.recall)),
        ("texts a second", lambda one: _number(one.texts_per_second)),
        ("vectors, MB", _megabytes),
    ]
    names, measured = zip(*figures, strict=True)
    cells = [[label, *map(of, measured)] for label, of in rows]
    print_table("What changes", ["figure", *names], cells)
    if not new.queries and not new.verdicts:
        notes.print("Nobody has decided enough to compare on: `deja review` asks.", markup=False)
    if learned_from:
        notes.print(
            "Precision and recall are of verdicts that the tuned model has learned from, too: they "
            "flatter it.",
            markup=False,
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _megabytes(figures: ModelFigures) -> str:
    return f"{figures.vector_bytes / 1e6:.1f}"


def _switch(current: Services, preparation: Preparation, figures: ModelFigures) -> None:
    target = preparation.target
    for _ in range(TRIES):
        if switch(current, target, by=BY, now=utc_now(), known=figures.learned):
            notes.print(
                f"{_name(target)} is in use now; "
                f"`{command_to_use(_name(current), current.settings)}` goes back.",
                markup=False,
                soft_wrap=True,
            )
            return
        while preparation.step():
            pass
    raise click.ClickException("Tickets come faster than their vectors are made: try again later.")


def _name(services: Services) -> str:
    return services.vectors.model_name or services.embedder.fingerprint
