"""`deja try`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("try")
@click.option("--once", is_flag=True, help="Run a scripted conversation, print it, and stop.")
@click.option(
    "--conversation",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --once: a YAML list of messages to post instead, each with channel, author, text "
    "and expect (a group of the sample's tickets, or null for silence).",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the local Slack's page.")
def try_(**options: Any) -> None:
    """Try Déjà without Slack: on a local Slack with a sample company.

    Nothing is kept, and none of your settings or tokens are used. With --once the exit code is 0
    only if every answer was as expected.

    \b
    Examples:
      deja try
      deja try --once
    """
    # The help needs none of what this imports.
    from bot.cli.servers.try_run import try_deja

    try_deja(**options)
