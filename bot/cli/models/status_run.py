"""What `deja model status` does."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.cli.models.dimensions import print_dimensions
from bot.cli.models.lines import ModelLine, command_to_use, model_lines, tuned_json, tuned_text
from bot.cli.terminal import load_settings, open_index, print_json, print_table
from bot.model_numerics import numerics_text
from services.evaluation.dimension_figures import measure_dimensions
from services.memory.vector_coverage import vector_coverage
from services.search.embedders.reduced import split_name
from services.search.embedders.tuned_models import find_tuned

if TYPE_CHECKING:
    from bot.index_wiring import IndexedDatabase
    from bot.settings import Settings


def show_status(dimensions: bool, as_json: bool) -> None:
    """Print which model is in use and how far another one's vectors are."""
    settings = load_settings()
    with open_index(settings) as found, found.database.read() as session:
        lines = model_lines(session)
        in_use = vector_coverage(session, found.embedder.fingerprint)
        figures = measure_dimensions(session, found.embedder.fingerprint) if dimensions else []
    tuned = find_tuned(settings.model_dir, split_name(_name(found))[0])
    computes = numerics_text(found.embedder, settings)
    making = next((line for line in lines if line.row.state == "preparing"), None)
    if as_json:
        print_json(
            {
                "model": _name(found),
                "fingerprint": found.embedder.fingerprint,
                "computes in": computes,
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
        *([["computes in", computes]] if computes else []),
        ["have vectors", f"{in_use.items - in_use.missing:,} of {in_use.items:,}"],
        ["being made", "nothing" if making is None else _progress(making, settings)],
    ]
    if tuned is not None:
        rows.append(["learned from the team", tuned_text(tuned)])
    if found.choice is not None and found.choice.differs:
        rows.append(["DEJA_MODEL", "names another model; `deja model use` brings it into use"])
    print_table("Model", ["what", "value"], rows)
    if figures:
        print_dimensions(figures)


def _progress(making: ModelLine, settings: Settings) -> str:
    name, share = making.row.name, making.share
    command = command_to_use(name, settings)
    if not making.coverage.missing:
        if making.row.switches:
            return f"{name}: all {share}; it comes into use within a minute"
        return f"{name}: all {share}; `{command}` compares it and switches"
    if making.row.owner is None:
        return (
            f"{name}: {share}; waits for a running `deja serve` or `deja worker`, or for "
            f"`{command} --now`"
        )
    return f"{name}: {share}, by {making.row.owner.rpartition(':')[0]}"


def _name(found: IndexedDatabase) -> str:
    return found.embedder.fingerprint if found.choice is None else found.choice.name
