"""`deja db`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import URL, make_url

from bot.cli.group import CommandGroup
from bot.cli.terminal import load_settings, notes, print_json, print_table, progress_bar
from bot.clock import utc_now
from bot.connection import connect, open_current
from services.errors import InputError

if TYPE_CHECKING:
    from bot.settings import Settings
    from models import Database


@click.group(cls=CommandGroup)
def db() -> None:
    """Create or upgrade the database's tables, or move to another database."""


@db.command()
@click.option("--no-backup", is_flag=True, help="Do not back up the database first.")
def upgrade(no_backup: bool) -> None:
    """Create the tables, or upgrade them to the newest revision.

    A database that has tables is backed up first, in the folder `backups` of the data folder: an
    older version of Déjà cannot read upgraded tables.

    Example: deja db upgrade
    """
    from bot.backups import upgrade as upgrades

    done = upgrades.upgrade(load_settings(), utc_now(), backs_up=not no_backup)
    if done.backup is not None:
        notes.print(f"The database was backed up to {done.backup.file}.")
    notes.print(
        f"The database is already at revision {done.after}."
        if done.before == done.after
        else f"The database was upgraded from revision {done.before or '(none)'} to {done.after}."
    )


@db.command("copy")
@click.argument("to_url")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for each table.")
def copy_(to_url: str, as_json: bool) -> None:
    """Copy everything to the database TO_URL, of either kind. Stop the bot and its workers first.

    The other database must be empty; its tables are made. Rows and digests of each table are then
    compared. If it is interrupted, run it again: it goes on where it was. This database stays as it
    is: set DEJA_DATABASE_URL to the other one and start.

    TO_URL may be `-`: it is then read from standard input, so that its password shows in no list of
    processes.

    Example: deja db copy postgresql+psycopg://deja@db/deja
    """
    from bot.backups.transfer import transfer

    url = sys.stdin.readline().strip() if to_url == "-" else to_url
    settings = load_settings()
    source = open_current(settings)
    try:
        target = _open_target(settings, url)
        try:
            with progress_bar("Copying", None) as progress:
                copied = transfer(source, target, lambda _, done, of: progress.update(done, of))
        finally:
            target.close()
    finally:
        source.close()
    if as_json:
        for one in copied:
            print_json({"table": one.name, "rows": one.rows, "digest": one.digest})
        return
    rows = [[one.name, f"{one.rows:,}", one.digest[:16]] for one in copied if one.rows]
    print_table("Copied, and the same in both databases", ["table", "rows", "digest"], rows)
    notes.print("Now set DEJA_DATABASE_URL to the other database, and start the bot.")


def _open_target(settings: Settings, url: str) -> Database:
    """Return the other database with this version's tables, made if it has none."""
    from bot.backups.transfer import make_target_tables
    from bot.settings import Settings  # the help needs no settings

    if not url:
        raise InputError("Name the other database, such as sqlite:////srv/deja/deja.db.")
    target = connect(
        Settings.from_mapping({"DEJA_DATABASE_URL": url, "DEJA_DATA_DIR": str(settings.data_dir)})
    )
    try:
        _ensure_other(make_url(settings.database_url.get_secret_value()), target)
        make_target_tables(target)
    except BaseException:
        target.close()
        raise
    return target


def _ensure_other(used: URL, target: Database) -> None:
    """Raise `InputError` for the database in use, or one that is gone at the end."""
    found = target.engine.url
    is_same = used == found
    if target.is_sqlite:
        if not found.database or found.database.startswith(":"):
            raise InputError("Name a file: a database in memory is gone at the end.")
        files = [Path(str(one.database)).resolve() for one in (used, found)]
        is_same = files[0] == files[1] and used.get_backend_name() == found.get_backend_name()
    if is_same:
        raise InputError("This is the database in use: name another one.")
