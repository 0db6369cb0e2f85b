"""`deja db`."""

from __future__ import annotations

import click

import migrations
from bot.cli.terminal import load_settings, notes
from bot.connection import connect


@click.group()
def db() -> None:
    """Create or upgrade the database's tables."""


@db.command()
def upgrade() -> None:
    """Create the tables, or upgrade them to the newest revision.

    Back up the database first: an older version of Déjà cannot read upgraded tables.

    Example: deja db upgrade
    """
    database = connect(load_settings())
    before = migrations.current_revision(database.engine)
    if before != migrations.newest_revision():
        migrations.upgrade(database.engine)
    after = migrations.current_revision(database.engine)
    notes.print(
        f"The database is already at revision {after}."
        if before == after
        else f"The database was upgraded from revision {before or '(none)'} to {after}."
    )
    database.close()
