"""`deja sources`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import click

from bot.cli.options import WORKSPACE
from bot.cli.terminal import console, notes, open_database, print_json, print_table
from bot.clock import utc_now
from services.memory.workspaces import find_workspace
from services.sources.registry import (
    OLD_SECRET,
    add_webhook,
    find_source,
    list_sources,
    rotate_secret,
)


@click.group()
def sources() -> None:
    """Let other programs send tickets, as they happen.

    docs/sources.md explains what they send.
    """


@sources.group("add")
def add() -> None:
    """Connect a program."""


@add.command("webhook")
@click.argument("name")
@click.option("--channel", metavar="NAME", help="Only who reads this channel sees the tickets.")
@WORKSPACE
def webhook(name: str, channel: str | None, team_id: str | None) -> None:
    """Let a program send tickets to /ingest/NAME, signed as Standard Webhooks say.

    The secret is shown once. All full members of the workspace see the tickets, or with --channel
    the readers of that channel. NAME is the source of the tickets, as --source of `deja import` is.

    Example: deja sources add webhook helpdesk
    """
    with open_database() as database, database.write() as session:
        workspace = find_workspace(session, team_id)
        secret = add_webhook(session, workspace, name, channel, utc_now()).secret
    notes.print(f"{name} may send tickets to /ingest/{name}. Its secret, shown this once:")
    click.echo(secret)


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per source.")
def list_(as_json: bool) -> None:
    """List the sources; never their secrets.

    Example: deja sources list
    """
    with open_database() as database, database.read() as session:
        found = list_sources(session)
    if as_json:
        for one in found:
            times = {
                name: value and value.isoformat()
                for name, value in asdict(one).items()
                if name.endswith(("_at", "_until"))
            }
            print_json({**asdict(one), **times})
        return
    rows = [
        [
            one.name,
            one.kind,
            one.team_id or "-",
            one.channel or "all members",
            str(one.tickets),
            f"{one.last_seen_at:%Y-%m-%d %H:%M}" if one.last_seen_at else "never",
        ]
        for one in found
    ]
    columns = ["name", "kind", "team", "seen by", "tickets", "last message"]
    print_table("Sources", columns, rows)


@sources.command("rotate")
@click.argument("name")
@click.option("--now", "at_once", is_flag=True, help="Refuse the old secret from now on.")
def rotate(name: str, at_once: bool) -> None:
    """Give a source a new secret, shown once. The old one is good for another day.

    Example: deja sources rotate helpdesk
    """
    with open_database() as database, database.write() as session:
        source = find_source(session, name)
        rotate_secret(source, utc_now(), timedelta() if at_once else OLD_SECRET)
        secret = source.secret
    notes.print(f"The new secret of {name}, shown this once:")
    click.echo(secret)


@sources.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Take nothing more from a source. Its tickets stay.

    Example: deja sources remove helpdesk
    """
    with open_database() as database, database.write() as session:
        session.delete(find_source(session, name))
    console.print(f"{name} is removed; its tickets stay.", markup=False, highlight=False)
