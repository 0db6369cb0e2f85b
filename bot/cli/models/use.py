"""`deja model use`."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.argument("name")
@click.option("--dimensions", type=click.IntRange(0), default=None,
              help="Keep so many dimensions (0: all) instead of DEJA_DIMENSIONS.")  # fmt: skip
@click.option("--now", "at_once", is_flag=True, help="Make the vectors now, with a progress bar.")
@click.option("--yes", is_flag=True, help="Switch without asking, as soon as all are made.")
def use(**options: Any) -> None:
    """Bring the model NAME into use: a name as in DEJA_MODEL, or a folder.

    Its vectors are made first, by a running `deja serve` or `deja worker` or with --now by this
    command, and may be interrupted at any time. Until they are complete the old ones answer. Then
    this command shows what changes on the team's own verdicts, asks, and switches in one step. The
    old vectors stay, so the way back takes no time, until `deja model drop`.

    \b
    Examples:
      deja model use all-mpnet-base-v2 --now
      deja model use "all-MiniLM-L6-v2 + use-multilingual"
      deja model use all-MiniLM-L6-v2 --dimensions 256
      deja model use /srv/models/our-model --yes
    """
    # The help needs none of what this imports.
    from bot.cli.models.use_run import use_model

    use_model(**options)
