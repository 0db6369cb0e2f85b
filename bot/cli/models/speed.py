"""`deja model speed`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.terminal import load_settings, notes, open_index, print_json, print_table
from bot.model_numerics import measurable_parts, measure_numerics, speeds_as_json

if TYPE_CHECKING:
    from services.search.embedders.numerics import Measurement


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per model.")
def speed(as_json: bool) -> None:
    """Measure in which precision, with how many threads the model in use reads fastest here.

    A running bot and `deja import` do so once by themselves; what is found is kept in the data
    folder and taken by every process that starts later, unless DEJA_PRECISION names a precision.

    Example: deja model speed
    """
    settings = load_settings()
    with open_index(settings) as found:
        parts = measurable_parts(found.embedder)
        measured = [(part.model, measure_numerics(part, settings)) for part in parts]
    for name, one in measured:
        if as_json:
            print_json({"model": name, "speeds": speeds_as_json(one)})
        else:
            _print(name, one)
    if settings.precision != "auto":
        notes.print(f"DEJA_PRECISION is {settings.precision}: that is what is used.", markup=False)


def _print(name: str, found: Measurement) -> None:
    rows = [
        [one.precision, str(one.threads), f"{speed:.0f}", "yes" * (one == found.fastest)]
        for one, speed in found.speeds.items()
    ]
    print_table(name, ["precision", "threads", "texts a second", "is used"], rows)
