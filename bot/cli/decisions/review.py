"""`deja review`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import COUNT, WORKSPACE
from services.answers.review_rounds import NEWEST


@click.command()
@click.option("--limit", default=20, show_default=True, type=COUNT)
@click.option(
    "--kind", default="ticket", show_default=True, type=click.Choice(["ticket", "product"])
)
@click.option("--by", metavar="NAME", help="Who decides. Default: your user name on this computer.")
@click.option("--seed", default=0, show_default=True, help="Another seed draws other pairs.")
@click.option(
    "--keys", "from_input", is_flag=True, help="Read keys from standard input: for scripts."
)
@click.option("--all", "take_all", is_flag=True, help=f"Of all items, not of the newest {NEWEST}.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Do not ask; print one JSON line per pair.")
def review(**options: Any) -> None:
    """Decide on the pairs that teach the model most, one key each: stored at once, undone with u.

    Of each of the newest items the best match is a candidate. The first five are spread over all of
    them; later ones are near the point from which on matches are called duplicates, above it, and a
    little below. Pairs that are decided, or follow from decisions, are left out.

    \b
    Examples:
      deja review
      deja review --limit 5 --json
      printf 'snk' | deja review --keys --by Ann
    """
    # The help needs none of what this imports.
    from bot.cli.decisions.review_run import review_pairs

    review_pairs(**options)
