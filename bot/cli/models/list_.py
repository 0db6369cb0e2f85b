"""`deja model list`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from bot.cli.models.lines import ModelLine, model_lines, tuned_json, tuned_text
from bot.cli.terminal import load_settings, notes, open_database, print_json, print_table
from bot.model_choice import places_of
from services.errors import ModelError, NoTablesError
from services.search.embedders.by_name import (
    ModelPlaces,
    is_on_this_machine,
    open_embedder,
    sends_texts,
)
from services.search.embedders.model_speeds import measure_speed, read_speeds, write_speed
from services.search.embedders.model_table import KnownModel, known_models
from services.search.embedders.tuned_models import tuned_models

if TYPE_CHECKING:
    from bot.settings import Settings

# Texts that a model's speed is measured on.
TIMED_TEXTS = 32
# The column that names a model, and what most models read.
NAME, TICKETS = (0,), "tickets"


@click.command("list")
@click.option("--measure", is_flag=True, help="Measure how fast the models that are here read.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per model.")
def list_(measure: bool, as_json: bool) -> None:
    """List the models that have vectors in this database, and those that Déjà knows.

    Those that have learned from the team (`deja tune`) are listed, too.

    \b
    Examples:
      deja model list
      deja model list --measure
    """
    settings = load_settings()
    lines = _stored(settings)
    if measure:
        _measure(settings, [line.row.name for line in lines])
    speeds, places = read_speeds(settings.model_dir), places_of(settings)
    tuned = tuned_models(settings.model_dir)
    if as_json:
        learned = {one.name: tuned_json(one) for one in tuned}
        for line in lines:
            name = line.row.name
            print_json({**line.as_json(), "texts a second": speeds.get(name),
                        "tuned": learned.pop(name, None)})  # fmt: skip
        for name, found_out in learned.items():
            print_json({"model": name, "state": "tuned", "tuned": found_out})
        for known in _others(lines):
            print_json(_as_json(known, places, speeds.get(known.name)))
        return
    _print_stored(lines, speeds)
    if tuned:
        print_table("Learned from the team", ["model", "when"],
                    [[one.name, tuned_text(one)] for one in tuned], whole=NAME)  # fmt: skip
    rows = [_row(known, places, speeds) for known in known_models()]
    print_table("Known models", ["model", "reads", "dim.", "MAP", "here"], rows, whole=NAME)
    notes.print(
        "MAP: of tickets' duplicates on a public set, see docs/models.md. Here: texts a second "
        "where --measure has measured them, or what `deja model get NAME` downloads.",
        markup=False,
    )


def _stored(settings: Settings) -> list[ModelLine]:
    """Return the models whose vectors are stored: none in a database without tables."""
    try:
        with open_database(settings) as database, database.read() as session:
            return model_lines(session)
    except NoTablesError:
        return []


def _print_stored(lines: list[ModelLine], speeds: dict[str, float]) -> None:
    if not lines:
        notes.print("No vectors are stored yet.", markup=False)
        return
    rows = [[line.row.name, _state(line, speeds.get(line.row.name))] for line in lines]
    print_table("Models", ["model", "state"], rows, whole=NAME)


def _state(line: ModelLine, speed: float | None) -> str:
    row = line.row
    reads = "" if speed is None else f"; {speed:.0f} texts a second"
    return (
        f"{line.state} since {row.changed_at:%Y-%m-%d %H:%M} (UTC), by {row.changed_by}; "
        f"{line.share} have vectors, of {row.dim} dimensions{reads}"
    )


def _row(known: KnownModel, places: ModelPlaces, speeds: dict[str, float]) -> list[str]:
    return [
        known.name,
        known.languages if known.task == TICKETS else f"{known.task} ({known.languages})",
        str(known.dimensions),
        "" if known.map is None else f"{known.map:.3f}",
        _place(known, places, speeds.get(known.name)),
    ]


def _place(known: KnownModel, places: ModelPlaces, speed: float | None) -> str:
    """Say whether a model is here and how fast, else what it takes to get it."""
    if is_on_this_machine(known.name, places):
        return "yes" if speed is None else f"{speed:.0f}/s"
    if known.extra is not None:
        return f"deja[{known.extra}]"
    return "no" if known.megabytes is None else f"{known.megabytes} MB"


def _others(lines: list[ModelLine]) -> Iterator[KnownModel]:
    """Yield the known models that have no vectors here."""
    stored = {line.row.name for line in lines}
    return (known for known in known_models() if known.name not in stored)


def _as_json(known: KnownModel, places: ModelPlaces, speed: float | None) -> dict[str, Any]:
    return {
        "model": known.name,
        "state": None,
        "for": known.task,
        "languages": known.languages,
        "dimensions": known.dimensions,
        "window": known.window,
        "prompt": known.prompt,
        "license": known.license or None,
        "note": known.note or None,
        "source": known.source,
        "revision": known.revision,
        "sha256": known.sha256,
        "megabytes": known.megabytes,
        "extra": known.extra,
        "map": known.map,
        "on this machine": is_on_this_machine(known.name, places),
        "texts a second": speed,
    }


def _measure(settings: Settings, stored: list[str]) -> None:
    """Measure every model that is here, and store its speed."""
    from bot.tryout import sample

    texts = [ticket.text for ticket in sample.tickets()[:TIMED_TEXTS]]
    places = places_of(settings)
    for name in dict.fromkeys([*stored, *(known.name for known in known_models())]):
        if sends_texts(name) or not is_on_this_machine(name, places):
            continue
        try:
            speed = measure_speed(open_embedder(name, places=places), texts)
        except ModelError as error:
            notes.print(f"{error}", markup=False)
            continue
        write_speed(settings.model_dir, name, speed)
