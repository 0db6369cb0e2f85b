"""Files that hold secrets: written beside their place, for their owner alone, and then moved."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.errors import InputError

OWNER_ONLY = 0o600


def is_stream(file: Path) -> bool:
    """Say whether "-" was given in place of a file: standard input or output."""
    return str(file) == "-"


@contextmanager
def replaced_file(file: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give the name of an empty file that becomes `file` at the end, or is removed on an error.

    Raises `InputError` if there is such a file, unless told to `overwrite` it, if its folder
    cannot be written, if the disk is full, and for "-", which is the name of no file elsewhere.
    """
    if is_stream(file):
        raise InputError("- is no file here: name one.")
    if file.exists() and not overwrite:
        raise InputError(f"{file} exists: name another file, or say --overwrite.")
    if file.exists() and not file.is_file():  # a device, say, which a file would take the place of
        raise InputError(f"{file} is no file.")
    part = file.with_name(f".{file.name}.part")
    try:
        with suppress(FileNotFoundError):
            part.unlink()  # of a run that was killed
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from error
    try:
        yield part
        _sync(part)
        part.replace(file)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise InputError(f"{file} cannot be written: the disk is full.") from error
    finally:
        for one in (part, part.with_name(f"{part.name}-journal")):  # SQLite's, on a full disk
            one.unlink(missing_ok=True)


def _sync(file: Path) -> None:
    """Have a file on the disk before it takes the place of another one."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
