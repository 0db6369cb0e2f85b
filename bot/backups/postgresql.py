"""Backups of PostgreSQL by its own programs, `pg_dump`, `pg_restore` and `psql`."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from tempfile import TemporaryFile
from typing import IO, cast

from sqlalchemy import URL, Engine, inspect

from models import Base
from services.errors import DatabaseError, InputError, SettingsError

MAGIC = b"PGDMP"

_REVISIONS = "alembic_version"
_REVISION = re.compile(rf"^COPY \S*{_REVISIONS} \(.*\) FROM stdin;\n(\S+)$", re.MULTILINE)
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", re.MULTILINE)

# What stands before the message in a line of an error.
_PLACE = re.compile(r"^(?:\w+:(?:<stdin>:\d+:)? )?(?:error: +|detail: +)?", re.IGNORECASE)

# Parts of an address that PostgreSQL's programs take from variables of the environment.
_VARIABLES = {
    name: f"PG{name.upper()}"
    for name in ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
}


def is_backup(file: Path) -> bool:
    """Say whether a file is an archive of `pg_dump`."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def dump(url: URL, file: Path) -> None:
    """Write all of a database to a file. Raises `DatabaseError` if that fails."""
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={file}"], url)


def check(file: Path) -> str:
    """Return the revision of a backup after all of it was read.

    Raises `InputError` for a file that is damaged or is none of Déjà's.
    """
    try:
        _run(["pg_restore", "--file=/dev/null", str(file)])
        found = _run(["pg_restore", "--data-only", f"--table={_REVISIONS}", "--file=-", str(file)])
    except DatabaseError as error:
        raise InputError(f"{file} is no backup, or is damaged: {error}") from error
    revision = _REVISION.search(found)
    if revision is None:
        raise InputError(f"{file} is no backup of Déjà.")
    return revision[1]


def restore(file: Path, engine: Engine) -> None:
    """Put a backup in place of Déjà's tables, in one transaction. Raises `DatabaseError`.

    A backup does not know the tables of a newer version, which refer to its own. What else is in
    the database stays unless it is in the backup, and so does the extension for vectors.
    """
    quote = engine.dialect.identifier_preparer.quote
    replaced = {_REVISIONS, *Base.metadata.tables, *_tables_of(file)}
    tables = ", ".join(map(quote, replaced.intersection(inspect(engine).get_table_names())))
    drop = f"DROP TABLE {tables} CASCADE;" if tables else ""
    begin = f"SET client_min_messages = warning; BEGIN; {drop}\n"
    read = [_found("pg_restore"), "--no-owner", "--no-comments", "--file=-", str(file)]
    write = [_found("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    to = _environment(engine.url)
    with TemporaryFile() as errors:
        with (
            Popen(write, env=to, stdin=PIPE, stdout=DEVNULL, stderr=errors) as psql,  # noqa: S603
            suppress(BrokenPipeError),  # it ended at an error, which it has written
            cast("IO[bytes]", psql.stdin) as script,
        ):
            script.write(begin.encode())
            script.flush()
            done = run(read, stdout=script, stderr=PIPE, check=False)  # noqa: S603 - no shell
            if not done.returncode:
                script.write(b"COMMIT;\n")  # without it nothing has happened
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    if psql.returncode:
        raise DatabaseError(_error_line("psql", said, psql.returncode))
    if done.returncode:
        raise DatabaseError(_error_line("pg_restore", done.stderr.decode(), done.returncode))


def _tables_of(file: Path) -> list[str]:
    return _TABLE.findall(_run(["pg_restore", "--list", str(file)]))


def _found(program: str) -> str:
    """Return a program. Raises `SettingsError` if it is missing."""
    if shutil.which(program) is None:
        raise SettingsError(
            f"{program} is missing: install PostgreSQL's client programs, of the server's "
            "version (Debian: apt install postgresql-client)."
        )
    return program


def _run(command: list[str], url: URL | None = None) -> str:
    """Run a program and return what it wrote. Others see its arguments: no password is among them.

    Raises `SettingsError` if it is missing, and `DatabaseError` with its first line if it fails.
    """
    _found(command[0])
    done = run(command, env=_environment(url), capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise DatabaseError(_error_line(command[0], done.stderr, done.returncode))
    return done.stdout


def _error_line(program: str, errors: str, code: int) -> str:
    """Return what a program said in its first two lines: the second may say what it is about."""
    lines = errors.strip().splitlines() or [f"{program} failed, exit code {code}"]
    texts = [_PLACE.sub("", line) for line in lines[:2]]
    return "; ".join(text.rstrip(".") for text in texts) + "."


def _environment(url: URL | None) -> dict[str, str]:
    """Return the environment variables from which PostgreSQL's programs take a connection."""
    if url is None:
        return dict(os.environ)
    query = {_VARIABLES[name]: value for name, value in url.query.items() if name in _VARIABLES}
    named = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    given = {**query, **{name: value for name, value in named.items() if value is not None}}
    return {**os.environ, **{name: str(value) for name, value in given.items()}}
