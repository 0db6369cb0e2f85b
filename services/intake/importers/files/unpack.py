"""Unpacking archives to temporary files, within limits.

Of an archive that is cut off, by a broken download or a full disk, what is there is unpacked.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import IO, cast

from services.errors import InputError
from services.intake.importers.files.archive import DAMAGE, ENCRYPTED
from services.intake.importers.files.unpack_limits import Budget, XzFile

# What is lost at most where a tar ends too early.
_BLOCK = 1 << 13

# How programs pack one file, by its first bytes.
_PACKED: dict[bytes, tuple[str, Callable[[Path], BufferedIOBase]]] = {
    b"\x1f\x8b": ("gzip", gzip.GzipFile),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zX": ("xz", XzFile),
}


def is_packed(head: bytes) -> bool:
    """Say whether a file that begins so is one packed file."""
    return head.startswith(tuple(_PACKED))


def unpack_file(file: Path, folder: Path, name: str, budget: Budget) -> tuple[Path, bool]:
    """Return the content of a packed file in a folder, and whether the file is cut off.

    Raises `InputError` if it is damaged in another way, or nothing of it can be read.
    """
    inner = folder / _file_name(0, PurePosixPath(name).stem)
    with file.open("rb") as stream:
        head = stream.read(4)
    kind, open_ = next(how for mark, how in _PACKED.items() if head.startswith(mark))
    try:
        with open_(file) as source, inner.open("wb") as copy:
            try:
                _copy(source, copy, file.stat().st_size, name, budget)
            except EOFError:
                if not copy.tell():
                    raise
                return inner, True
    except (OSError, EOFError, zlib.error, lzma.LZMAError, MemoryError) as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise InputError(f"{name} needs too much memory here: unpack it first.") from error
        raise InputError(f"{name} is not a {kind} file, or it is damaged.") from error
    return inner, False


def unpack_tar(
    file: Path,
    folder: Path,
    name: str,
    is_wanted: Callable[[PurePosixPath], bool],
    budget: Budget,
) -> tuple[list[tuple[Path, str]], bool]:
    """Return the wanted files of a tar with their paths in it, and whether the tar is cut off.

    Raises `InputError` if it has none and is damaged.
    """
    copies: list[tuple[Path, str]] = []
    packed = file.stat().st_size
    try:
        with tarfile.open(file) as archive:
            for number, info in enumerate(archive):
                path = PurePosixPath(info.name)
                source = archive.extractfile(info) if info.isfile() else None
                if source is not None and is_wanted(path):
                    copies.append((folder / _file_name(number, info.name), info.name))
                    with copies[-1][0].open("wb") as copy:
                        _copy(cast(BufferedIOBase, source), copy, packed, name, budget)
    except (tarfile.TarError, EOFError) as error:  # EOFError: of .tar.bz2 and .tar.xz
        if not copies:
            raise InputError(f"{name} is not a tar archive, or it is damaged.") from error
        return copies, True
    return copies, False


def broken_zip(file: Path, name: str) -> str:
    """Return why a file cannot be read as a ZIP archive."""
    with file.open("rb") as stream:
        is_begun = stream.read(2) == b"PK"
    if is_begun:
        return f"{name} is cut off or damaged: the list of its files, at its end, cannot be read."
    return f"{name} is not a ZIP archive."


def unpack_member(
    archive: zipfile.ZipFile, number: int, folder: Path, name: str, budget: Budget
) -> Path:
    """Return the file of a ZIP that has a number in its list, in a folder.

    Raises `InputError` if it is damaged or encrypted.
    """
    info = archive.infolist()[number]
    if info.flag_bits & ENCRYPTED:
        raise InputError(
            f"{name} is encrypted: unpack it with its password, and import what it has."
        )
    inner = folder / _file_name(number, info.filename)
    try:
        with archive.open(info) as source, inner.open("wb") as copy:
            _copy(cast(BufferedIOBase, source), copy, info.compress_size, name, budget)
    except (*DAMAGE, lzma.LZMAError, MemoryError) as error:
        why = str(error).rstrip(".") or "it is damaged"
        raise InputError(f"{name}: {info.filename} cannot be unpacked: {why}.") from error
    return inner


# Characters; what is longer is no suffix of a known kind.
_MAX_SUFFIX = 12


def _file_name(number: int, name: str) -> str:
    """Return how the copy of a file is named.

    Not as the file itself, whose name may be longer than any that this system takes, or `..`.
    """
    suffix = PurePosixPath(name).suffix
    return f"{number}{suffix if len(suffix) <= _MAX_SUFFIX else ''}"


def _copy(
    source: BufferedIOBase, target: IO[bytes], packed: int, name: str, budget: Budget
) -> None:
    """Copy block by block; nearly all that stands before an error is copied, too."""
    own = Budget.of_file(packed, name)
    while block := source.read1(_BLOCK):
        own.spend(len(block))
        budget.spend(len(block))
        target.write(block)
