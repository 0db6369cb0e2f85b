"""`deja db` and `deja index`."""

from __future__ import annotations

import click

import migrations
from bot.cli.terminal import load_settings, notes, services
from bot.wiring import connect


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
def upgrade() -> None:
    """Make the tables, or bring them to the newest revision.

    Back the database up first: a newer program may change what an older one needs.

    Example: deja db upgrade
    """
    database = connect(load_settings())
    before = migrations.current_revision(database.engine)
    migrations.upgrade(database.engine)
    after = migrations.current_revision(database.engine)
    notes.print(
        f"The database is at revision {after}."
        if before == after
        else f"The database went from revision {before or '(none)'} to {after}."
    )
    database.close()


@click.group()
def index() -> None:
    """The nearest-neighbour index, a cache of the database."""


@index.command()
def verify() -> None:
    """Compare the index with exact search.

    Example: deja index verify
    """
    with services() as deja:
        notes.print(str(deja.index))
