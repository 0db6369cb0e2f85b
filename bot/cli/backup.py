"""`deja backup` and `deja restore`."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.terminal import load_settings, notes, print_json, progress_bar
from bot.clock import utc_now
from bot.connection import connect

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
@click.option(
    "--keep", type=click.IntRange(1), help="In a folder: delete all but the newest backups."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def backup(file: Path, overwrite: bool, keep: int | None, as_json: bool) -> None:
    """Back up the database to FILE while the bot runs, and verify the backup.

    In a folder the file gets a name with the time. SQLite is copied as a database, PostgreSQL by
    pg_dump. The index is no part of it: it is rebuilt. A backup holds what people wrote and, with
    several workspaces, the bot tokens: guard it like the database.

    Example: deja backup /var/backups/deja --keep 14
    """
    from bot.backups.backup import back_up, remove_old

    if keep is not None and not file.is_dir():
        raise click.UsageError("--keep needs a folder that exists.")
    database = connect(load_settings())
    try:
        with progress_bar("Copying pages", None) as progress:
            done = back_up(database, file, utc_now(), overwrite=overwrite, progress=progress.update)
        removed = [] if keep is None else remove_old(database, file, keep)
    finally:
        database.close()
    if as_json:
        print_json(
            {
                "file": str(done.file),
                "bytes": done.size,
                "revision": done.revision,
                "removed": [str(one) for one in removed],
            }
        )
        return
    megabytes = f"{done.size / 1e6:,.1f} MB"
    notes.print(f"Backed up to {done.file} ({megabytes}, revision {done.revision}) and verified.")
    for one in removed:
        notes.print(f"Deleted {one}.")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--overwrite", is_flag=True, help="Replace a database that has tables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def restore(file: Path, overwrite: bool, as_json: bool) -> None:
    """Replace the database by the backup in FILE. Stop the bot and its workers first.

    A database that has tables is replaced only with --overwrite. The index is deleted, and rebuilt
    at the next start.

    Example: deja restore /var/backups/deja/deja-20261128-031500.db
    """
    import migrations
    from bot.backups.backup import restore as restore_backup

    revision = restore_backup(load_settings(), file, overwrite=overwrite)
    is_current = revision == migrations.newest_revision()
    if as_json:
        print_json({"file": str(file), "revision": revision, "is_current": is_current})
        return
    notes.print(f"Restored from {file} (revision {revision}).")
    if not is_current:
        notes.print("It is from an older version: run `deja db upgrade`.")
