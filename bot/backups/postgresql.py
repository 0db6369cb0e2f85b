"""Backups of PostgreSQL by its own programs, `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from services.errors import DatabaseError, InputError, SettingsError

MAGIC = b"PGDMP"


def is_backup(file: Path) -> bool:
    """Say whether a file is an archive of `pg_dump`."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def dump(url: URL, file: Path) -> None:
    """Write all of a database to a file. Raises `DatabaseError` if that fails."""
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={file}"], url)


def check(file: Path) -> None:
    """Raise `InputError` for a file that cannot be read, or is none of Déjà's."""
    try:
        listed = _run(["pg_restore", "--list", str(file)])
    except DatabaseError as error:
        raise InputError(f"{file} is no backup, or is damaged: {error}") from error
    if "TABLE DATA public alembic_version" not in listed:
        raise InputError(f"{file} is no backup of Déjà.")


def restore(file: Path, url: URL) -> None:
    """Replace what is in a database by a backup, in one transaction. Raises `DatabaseError`."""
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    _run(["pg_restore", *options, f"--dbname={url.database}", str(file)], url)


def _run(command: list[str], url: URL | None = None) -> str:
    """Run a program and return what it wrote. Others see its arguments: no password is among them.

    Raises `SettingsError` if it is missing, and `DatabaseError` with its first line if it fails.
    """
    if shutil.which(command[0]) is None:
        raise SettingsError(
            f"{command[0]} is missing: install PostgreSQL's client programs, of the server's "
            "version (Debian: apt install postgresql-client)."
        )
    environment = {**os.environ, **({} if url is None else _connection(url))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        texts = [line.removeprefix(f"{command[0]}: ").removeprefix("error: ") for line in lines]
        # The second line may say what the first one is about.
        raise DatabaseError("; ".join(text.removeprefix("detail: ") for text in texts[:2]) + ".")
    return done.stdout


def _connection(url: URL) -> dict[str, str]:
    """Return the environment variables from which PostgreSQL's programs take a connection."""
    known = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "host": "PGHOST"}
    parts = {known[name]: str(value) for name, value in url.query.items() if name in known}
    named = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return parts | {name: str(value) for name, value in named.items() if value is not None}
