"""`deja replay`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import COUNT, SINCE_OPTION, WORKSPACE


@click.command()
@SINCE_OPTION
@click.option("--channel", metavar="NAME", help="Only the tickets of this channel.")
@click.option("--limit", type=COUNT, help="Only this many of the newest tickets.")
@click.option("--weakest", "only_weakest", is_flag=True, help="Only the ten weakest answers.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per flagged ticket.")
def replay(**options: Any) -> None:
    """Replay past tickets in order of arrival: what would Déjà have said with today's model?

    Each ticket is compared with earlier ones; nothing is changed and nothing is posted. The output
    says how many tickets would have been answered, how many of the answers people found right,
    whether each channel's noise budget would have been kept, and which ten answers are the weakest:
    look at these first. Word frequencies are today's, and muted channels are replayed, too. A JSON
    line is {"item", "match", "probability", "band"}; without a calibrated model the probability is
    null.

    \b
    Examples:
      deja replay --since 30d
      deja replay --channel helpdesk --json
    """
    # The help needs none of what this imports.
    from bot.cli.decisions.replay_run import replay_past

    replay_past(**options)
