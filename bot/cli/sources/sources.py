"""`deja sources`."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta

import click

from bot.cli.group import CommandGroup
from bot.cli.sources.add import add
from bot.cli.sources.tokens import token
from bot.cli.terminal import (
    console,
    count,
    load_settings,
    notes,
    open_database,
    open_services,
    print_json,
    print_table,
)
from bot.clock import utc_now
from bot.keys import open_keyring
from services.errors import SourceBusyError, SourceError
from services.sources.registry import (
    OLD_SECRET,
    WEBHOOK,
    SourceState,
    find_source,
    list_sources,
    rotate_secret,
)


@click.group(cls=CommandGroup)
def sources() -> None:
    """Connect help desks, trackers and other programs.

    docs/sources.md explains each of them.
    """


sources.add_command(add)
sources.add_command(token)


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
            print_json(
                {
                    name: value.isoformat() if isinstance(value, datetime) else value
                    for name, value in asdict(one).items()
                }
            )
        return
    columns = [
        "name", "kind", "team", "seen by", "tickets", "token", "last heard of", "read until",
        "error",
    ]  # fmt: skip
    print_table("Sources", columns, [_row(one) for one in found])


def _row(source: SourceState) -> list[str]:
    until = _minute(source.read_until) if source.kind != WEBHOOK else "-"
    return [
        source.name,
        source.kind,
        source.team_id or "-",
        source.channel or "all members",
        str(source.tickets),
        "-" if source.kind == WEBHOOK else "its own" if source.has_own_token else "of the settings",
        _minute(source.last_seen_at),
        until,
        source.error or "-",
    ]


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


@sources.command("check")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def check(name: str, as_json: bool) -> None:
    """Try to reach a source with its token; nothing is read or changed.

    Example: deja sources check github/acme/desk
    """
    from bot.tasks.connectors import open_connector
    from services.sources.connections import find_connection

    settings = load_settings()
    with open_database(settings) as database, database.read() as session:
        found = find_connection(session, name)
    try:
        with closing(open_connector(settings, *found)) as connector:
            account = connector.check()
    except SourceBusyError as busy:
        raise SourceError(f"{busy}: try again in {busy.delay:.0f} seconds.") from None
    if as_json:
        print_json({"source": name, "connected_to": account})
        return
    console.print(f"{name}: connected to {account}.", markup=False)


@sources.command("sync")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line at the end.")
def sync(name: str, as_json: bool) -> None:
    """Read what has changed in a source now, until nothing is left.

    It may be stopped and run again at any time; a running worker does the same every five minutes.

    Example: deja sources sync github/acme/desk
    """
    from bot.cli.sources.sync import SourceSync

    with open_services() as services:
        counts = SourceSync(services, utc_now).run(name)
    if as_json:
        print_json({"source": name, **asdict(counts)})
        return
    notes.print(
        f"{name}: {count(counts.changed, 'ticket is', 'tickets are')} new or changed, "
        f"{count(counts.deleted, 'was', 'were')} deleted, {counts.refused} could not be read.",
        markup=False,
    )


@sources.command("write-back")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
def write_back(name: str, state: str) -> None:
    """Write decisions to a source, too: on or off. It is off at first.

    From now on, when people confirm that two tickets are the same, a comment with the link is
    written on those of this source; in Jira and GitHub duplicates are linked. Undo takes it back,
    also while this is off. docs/sources.md lists the rights that this needs.

    Example: deja sources write-back github/acme/desk on
    """
    from services.sources.connections import find_connection

    with open_database() as database, database.write() as session:
        _, connection = find_connection(session, name)
        since = connection.writes_since or utc_now()  # again: what waits is not forgotten
        connection.writes_since = since if state == "on" else None
    console.print(f"{name}: decisions are {'' if state == 'on' else 'not '}written there.")


@sources.command("create-issues")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
def create_issues(name: str, state: str) -> None:
    """Let people open issues in a source from Slack: on or off. It is off at first.

    Cards of tickets then have the button "Create issue…". Who can read the tracker sees what people
    write there. docs/sources.md lists the rights that this needs.

    Example: deja sources create-issues github/acme/desk on
    """
    from services.sources.connections import find_connection

    with open_database() as database, database.write() as session:
        _, connection = find_connection(session, name)
        connection.creates_issues = state == "on"
    people = "people may open issues there" if state == "on" else "nobody may open issues there"
    console.print(f"{name}: {people}.", markup=False)


@sources.command("rotate")
@click.argument("name")
@click.option("--now", "at_once", is_flag=True, help="Refuse the old secret from now on.")
def rotate(name: str, at_once: bool) -> None:
    """Give a source a new secret, shown once. The old one is good for another day.

    Example: deja sources rotate helpdesk
    """
    settings, grace = load_settings(), timedelta() if at_once else OLD_SECRET
    with open_database(settings) as database, database.write() as session:
        source = find_source(session, name)
        secret = rotate_secret(session, source, utc_now(), open_keyring(settings), grace=grace)
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
    console.print(f"{name} is removed; its tickets stay.", markup=False)
