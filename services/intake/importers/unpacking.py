"""Unpacking archives to temporary files, within bounds; from one without its end what is there.

A download that broke off, or a full disk, leaves such an archive.
"""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import IO, cast

from services.errors import InputError
from services.intake.importers.archive import MAX_RATIO, MAX_TOTAL_BYTES, MIN_CHECKED_BYTES

# What is lost at most where a tar ends too early.
_BLOCK = 1 << 13


def unpack_gzip(file: Path, folder: Path, name: str) -> tuple[Path, bool]:
    """Return a gzip file's content in a folder, and whether the file is cut off.

    Raises `InputError` if it is damaged in another way, or nothing of it can be read.
    """
    inner = folder / (Path(name).stem or "input")
    try:
        with gzip.open(file) as source, inner.open("wb") as copy:
            try:
                _copy(source, copy, file.stat().st_size, name)
            except EOFError:
                if not copy.tell():
                    raise
                return inner, True
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{name} is not a gzip file, or it is damaged.") from error
    return inner, False


def unpack_tar(
    file: Path, folder: Path, name: str, is_wanted: Callable[[PurePosixPath], bool]
) -> tuple[list[tuple[Path, str]], bool]:
    """Return the wanted files of a tar with their paths in it, and whether the tar is cut off.

    Raises `InputError` if it has none and is damaged.
    """
    copies: list[tuple[Path, str]] = []
    try:
        with tarfile.open(file) as archive:
            for number, info in enumerate(archive):
                path = PurePosixPath(info.name)
                source = archive.extractfile(info) if info.isfile() else None
                if source is not None and is_wanted(path):
                    copies.append((folder / f"{number}-{path.name}", info.name))
                    with copies[-1][0].open("wb") as copy:
                        _copy(cast(BufferedIOBase, source), copy, file.stat().st_size, name)
    except (tarfile.TarError, EOFError) as error:  # EOFError: of .tar.bz2 and .tar.xz
        if not copies:
            raise InputError(f"{name} is not a tar archive, or it is damaged.") from error
        return copies, True
    return copies, False


def unpack_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, name: str) -> Path:
    """Return a file of a ZIP in a new folder. Raises `InputError` if it is damaged."""
    folder.mkdir()
    inner = folder / PurePosixPath(info.filename).name
    try:
        with archive.open(info) as source, inner.open("wb") as copy:
            _copy(cast(BufferedIOBase, source), copy, info.compress_size, name)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(f"{name}: {info.filename} cannot be unpacked: {error}.") from error
    return inner


def _copy(source: BufferedIOBase, target: IO[bytes], packed: int, name: str) -> None:
    """Copy block by block; nearly all that stands before an error is copied, too."""
    limit = min(max(MIN_CHECKED_BYTES, MAX_RATIO * packed), MAX_TOTAL_BYTES)
    size = 0
    while block := source.read1(_BLOCK):
        size += len(block)
        if size > limit:
            raise InputError(f"{name} unpacks to over {MAX_RATIO} times its size: no such tickets.")
        target.write(block)
