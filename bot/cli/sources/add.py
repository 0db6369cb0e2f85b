"""`deja sources add`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import click

from bot.cli.group import CommandGroup
from bot.cli.options import WORKSPACE
from bot.cli.sources.tokens import ACCOUNT, WITH_TOKEN, read_token
from bot.cli.terminal import load_settings, me, notes, open_database
from bot.clock import utc_now
from bot.keys import open_keyring
from services.errors import InputError
from services.memory.workspaces import find_workspace
from services.sources.credentials import check_credentials, store_credentials
from services.sources.registry import add_webhook

CHANNEL = click.option(
    "--channel", metavar="NAME", help="Only who reads this channel sees the tickets."
)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", re.ASCII)
# Of an address, and of all names together.
MAX_LENGTH = 255

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


@click.group("add", cls=CommandGroup)
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
    settings = load_settings()
    with open_database(settings) as database, database.write() as session:
        workspace = find_workspace(session, team_id)
        keyring = open_keyring(settings)
        secret = add_webhook(
            session, workspace, name, channel=channel, now=utc_now(), keyring=keyring
        )
    notes.print(f"{name} may send tickets to /ingest/{name}. Its secret, shown this once:")
    click.echo(secret)


@add.command("github")
@click.argument("repository", metavar="OWNER/REPO")
@click.option("--api", metavar="URL", help="The API of a GitHub Enterprise Server.")
@CHANNEL
@WORKSPACE
@WITH_TOKEN
def github(
    repository: str, api: str | None, channel: str | None, team_id: str | None, with_token: bool
) -> None:
    """Fetch the issues of a GitHub repository, now and whenever they change.

    Set DEJA_GITHUB_TOKEN first, or say --with-token. All full members of the workspace see the
    tickets, or with --channel the readers of that channel. The source is called github/OWNER/REPO,
    as an import of the same issues calls it.

    Example: deja sources add github acme/desk
    """
    from services.sources.github import ADDRESS

    if not _REPOSITORY.fullmatch(repository):
        raise InputError(f"{repository} is no repository: write OWNER/REPO, such as acme/desk.")
    place = Place("github", repository.lower(), api or ADDRESS, repository, channel, team_id)
    _connect(place, with_token=with_token)


@add.command("jira")
@click.argument("site", metavar="SITE")
@click.argument("projects", metavar="PROJECT…", nargs=-1, required=True)
@click.option("--api", metavar="URL", help="Another address of the site's API.")
@CHANNEL
@WORKSPACE
@WITH_TOKEN
@ACCOUNT
def jira(
    site: str,
    projects: tuple[str, ...],
    api: str | None,
    channel: str | None,
    team_id: str | None,
    with_token: bool,
    account: str | None,
) -> None:
    """Fetch the issues of projects of Jira Cloud, now and whenever they change.

    Set DEJA_JIRA_EMAIL and DEJA_JIRA_TOKEN first, or say --with-token and --account. All full
    members of the workspace see the tickets, or with --channel the readers of that channel. The
    source is called jira/SITE, as an import of the same issues calls it.

    Example: deja sources add jira acme.atlassian.net HELP
    """
    from services.sources.jira import PROJECT

    host = site.strip().removeprefix("https://").rstrip("/").lower()
    if not _HOST.fullmatch(host):
        raise InputError(f"{site} is no site: write its host, such as acme.atlassian.net.")
    wrong = [one for one in projects if not PROJECT.fullmatch(one)]
    if wrong:
        raise InputError(f"{wrong[0]} is no key of a project: write the HELP of HELP-12.")
    place = Place("jira", host, api or f"https://{host}", ",".join(projects), channel, team_id)
    _connect(place, with_token=with_token, account=account)


@add.command("zendesk")
@click.argument("name", metavar="ACCOUNT")
@click.option("--api", metavar="URL", help="Another address of the account's API.")
@CHANNEL
@WORKSPACE
@WITH_TOKEN
@ACCOUNT
def zendesk(
    name: str,
    api: str | None,
    channel: str | None,
    team_id: str | None,
    with_token: bool,
    account: str | None,
) -> None:
    """Fetch the tickets of a Zendesk account, now and whenever they change.

    Set DEJA_ZENDESK_CLIENT_ID and DEJA_ZENDESK_CLIENT_SECRET first, or say --with-token and
    --account. All full members of the workspace see the tickets, or with --channel the readers of
    that channel. ACCOUNT is the first part of its address, such as acme of acme.zendesk.com. The
    source is called zendesk/ACCOUNT, as an import of the same tickets calls it.

    Example: deja sources add zendesk acme
    """
    host = name.strip().lower().removesuffix(".zendesk.com")
    if not _ACCOUNT.fullmatch(host):
        raise InputError(f"{name} is no account: write the acme of acme.zendesk.com.")
    place = Place("zendesk", host, api or f"https://{host}.zendesk.com", "", channel, team_id)
    _connect(place, with_token=with_token, account=account)


@dataclass(frozen=True)
class Place:
    """Where tickets are fetched, and who sees them here."""

    kind: str
    account: str
    address: str
    scope: str
    channel: str | None
    team_id: str | None


def _connect(place: Place, *, with_token: bool, account: str | None = None) -> None:
    """Store a connection, and say what to do next."""
    from services.sources.api import check_address
    from services.sources.connections import add_connection

    checked = check_address(place.address)
    if max(len(checked), len(place.scope)) > MAX_LENGTH:
        raise InputError(f"More than {MAX_LENGTH} characters cannot be stored: name fewer.")
    if account and not with_token:
        raise InputError("--account belongs to a token: say --with-token, too.")
    own = check_credentials(place.kind, read_token(), account) if with_token else None
    settings = load_settings()
    with open_database(settings) as database, database.write() as session:
        source = add_connection(
            session,
            find_workspace(session, place.team_id),
            kind=place.kind,
            account=place.account,
            address=checked,
            scope=place.scope,
            channel=place.channel,
            now=utc_now(),
        )
        if own is not None:
            keyring = open_keyring(settings)
            store_credentials(session, source, own, keyring, by=me(), now=utc_now())
        name = source.name
    notes.print(
        f"{name} is added. `deja sources check {name}` tries it, `deja sources sync {name}` reads"
        " it now; a running worker reads it by itself.",
        markup=False,
    )
