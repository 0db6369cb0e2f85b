"""`deja model drop`."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(**options: Any) -> None:
    """Delete the vectors of a model that is not in use. To go back to it, all are made again.

    A model that has learned from the team (`deja tune`) is deleted with its weights.

    \b
    Examples:
      deja model drop all-MiniLM-L6-v2
      deja model drop all-MiniLM-L6-v2-tuned-2026-11-29
    """
    # The help needs none of what this imports.
    from bot.cli.models.drop_run import drop_model

    drop_model(**options)
