"""The files of a Slack export (a ZIP or a folder), read one by one and never unpacked to disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from services.errors import InputError

# A busy channel's day has a few megabytes, and about five times as much as Python objects.
MAX_FILE_BYTES = 64 << 20

# All files of an export together. Years of a large company come to a few gigabytes.
MAX_TOTAL_BYTES = 32 << 30

# Compression ratios: JSON about 10, a day of one bot's repeated notices 50, ZIP bombs up to 1,000.
# Files up to `MIN_CHECKED_BYTES` may have any.
MAX_RATIO = 200
MIN_CHECKED_BYTES = 1 << 20

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1

# What zipfile raises for damaged archives, depending on where the damage is.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
    OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class Archive:
    """An export's JSON files: `NAME.json` and `FOLDER/NAME.json`, sorted."""

    names: list[str]
    read_bytes: Callable[[str], bytes]

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises `InputError` if it is damaged or too large."""
        try:
            data = self.read_bytes(name)
        except _DAMAGE as error:
            reason = getattr(error, "strerror", None) or "damaged"
            raise InputError(f"it cannot be read: {reason}") from error
        if len(data) > MAX_FILE_BYTES:
            raise InputError(f"it is larger than {MAX_FILE_BYTES >> 20} MB")
        return data


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Give the files of the export at `path`. Raises `InputError` if it is invalid."""
    if path.is_dir():
        yield _folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise InputError(f"{path.name} is not a ZIP archive, or it is damaged.") from error
    with archive:
        yield _zip(archive, path.name)


def _folder(root: Path) -> Archive:
    files = sorted({*root.glob("*.json"), *root.glob("*/*.json")})
    for file in files:
        if not file.resolve().is_relative_to(root.resolve()):
            raise InputError(f"{file} leads out of the export's folder.")

    def read(name: str) -> bytes:
        with (root / name).open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)

    return Archive([file.relative_to(root).as_posix() for file in files], read)


def _zip(archive: zipfile.ZipFile, shown: str) -> Archive:
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    for info in members:
        _check_member(info, shown)
    files = _rooted({info.filename.replace("\\", "/"): info for info in members})
    total = sum(info.file_size for info in files.values())
    if total > MAX_TOTAL_BYTES:
        raise InputError(
            f"{shown} unpacks to {total >> 30} GB, more than {MAX_TOTAL_BYTES >> 30}: "
            "import its channels in parts."
        )

    def read(name: str) -> bytes:
        with archive.open(files[name]) as stream:
            return stream.read(MAX_FILE_BYTES + 1)

    return Archive(sorted(files), read)


def _check_member(info: zipfile.ZipInfo, shown: str) -> None:
    path = PureWindowsPath(info.filename)  # understands both kinds of slashes, and drives
    if path.anchor or ".." in path.parts:
        raise InputError(f"{shown} has a file whose path leads out of it: {info.filename!r}.")
    if info.flag_bits & _ENCRYPTED:
        raise InputError(f"{shown} is encrypted: unpack it and import the folder.")
    if info.compress_type not in _METHODS:
        raise InputError(f"{shown} is compressed in an unusual way: unpack it, import the folder.")
    limit = max(MIN_CHECKED_BYTES, MAX_RATIO * info.compress_size)
    if info.file_size > limit:
        raise InputError(
            f"{shown} has a file that unpacks to over {MAX_RATIO} times its size "
            f"({info.filename!r}): that is no export."
        )


def _rooted(members: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the JSON files by path from the export's root, which may be an inner folder."""
    roots = [
        path.parent
        for path in map(PurePosixPath, members)
        if path.name in {"channels.json", "groups.json"}
    ]
    root = min(roots, key=lambda folder: len(folder.parts), default=PurePosixPath())
    found = {}
    for name, info in members.items():
        path = PurePosixPath(name)
        if path.suffix == ".json" and path.is_relative_to(root):
            inner = path.relative_to(root)
            if len(inner.parts) <= 2:  # noqa: PLR2004 - a folder and a file
                found[inner.as_posix()] = info
    return found
