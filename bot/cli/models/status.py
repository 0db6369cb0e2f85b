"""`deja model status`."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.option("--dimensions", is_flag=True, help="Measure what fewer dimensions save and lose.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def status(**options: Any) -> None:
    """Show the model in use, what lacks vectors, and how far another model's vectors are.

    \b
    Examples:
      deja model status
      deja model status --dimensions
    """
    # The help needs none of what this imports.
    from bot.cli.models.status_run import show_status

    show_status(**options)
