"""`deja import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.cli.history.import_options import DEFAULT_SOURCES, ORDERS
from bot.cli.options import WORKSPACE, FilePath, named
from services.intake.importers.formats import FORMATS


@click.command("import")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=FilePath(path_type=Path))
@click.option(
    "--map", "maps", metavar="COLUMN=FIELD,…", multiple=True, help="Say what columns are."
)
@click.option(
    "--map-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Use a map that --save-map wrote.",
)
@click.option(
    "--save-map", type=click.Path(dir_okay=False, path_type=Path), help="Write the map to a file."
)
@click.option("--preview", is_flag=True, help="Show what would be stored, and ask before it is.")
@click.option("--dry-run", is_flag=True, help="Read everything, change nothing.")
@click.option("--strict", is_flag=True, help="Store nothing if anything deserves a warning.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask: store it.")
@click.option(
    "--dates", type=click.Choice(list(ORDERS)), help="How 4/5/2026 is meant where it is unclear."
)
@click.option("--timezone", metavar="NAME", help="The zone of times without one. Default: UTC.")
@click.option(
    "--exported",
    metavar="DATE",
    help="When the file was written, for dates such as 3 days ago, or 3 March.",
)
@click.option("--encoding", metavar="NAME", help="Default: found in the file.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: found in the file.")
@click.option(
    "--channel", metavar="NAME", callback=named, help="The channel of rows that do not name one."
)
@click.option("--kind", type=click.Choice(list(DEFAULT_SOURCES)), help="Default: ticket.")
@click.option(
    "--source",
    metavar="NAME",
    help="The system the ids come from. Default: found in the file, or import; catalog for "
    "products.",
)
@click.option("--replace", is_flag=True, help="Products: delete those that are no longer in FILE.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def import_(**options: Any) -> None:
    """Import the tickets or products in FILE, whatever help desk or tracker wrote it.

    Déjà looks into the file and says what it recognises: exports of Zendesk, Jira, GitHub, GitLab,
    Freshdesk, HubSpot, Intercom, Help Scout, Linear, ServiceNow and others, Slack exports, mail,
    Excel workbooks, and any table as CSV, JSON, JSON lines or XML. It may be compressed; - is
    standard input.

    \b
    Fields, where --map names them:
      title, text   at least one of them; text defaults to the longest column
      id            without it, one is made from the row's words
      created, resolved, status, answer, author, channel, url, replies

    Other columns are stored as metadata. Importing an id again updates the item. Rows of one id
    are one ticket with its replies. A ticket without a date takes part in no trend.

    On a terminal the first file of a kind is shown before it is stored. Rows that cannot be read
    are listed, the others are imported, and the exit code is 1 (0: everything was read, 2: wrong
    usage).

    \b
    Examples:
      deja import zendesk.json
      deja import tickets.csv --map "Issue=title,Body=text" --dates day-first
      deja import catalog.csv --kind product --replace
      gh issue list --json number,title,body,state,createdAt,url | deja import -
    """
    # The help needs none of what this imports.
    from bot.cli.history.import_files import import_files

    import_files(**options)
