"""Tokens of single sources: read where no list of processes shows them."""

from __future__ import annotations

import os
import sys

import click

from bot.cli.terminal import load_settings, me, notes, open_database
from bot.clock import utc_now
from bot.keys import open_keyring
from services.errors import InputError
from services.sources.credentials import check_credentials, store_credentials
from services.sources.registry import find_source

WITH_TOKEN = click.option(
    "--with-token",
    is_flag=True,
    help="Store a token for this source alone: asked for, or read from standard input.",
)
ACCOUNT = click.option(
    "--account",
    metavar="NAME",
    help="With a token of Jira its account's e-mail address, with one of Zendesk the client's id.",
)


@click.command("token")
@click.argument("name")
@ACCOUNT
@click.option("--from-env", metavar="VARIABLE", help="Take the token from this variable.")
@click.option("--remove", is_flag=True, help="Delete the token; that of the settings is used.")
def token(name: str, account: str | None, from_env: str | None, remove: bool) -> None:
    """Store a token for a source, in place of that of the settings.

    It is asked for, or read from standard input; as an argument it would show in the list of
    processes. It is encrypted: see `deja secrets status`.

    \b
    Examples:
      deja sources token github/acme/desk
      deja sources token jira/acme.atlassian.net --account me@acme.example < token
    """
    settings = load_settings()
    with open_database(settings) as database:
        with database.read() as session:
            kind = find_source(session, name).kind
        credentials = None
        if not remove:
            credentials = check_credentials(kind, read_token(from_env), account)
        with database.write() as session:
            store_credentials(
                session,
                find_source(session, name),
                credentials,
                open_keyring(settings),
                by=me(),
                now=utc_now(),
            )
    text = f"The token of {name} is stored. `deja sources check {name}` tries it."
    if remove:
        text = f"The token of {name} is deleted. That of the settings is used from now on."
    notes.print(text, markup=False)


def read_token(variable: str | None = None) -> str:
    """Return a token from a variable of the environment, the terminal or standard input.

    Raises `InputError` if the variable is not set.
    """
    if variable is not None:
        found = os.environ.get(variable)
        if found is None:
            raise InputError(f"{variable} is not set.")
        return found.strip()
    if sys.stdin.isatty():
        asked: str = click.prompt("Token", hide_input=True, err=True)
        return asked.strip()
    return sys.stdin.readline().strip()
