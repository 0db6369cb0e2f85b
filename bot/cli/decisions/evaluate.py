"""`deja evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.cli.options import WORKSPACE


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the precision-recall curve.",
)
@click.option(
    "--reliability",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw how well the probabilities hold.",
)
@click.option("--kind", type=click.Choice(["ticket", "product"]), help="Only items of this kind.")
@click.option("--source", metavar="NAME", help="Rank only items of this source.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def evaluate(**options: Any) -> None:
    """Measure how accurate Déjà is on the labelled pairs or groups in FILE: JSON lines or CSV.

    \b
    Pairs:   {"a": "T-1", "b": "T-2", "label": 1}
             or "verdict": duplicate, related, distinct
    Groups:  {"id": "T-1", "group": "printer"}

    Pairs give precision and recall of what is called a duplicate now, with 95 % bounds, and of the
    best possible cut; average precision; and, once there is a calibrated model, how well its
    probabilities hold (ECE, Brier score). Pairs and groups give how high the right items are ranked
    among all others (MAP, MRR, P@1, R@10). --plot draws the precision-recall curve, --reliability
    the probabilities. Ids are those of the import. Unknown ids are listed, the rest is measured,
    and the exit code is 1.

    Example: deja evaluate reviewed.jsonl --plot curve.png
    """
    # The help needs none of what this imports.
    from bot.cli.decisions.evaluate_run import evaluate_labels

    evaluate_labels(**options)
