"""The files of a Slack export (a ZIP or a folder), read one by one and never unpacked to disk."""

from __future__ import annotations

import posixpath
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

from services.errors import InputError

# A busy channel's day has a few megabytes, and about five times as much as Python objects.
MAX_FILE_BYTES = 64 << 20

# All files of an export together. Years of a large company come to a few gigabytes.
MAX_TOTAL_BYTES = 32 << 30

# Compression ratios: JSON about 10, a day of one bot's repeated notices 50, ZIP bombs up to 1,000.
# Files up to `MIN_CHECKED_BYTES` may have any.
MAX_RATIO = 200
MIN_CHECKED_BYTES = 1 << 20

# Folders and the file itself: an extra folder, "teams", a workspace, a channel, a day.
MAX_DEPTH = 5

# The lists of channels and people; an export's root is the folder that holds all of them.
LISTS = {"channels.json", "groups.json", "org_users.json"}

# On Enterprise Grid each workspace has a folder in this one.
TEAMS = "teams"

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED = 0x1
_UTF8 = 0x800

_File = TypeVar("_File")

# What zipfile raises for damaged archives, depending on where the damage is.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
    OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class Archive:
    """An export's JSON files by path from its root, sorted; the paths are in NFC."""

    names: list[str]
    read_bytes: Callable[[str], bytes]

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises `InputError` if it is damaged or too large."""
        try:
            data = self.read_bytes(name)
        except DAMAGE as error:
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
    except DAMAGE as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise InputError(f"{path.name} is not a ZIP archive, or it is damaged.") from error
    with archive:
        yield _zip(archive, path.name)


def _folder(root: Path) -> Archive:
    patterns = ("/".join(["*"] * depth) for depth in range(MAX_DEPTH))
    found = {file for pattern in patterns for file in root.glob(f"{pattern}/*.json".lstrip("/"))}
    for file in found:
        if not file.resolve().is_relative_to(root.resolve()):
            raise InputError(f"{file} leads out of the export's folder.")
    files = _rooted({file.relative_to(root).as_posix(): file for file in sorted(found)})

    def read(name: str) -> bytes:
        with files[name].open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)

    return Archive(sorted(files), read)


def _zip(archive: zipfile.ZipFile, shown: str) -> Archive:
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    for info in members:
        check_member(info, shown)
    files = _rooted({member_name(info): info for info in members})
    check_total(files.values(), shown)

    def read(name: str) -> bytes:
        with archive.open(files[name]) as stream:
            return stream.read(MAX_FILE_BYTES + 1)

    return Archive(sorted(files), read)


def member_name(info: zipfile.ZipInfo) -> str:
    """Return the path of a file in a ZIP.

    Names in UTF-8 without the flag that says so are read as code page 437 by Python.
    """
    name = info.filename.replace("\\", "/")
    if info.flag_bits & _UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def check_total(members: Iterable[zipfile.ZipInfo], shown: str) -> None:
    """Raise `InputError` if the files of a ZIP are too large together."""
    total = sum(info.file_size for info in members)
    if total > MAX_TOTAL_BYTES:
        raise InputError(
            f"{shown} unpacks to {total >> 30} GB, more than {MAX_TOTAL_BYTES >> 30}: "
            "import its channels in parts."
        )


def check_member(info: zipfile.ZipInfo, shown: str) -> None:
    """Raise `InputError` if a file of a ZIP is encrypted, a bomb, or leads out of it.

    What its directory says of sizes can be relied on: nothing longer is unpacked.
    """
    path = PureWindowsPath(info.filename)  # understands both kinds of slashes, and drives
    if path.anchor or ".." in path.parts:
        raise InputError(f"{shown} has a file whose path leads out of it: {info.filename!r}.")
    if info.flag_bits & ENCRYPTED:
        raise InputError(f"{shown} is encrypted: unpack it and import the folder.")
    if info.compress_type not in _METHODS:
        raise InputError(f"{shown} is compressed in an unusual way: unpack it, import the folder.")
    limit = max(MIN_CHECKED_BYTES, MAX_RATIO * info.compress_size)
    if info.file_size > limit:
        raise InputError(
            f"{shown} has a file that unpacks to over {MAX_RATIO} times its size "
            f"({info.filename!r}): that is no export."
        )


def _rooted(files: Mapping[str, _File]) -> dict[str, _File]:
    """Return the JSON files by path from the export's root, which may be an inner folder."""
    paths = {PurePosixPath(unicodedata.normalize("NFC", name)): one for name, one in files.items()}
    paths = {path: one for path, one in paths.items() if _is_of_export(path)}
    roots = [path.parent for path in paths if path.name in LISTS]
    root = PurePosixPath(posixpath.commonpath(roots)) if roots else PurePosixPath()
    if root.name == TEAMS:
        root = root.parent
    return {
        path.relative_to(root).as_posix(): one
        for path, one in paths.items()
        if path.is_relative_to(root) and len(path.relative_to(root).parts) <= MAX_DEPTH
    }


def _is_of_export(path: PurePosixPath) -> bool:
    """Say whether a file is part of an export, and not of what macOS adds to a ZIP."""
    is_added = path.parts[0] == "__MACOSX" or path.name.startswith("._")
    return path.suffix == ".json" and not is_added
