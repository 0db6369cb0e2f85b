"""What `deja model optimise` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from shlex import quote
from typing import TYPE_CHECKING

import click

from bot.cli.models.use import use
from bot.cli.terminal import load_settings, notes, open_index, print_json, print_table
from bot.model_choice import places_of
from bot.model_numerics import apply_numerics
from services.errors import InputError
from services.evaluation.optimisation import (
    MAX_LOSS,
    FormFigures,
    LabelledTexts,
    find_best,
    grouped_texts,
    measure_forms,
    team_texts,
)
from services.search.embedders.by_name import open_embedder
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.optimised_names import is_optimised
from services.search.embedders.reduced import split_name

if TYPE_CHECKING:
    from bot.index_wiring import IndexedDatabase
    from bot.settings import Settings


def optimise_model(
    ctx: click.Context, name: str | None, at_once: bool, yes: bool, as_json: bool
) -> None:
    """Make and measure a faster form of a model, and bring it into use."""
    settings = load_settings()
    with open_index(settings) as found:
        in_use = None if found.choice is None else split_name(found.choice.name)[0]
        source = _source(name or in_use, settings)
        labelled = _labelled(found, source)
    figures, best = _make(source, labelled, settings)
    if as_json:
        print_json(_as_json(source.model, labelled, figures, best))
        return
    _print(source.model, labelled, figures, best)
    if best is None:
        return
    if source.model != in_use:
        notes.print(f"`deja model use {quote(best.name)}` brings it into use.", markup=False)
    elif yes or click.confirm(f"Bring {best.name} into use?", err=True):
        ctx.invoke(use, name=best.name, dimensions=None, at_once=at_once, yes=True)


def _source(name: str | None, settings: Settings) -> SentenceTransformerEmbedder:
    """Return the model to optimise. Raises `InputError` if it is of another kind."""
    if name is not None and is_optimised(name):
        raise InputError(f"{name} is an optimised model already.")
    found = None if name is None else open_embedder(name, places=places_of(settings))
    if not isinstance(found, SentenceTransformerEmbedder):
        raise InputError(
            f"{name or 'The model in use'} cannot be optimised: only a single model of "
            "sentence-transformers can. Name one, such as `deja model optimise all-MiniLM-L6-v2`."
        )
    return found


def _labelled(found: IndexedDatabase, source: SentenceTransformerEmbedder) -> LabelledTexts:
    with found.database.read() as session:
        own = team_texts(session, source)
    if own is not None:
        return own
    from bot.tryout import sample

    tickets = sample.tickets()
    return grouped_texts(
        "the sample company's tickets",
        [ticket.text for ticket in tickets],
        [ticket.group or f"alone {at}" for at, ticket in enumerate(tickets)],
    )


def _make(
    source: SentenceTransformerEmbedder, labelled: LabelledTexts, settings: Settings
) -> tuple[list[FormFigures], FormFigures | None]:
    """Make all forms, measure them, and keep the best one, if it is better than the source."""
    from services.search.embedders.optimiser import keep_form, optimised_forms

    def on_step(text: str) -> None:
        notes.print(text, markup=False)

    as_used = open_embedder(source.model, places=places_of(settings))
    apply_numerics(as_used, settings)
    with optimised_forms(source, settings.model_dir, on_step) as forms:
        on_step(f"Comparing on {labelled.origin} …")
        preferred = [forms["int8"], forms["float32"]]
        models = {source.model: as_used, **{one.model: one for one in preferred}}
        figures = measure_forms(models, labelled)
        best = find_best(figures[0], figures[1:])
        for one in preferred:
            if best is not None and one.model == best.name:
                keep_form(one, settings.model_dir)
    return figures, best


def _print(
    source: str, labelled: LabelledTexts, figures: Sequence[FormFigures], best: FormFigures | None
) -> None:
    rows = [
        [one.name, f"{one.map:.3f}", f"{one.texts_per_second:.0f}", f"{one.milliseconds:.1f}"]
        for one in figures
    ]
    columns = ["model", "MAP", "texts a second", "one text, ms"]
    print_table(f"On {labelled.origin}", columns, rows)
    if best is not None:
        notes.print(f"{best.name} is on this machine now.", markup=False)
        return
    notes.print(
        f"Nothing was kept: no form reads faster here and loses at most {MAX_LOSS} of MAP. "
        f"{source} stays as it is.",
        markup=False,
    )


def _as_json(
    source: str, labelled: LabelledTexts, figures: Sequence[FormFigures], best: FormFigures | None
) -> dict[str, object]:
    return {
        "model": source,
        "optimised": None if best is None else best.name,
        "measured on": labelled.origin,
        "texts": len(labelled.texts),
        "figures": [asdict(one) for one in figures],
    }
