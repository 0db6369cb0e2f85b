"""`deja sources add`."""

from __future__ import annotations

import re

import click

from bot.cli.options import WORKSPACE
from bot.cli.terminal import notes, open_database
from bot.clock import utc_now
from services.errors import InputError
from services.memory.workspaces import find_workspace
from services.sources.registry import add_webhook

CHANNEL = click.option(
    "--channel", metavar="NAME", help="Only who reads this channel sees the tickets."
)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", re.ASCII)


@click.group("add")
def add() -> None:
    """Connect a program."""


@add.command("webhook")
@click.argument("name")
@CHANNEL
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


@add.command("github")
@click.argument("repository", metavar="OWNER/REPO")
@click.option("--api", metavar="URL", help="The API of a GitHub Enterprise Server.")
@CHANNEL
@WORKSPACE
def github(repository: str, api: str | None, channel: str | None, team_id: str | None) -> None:
    """Fetch the issues of a GitHub repository, now and whenever they change.

    Set DEJA_GITHUB_TOKEN first. All full members of the workspace see the tickets, or with
    --channel the readers of that channel. The source is called github/OWNER/REPO, as an import of
    the same issues calls it.

    Example: deja sources add github acme/desk
    """
    from services.sources.github import ADDRESS

    if not _REPOSITORY.fullmatch(repository):
        raise InputError(f"{repository} is no repository: write OWNER/REPO, such as acme/desk.")
    _connect("github", repository.lower(), api or ADDRESS, repository, channel, team_id)


def _connect(
    kind: str, account: str, address: str, scope: str, channel: str | None, team_id: str | None
) -> None:
    """Store a connection, and say what to do next."""
    from services.sources.api import check_address
    from services.sources.connections import add_connection

    checked = check_address(address)
    with open_database() as database, database.write() as session:
        workspace = find_workspace(session, team_id)
        source = add_connection(
            session,
            workspace,
            kind=kind,
            account=account,
            address=checked,
            scope=scope,
            channel=channel,
            now=utc_now(),
        )
        name = source.name
    notes.print(
        f"{name} is added. `deja sources check {name}` tries it, `deja sources sync {name}` reads"
        " it now; a running worker reads it by itself.",
        markup=False,
        highlight=False,
    )
