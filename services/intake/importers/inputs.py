"""Opening what is to be imported: a file, a compressed one, the files of an archive, stdin."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from services.errors import InputError
from services.intake.importers.files.folders import files_below
from services.intake.importers.files.unpack import (
    broken_zip,
    is_packed,
    unpack_file,
    unpack_member,
    unpack_tar,
)
from services.intake.importers.files.unpack_limits import MAX_LAYERS, Budget
from services.intake.importers.slack.slack_lists import has_lists, is_export
from services.intake.importers.slack.slackdump import is_dump, is_dump_database
from services.intake.importers.slack.slackdump_chunks import is_chunks, write_database
from services.intake.importers.tables.excel import unpack_workbook
from services.text.words.word_lists import words

STDIN = Path("-")

Kind = Literal[
    "file", "slack", "slackdump", "slackdump chunks", "slackdump database", "maildir", "mails",
    "sheet", "deja",
]  # fmt: skip

SLACK_KINDS: tuple[Kind, ...] = ("slack", "slackdump", "slackdump database")

# What an archive of `deja export` has, and nothing else.
EXPORT_MANIFEST = "deja-export.json"

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
# Documents that are ZIP archives, by a file that each has.
_DOCUMENTS = {
    "content.xml": "an OpenDocument file", "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint file", "Index/Document.iwa": "an Apple iWork file",
}  # fmt: skip

# Files that come with tickets and have none.
_EXTRAS = words(
    ".png .jpg .jpeg .gif .webp .svg .pdf .doc .docx .ppt .pptx .mp4 .mov .exe .md .html"
    " .sqlite-wal .sqlite-shm"
)  # fmt: skip
# Archives are opened in a folder or an archive that has nothing else. Beside files with tickets
# they are what people attached.
_ARCHIVES = words(".zip .gz .tgz .bz2 .xz .tar")


@dataclass(frozen=True)
class Input:
    """Something to import: `open` gives its bytes again each time.

    `path` is where it is; an export of Slack and a Maildir are read from there. One that is not
    `is_main` came along with others, such as a workbook's second sheet, and may hold no tickets.
    `warnings` say what is odd about it. One that `is_cut` is from an archive that ends too
    early: its last record may not be whole. `parts` are the files of one that has several;
    `read_apart` are the tables in it whose rows are replies to the tickets of another one.
    """

    name: str
    kind: Kind
    open: Callable[[], BinaryIO]
    path: Path
    is_main: bool = True
    warnings: tuple[str, ...] = ()
    is_cut: bool = False
    parts: tuple[Input, ...] = ()
    read_apart: frozenset[str] = frozenset()


@contextmanager
def open_inputs(path: Path, stdin: Callable[[], BinaryIO]) -> Iterator[list[Input]]:
    """Give what is to be imported at `path`. Raises `InputError` if it cannot be read."""
    with ExitStack() as stack:
        if path == STDIN:
            file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "input"
            with file.open("wb") as copy:
                shutil.copyfileobj(stdin(), copy)
            name = "standard input"
            found = list(_inputs(file, name, _Unpacking.of(file, name, stack)))
        elif path.is_dir():
            name, found = path.name, list(_of_folder(path, stack))
        else:
            name = path.name
            found = list(_inputs(path, name, _Unpacking.of(path, name, stack)))
        yield _with_chunks(found, name, stack)


def _with_chunks(found: list[Input], name: str, stack: ExitStack) -> list[Input]:
    """Return inputs with files of chunks as the one database that they belong to."""
    chunks = [one for one in found if one.kind == "slackdump chunks"]
    if not chunks:
        return found
    file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "chunks.sqlite"
    damaged = write_database(file, (one.open for one in chunks))
    warnings = (f"{damaged} damaged lines of slackdump's chunks are left out",) if damaged else ()
    whole = Input(name, "slackdump database", _opener(file), file, warnings=warnings)
    return [*(one for one in found if one not in chunks), whole]


def _of_folder(folder: Path, stack: ExitStack) -> Iterator[Input]:
    if (folder / "cur").is_dir() or (folder / "new").is_dir():
        yield Input(folder.name, "maildir", _nothing, folder)
        return
    names = {one.name for one in folder.iterdir()}
    files = [one for one in sorted(folder.iterdir()) if one.is_file() and _may_have_tickets(one)]
    if not (files or has_lists(names)):
        files = files_below(folder, _may_have_tickets)
    if has_lists(names) or not files or is_export([one.name for one in files]):
        yield Input(folder.name, "slack", _nothing, folder)
        return
    opened = _inputs if _are_archives(files) else _file
    for file in files:
        name = file.relative_to(folder).as_posix()
        yield from opened(file, name, _Unpacking.of(file, name, stack))


def _nothing() -> BinaryIO:
    return io.BytesIO()


def _may_have_tickets(path: Path | PurePosixPath) -> bool:
    hidden = any(
        (part.startswith(".") and part != "..") or part == "__MACOSX" for part in path.parts[-2:]
    )
    return not hidden and path.suffix.lower() not in _EXTRAS


def _are_archives(paths: Sequence[Path | PurePosixPath]) -> bool:
    return bool(paths) and all(path.suffix.lower() in _ARCHIVES for path in paths)


def _opener(file: Path) -> Callable[[], BinaryIO]:
    return partial(_open, file)


def _open(file: Path) -> BinaryIO:
    return file.open("rb")


def _file(file: Path, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    """Give a file that was unpacked or found in a folder: not an archive, but maybe a workbook."""
    with file.open("rb") as stream:
        is_zip = stream.read(4) == _ZIP
    if is_zip and zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            if _is_workbook(archive):
                yield from _of_workbook(file, name, unpacking)
                return
    yield _plain_file(file, name)


def _plain_file(file: Path, name: str) -> Input:
    kind: Kind = "file"
    if is_dump(_opener(file)):
        kind = "slackdump"
    elif is_chunks(_opener(file)):
        kind = "slackdump chunks"
    elif is_dump_database(file):
        kind = "slackdump database"
    return Input(name, kind, _opener(file), file)


def _of_workbook(file: Path, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    sheets = unpack_workbook(file, unpacking.folder(), name, unpacking.budget)
    for sheet in sheets:
        shown = f"{name}: {sheet.name}" if len(sheets) > 1 else name
        is_main = sheet is sheets[0]
        found = Input(shown, "sheet", _opener(sheet.file), sheet.file, is_main)
        yield replace(found, warnings=sheet.warnings)


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    return any(name.startswith("xl/workbook.") for name in archive.namelist())


@dataclass(frozen=True)
class _Unpacking:
    """The bounds of what is unpacked, and how many archives are around it."""

    stack: ExitStack
    budget: Budget
    layers: int = 0

    @classmethod
    def of(cls, file: Path, name: str, stack: ExitStack) -> _Unpacking:
        """Return that of a file."""
        return cls(stack, Budget.of_input(file.stat().st_size, name))

    def folder(self) -> Path:
        """Return a new folder to unpack to."""
        return Path(self.stack.enter_context(tempfile.TemporaryDirectory()))

    def inside(self, name: str) -> _Unpacking:
        """Return that of what is in an archive. Raises `InputError` if it is in too many."""
        if self.layers == MAX_LAYERS:
            raise InputError(
                f"{name} is packed more than {MAX_LAYERS} times over: unpack it first."
            )
        return replace(self, layers=self.layers + 1)


def _inputs(file: Path, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    with file.open("rb") as stream:
        head = stream.read(4)
    if is_packed(head):
        yield from _unpacked(file, name, unpacking)
    elif head in (_ZIP, _EMPTY_ZIP) or file.suffix.lower() == ".zip":
        yield from _of_zip(file, name, unpacking)
    elif tarfile.is_tarfile(file):
        yield from _of_tar(file, name, unpacking)
    else:
        yield _plain_file(file, name)


def _unpacked(file: Path, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    """Unpack to a temporary file: what is inside may be an archive again."""
    inside = unpacking.inside(name)
    inner, is_cut = unpack_file(file, unpacking.folder(), name, unpacking.budget)
    found = list(_inputs(inner, PurePosixPath(name).stem or "input", inside))
    yield from _ending_early(found) if is_cut else found


def _ending_early(found: Sequence[Input]) -> Iterator[Input]:
    """Give the inputs of an archive without its end, which cuts off the last of them."""
    yield from found[:-1]
    yield from (replace(one, is_cut=True) for one in found[-1:])


def _of_zip(file: Path, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    try:
        archive = unpacking.stack.enter_context(zipfile.ZipFile(file))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(broken_zip(file, name)) from error
    paths = [PurePosixPath(one) for one in archive.namelist()]
    if _is_workbook(archive):
        yield from _of_workbook(file, name, unpacking)
    elif kind := next((kind for one, kind in _DOCUMENTS.items() if one in archive.namelist()), ""):
        raise InputError(f"{name} is {kind}: save the tickets as Excel (.xlsx) or CSV.")
    elif PurePosixPath(EXPORT_MANIFEST) in paths:
        yield Input(name, "deja", _nothing, file)
    elif is_export([path.name for path in paths if path.suffix]):
        yield Input(name, "slack", _nothing, file)
    else:
        yield from _of_members(archive, name, unpacking)


def _of_members(archive: zipfile.ZipFile, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    folder, budget = unpacking.folder(), unpacking.budget
    # A name that comes twice is that of the last one.
    members = {
        PurePosixPath(one.filename): number
        for number, one in enumerate(archive.infolist())
        if not one.is_dir()
    }
    copies = [
        (unpack_member(archive, number, folder, name, budget), str(path))
        for path, number in members.items()
        if _may_have_tickets(path)
    ]
    yield from _of_copies(copies, name, unpacking)


def _of_copies(
    copies: Sequence[tuple[Path, str]], name: str, unpacking: _Unpacking
) -> Iterator[Input]:
    """Give what the files of an archive hold; archives are opened if it has nothing else."""
    inside = unpacking.inside(name)
    if not _are_archives([PurePosixPath(shown) for _, shown in copies]):
        for copy, shown in copies:
            yield from _file(copy, shown, unpacking)
        return
    for copy, shown in copies:
        yield from _inputs(copy, shown, inside)


def _of_tar(file: Path, name: str, unpacking: _Unpacking) -> Iterator[Input]:
    copies, is_cut = unpack_tar(file, unpacking.folder(), name, _may_have_tickets, unpacking.budget)
    found = list(_of_copies(copies, name, unpacking))
    yield from _ending_early(found) if is_cut else found
