"""`deja backup` and `deja restore`."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.options import FilePath
from bot.cli.terminal import count, load_settings, notes, print_json, progress_bar
from bot.cli.upkeep.secrets_text import key_note
from bot.clock import utc_now
from bot.connection import connect
from bot.keys import key_source
from services.secrets.keyring import missing_key_text

_FILE = FilePath(path_type=Path)


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
    pg_dump. The index is no part of it: it is rebuilt. A backup holds what people wrote: guard it
    like the database. Tokens in it are encrypted, and their key is no part of it: keep a copy of
    DEJA_SECRET_KEY, or of secret.key in the data folder, elsewhere.

    Example: deja backup /var/backups/deja --keep 14
    """
    from bot.backups.backup import back_up, remove_old

    if keep is not None and not file.is_dir():
        raise click.UsageError("--keep needs a folder that exists.")
    settings = load_settings()
    database = connect(settings)
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
                "keys": sorted(done.keys),
                "removed": [str(one) for one in removed],
            }
        )
        return
    megabytes = f"{done.size / 1e6:,.1f} MB"
    notes.print(f"Backed up to {done.file} ({megabytes}, revision {done.revision}) and verified.")
    if done.keys:
        notes.print(key_note(done.keys, key_source(settings)), markup=False)
    for one in removed:
        notes.print(f"Deleted {one}.")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--overwrite", is_flag=True, help="Replace a database that has tables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def restore(file: Path, overwrite: bool, as_json: bool) -> None:
    """Replace the database by the backup in FILE. Stop the bot and its workers first.

    A database that has tables is replaced only with --overwrite. The index is deleted, and rebuilt
    at the next start. The command says what was erased since the backup and is back, as far as the
    replaced database knows. Tokens in the backup need the key that they were encrypted with; if it
    is not here, it says which one is missing.

    Example: deja restore /var/backups/deja/deja-20261128-031500.db
    """
    import migrations
    from bot.backups.backup import restore as restore_backup

    settings = load_settings()
    done = restore_backup(settings, file, overwrite=overwrite)
    is_current = done.revision == migrations.newest_revision()
    if as_json:
        print_json(
            {
                "file": str(file),
                "revision": done.revision,
                "is_current": is_current,
                "missing_keys": done.missing_keys,
                "undone_erasures": None if done.undone is None else list(map(str, done.undone)),
            }
        )
        return
    notes.print(f"Restored from {file} (revision {done.revision}).")
    if done.missing_keys:
        place = key_source(settings).place
        notes.print(missing_key_text(done.missing_keys, place), markup=False)
    if done.undone is None:
        notes.print(
            "Here was no database before: what was erased since the backup was made is back, and "
            "nothing here knows of it. `deja audit` where it is from lists erasures: repeat them."
        )
    elif done.undone:
        erasures = count(len(done.undone), "erasure is newer", "erasures are newer")
        notes.print(f"{erasures} than the backup, and what was erased is back: erase it again.")
        for one in done.undone:
            notes.print(f"  {one}", markup=False)
    if not is_current:
        notes.print("It is from an older version: run `deja db upgrade`.")
