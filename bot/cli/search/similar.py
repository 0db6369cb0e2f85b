"""`deja similar`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.cli.options import WORKSPACE


@click.command()
@click.argument("text", required=False)
@click.option("--id", "id_", metavar="ID", help="Find what is similar to this item.")
@click.option(
    "--image",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Find tickets with pictures like this one (DEJA_IMAGE_MODEL).",
)
@click.option("--pictures", is_flag=True, help="Find tickets whose pictures show TEXT.")
@click.option("--each", is_flag=True, help="Find what is similar to each item.")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 1000))
@click.option("--kind", type=click.Choice(["ticket", "product"]), help="Default: ticket.")
@click.option("--source", metavar="NAME", help="Search only the items of this source.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per item.")
def similar(**options: Any) -> None:
    """Find the items most similar to TEXT ("-": read from standard input), or to stored items.

    \b
    Examples:
      deja similar "printer prints blank pages"
      deja similar --id T-1042 --json
      deja similar --image screenshot.png
      deja similar --each --limit 10 --json > similar.jsonl
    """
    # The help needs none of what this imports.
    from bot.cli.search.similar_run import find_similar

    find_similar(**options)
