"""`deja cluster`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.cli.options import SINCE, WORKSPACE
from services.topics.grouping.limits import MAX_TOPICS, STRICTNESS


@click.command()
@click.option("--since", type=SINCE, metavar="SPAN|DATE", help="Such as 30d or 2026-11-01.")
@click.option("--channel", "channels", multiple=True, metavar="NAME", help="May be repeated.")
@click.option(
    "--k",
    type=click.IntRange(1, MAX_TOPICS),
    help="Explore so many topics; the team's own stay as they are, without --keep.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Make --k the number of the team's topics from now on; without --k, find it again.",
)
@click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    default=STRICTNESS,
    show_default=True,
    help="0: every ticket belongs somewhere; 1: only what fits very well.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Draw the map.")
@click.option("--dark", is_flag=True, help="Draw it on a dark ground.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one page.")
@WORKSPACE
def cluster(**options: Any) -> None:
    """Group the backlog into topics, name them, and say what changed since the last time.

    Of the channels that everybody in the workspace reads and what was imported; a private or
    shared channel has topics of its own: name it alone with --channel.

    \b
    Examples:
      deja cluster
      deja cluster --since 30d --channel helpdesk --png map.png --html report.html
      deja cluster --json > topics.jsonl
      deja cluster --k 12 --keep
    """
    # The help needs none of what this imports.
    from bot.cli.topics.cluster_run import cluster_backlog

    cluster_backlog(**options)
