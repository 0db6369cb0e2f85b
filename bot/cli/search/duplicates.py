"""`deja duplicates`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import LIMIT_OPTION, SINCE_OPTION, WORKSPACE


@click.command()
@LIMIT_OPTION
@SINCE_OPTION
@click.option("--channel", metavar="NAME", help="Only pairs whose later ticket is from here.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per pair.")
def duplicates(**options: Any) -> None:
    """List the suspected duplicates in the whole backlog, the most similar first.

    With --since or --channel, only tickets of that time or channel are compared with all earlier
    ones. Pairs that people ruled out are left out. In a line of --json, "a" is the later item, "b"
    the earlier one, and "verdict" what was decided (null: nothing yet). A long list is shown in the
    terminal's pager.

    \b
    Examples:
      deja duplicates --json
      deja duplicates --since 30d --channel help --limit 20
    """
    # The help needs none of what this imports.
    from bot.cli.search.duplicates_run import list_duplicates

    list_duplicates(**options)
