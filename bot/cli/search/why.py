"""`deja why`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import WORKSPACE


@click.command()
@click.argument("a")
@click.argument("b", required=False)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line with all figures.")
def why(**options: Any) -> None:
    """Explain why items A and B were called duplicates, similar, or neither.

    Without B, A is compared with the item most similar to it.

    \b
    Examples:
      deja why T-1042 T-17
      deja why T-1042 --json
    """
    # The help needs none of what this imports.
    from bot.cli.search.why_run import explain_pair

    explain_pair(**options)
