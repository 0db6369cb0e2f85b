"""`deja backfill`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import SINCE, WORKSPACE


@click.command()
@click.argument("channel")
@click.option(
    "--since",
    type=SINCE,
    default="90d",
    show_default=True,
    metavar="SPAN|DATE",
    help="How far to go back, for example 30d or 2026-11-01.",
)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def backfill(**options: Any) -> None:
    """Read the history of CHANNEL from before Déjà joined, with the answers marked by a ✅.

    Nothing is posted. Slack limits how fast history may be read, so a busy channel takes minutes.
    If the command is interrupted, the running bot continues, or the same command does.

    \b
    Examples:
      deja backfill helpdesk
      deja backfill "#helpdesk" --since 365d
    """
    # The help needs none of what this imports.
    from bot.cli.history.backfill_run import read_history

    read_history(**options)
