"""A hidden folder beside the models, in which one process at a time makes a new one."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import InputError, ModelError

FOLDER_OWNER_ONLY = 0o700


@contextmanager
def alone(models: Path, part: str, command: str) -> Iterator[None]:
    """Make the folder of models, and let no other process make `part` in it.

    Raises `InputError` if one does, which runs the same command.
    """
    models.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
    # Kept as long as a process is at it, whatever becomes of it.
    with (models / f"{part}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"Another `{command}` is running on this data folder: wait for it."
            ) from None
        yield


@contextmanager
def making_model(models: Path, part: str, command: str) -> Iterator[Path]:
    """Give the empty folder `part` for what is being made; what is left in it is deleted.

    Raises `InputError` if another process runs the command, and `ModelError` for a full disk or
    anything else that cannot be written.
    """
    try:
        with alone(models, part, command):
            folder = models / part
            shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
            folder.mkdir(mode=FOLDER_OWNER_ONLY)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"The model could not be written: {error.strerror or error}. Nothing was kept."
        ) from error


def ensure_room(models: Path, needed: float) -> None:
    """Raise `InputError` if the disk has no room for so many bytes. Before the work, not after."""
    free = shutil.disk_usage(models).free
    if free < needed:
        raise InputError(
            f"{models} has no room for a model of {needed / 1e6:,.0f} MB: {free / 1e6:,.0f} are "
            "free. Nothing was done."
        )


def bytes_in(folder: Path, pattern: str) -> int:
    """Return how large the files of a folder are whose names are like that."""
    return sum(file.stat().st_size for file in folder.rglob(pattern) if file.is_file())
