"""`deja trends`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import LIMIT_OPTION, PRIVATE, SINCE, WORKSPACE


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "week"]),
    default="week",
    show_default=True,
    help="Draw the last 14 days, or the last 8 weeks.",
)
@click.option("--unanswered", "radar", is_flag=True, help="What is asked again without an answer.")
@LIMIT_OPTION
@click.option(
    "--since",
    type=SINCE,
    metavar="SPAN|DATE",
    help="Only topics with a ticket since then, at most eight weeks ago.",
)
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
def trends(**options: Any) -> None:
    """Show which topics are asked about more than they used to be, in the last seven days.

    A topic is rising if so many tickets, by three people or more, have a chance of at most 1 in
    1,000 given the topic's own past (a negative binomial test that allows for weekdays). All
    tickets of a topic are counted, not only those of the last run. A long list is shown in the
    terminal's pager.

    \b
    Examples:
      deja trends
      deja trends --by day --limit 10
      deja trends --unanswered
    """
    # The help needs none of what this imports.
    from bot.cli.topics.trends_run import print_trends

    print_trends(**options)
