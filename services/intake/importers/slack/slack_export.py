"""The messages of a Slack export: those that are tickets become rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowError, Skipped
from services.intake.importers.files.archive import TEAMS, Archive, open_archive
from services.intake.importers.slack.slack_lists import (
    CHANNEL_LISTS,
    DIRECT,
    DIRECT_LISTS,
    USER_LISTS,
    load_list,
    read_accounts,
    read_channels,
)
from services.intake.importers.slack.slack_rows import KnownWorkspace, MessageReader
from services.memory.channel_facts import ChannelFacts
from services.memory.comparable_text import FindWords, compared

REPEATED = "messages that are in the export twice"
EXTRAS = "entries of canvases, lists, huddles and the like"
OTHER_WORKSPACES = "messages of other workspaces of the organization"

_DAY_FILE = re.compile(r"(?:[^/]+/)+[0-9]{4}-[0-9]{2}-[0-9]{2}\.json")

# Conversations about a file have a folder "FC:ID:TITLE"; Windows allows no colon in names.
_ABOUT_FILES = re.compile(r"FC[:_-].*")

# Lists that hold nothing that anybody wrote.
_SILENT = {*CHANNEL_LISTS, *DIRECT_LISTS, *USER_LISTS, "integration_logs.json"}


@dataclass(frozen=True)
class _Day:
    step: int
    file: str
    channel: ChannelFacts


@dataclass(frozen=True)
class ExportReader:
    """Reads an export for a workspace."""

    workspace: KnownWorkspace = field(default_factory=KnownWorkspace)
    find_words: FindWords = compared

    def read(self, archive: Archive) -> Iterator[ImportEntry]:
        """Read the messages of all channels, those of each channel in order of time.

        Raises `InputError` if there is no list of channels.
        """
        folders = yield from read_channels(archive)
        accounts = read_accounts(archive, self.workspace.bots)
        reader = MessageReader(self.workspace, accounts, self.find_words)
        foreign = self._foreign_folders(archive)
        told: set[PurePosixPath] = set()
        seen: set[str] = set()
        for step, file in enumerate(day_files(archive), 1):
            folder = PurePosixPath(file).parent
            channel = folders.find(folder)
            if folder.parts[:2] in foreign:
                yield from _skipped(archive, file, step, OTHER_WORKSPACES)
            elif channel is not None:
                for entry in _day(archive, _Day(step, file, channel), reader):
                    yield skip_repeated(entry, seen)
            elif any(_ABOUT_FILES.fullmatch(part) for part in folder.parts):
                yield from _skipped(archive, file, step, EXTRAS)
            elif folders.is_direct(folder):
                yield from _skipped(archive, file, step, DIRECT)
            elif folder not in told:
                told.add(folder)  # one error for the folder, not one for each day
                yield RowError(step, "no channel of that name is listed", f"{folder}/")
        yield from _extras(archive)

    def read_path(self, path: Path) -> Iterator[ImportEntry]:
        """Read the messages of the export at a path, as `read` does."""
        with open_archive(path) as archive:
            yield from self.read(archive)

    def _foreign_folders(self, archive: Archive) -> set[tuple[str, ...]]:
        """Return the folders of other workspaces, if one of them is known to be this one's.

        What is public in one workspace of an organization is not in another.
        """
        paths = (PurePosixPath(name).parts for name in archive.names)
        teams = {parts[:2] for parts in paths if parts[0] == TEAMS and len(parts) > 2}  # noqa: PLR2004 - a file in a team's folder
        own = {team for team in teams if team[1].casefold() in self.workspace.names}
        return teams - own if own else set()


def day_files(archive: Archive) -> list[str]:
    """Return the names of the files with messages, one per channel and day."""
    return [name for name in archive.names if _DAY_FILE.fullmatch(name)]


def skip_repeated(entry: ImportEntry, seen: set[str]) -> ImportEntry:
    """Return an entry, or that it was `seen` before."""
    if not isinstance(entry, Row):
        return entry
    if entry.item.external_id in seen:
        return Skipped(entry.step, REPEATED)
    seen.add(entry.item.external_id)
    return entry


def _day(archive: Archive, day: _Day, reader: MessageReader) -> Iterator[ImportEntry]:
    try:
        messages = load_list(archive, day.file)
    except InputError as error:
        yield RowError(day.step, str(error), day.file)
        return
    for index, message in enumerate(messages):
        try:
            yield reader.read(message, day.step, day.channel)
        except InputError as error:
            yield RowError(day.step, str(error), day.file, index)


def _extras(archive: Archive) -> Iterator[Skipped]:
    """Count what an export has besides lists and messages."""
    days = set(day_files(archive))
    for name in archive.names:
        if name not in days and PurePosixPath(name).name not in _SILENT:
            yield from _skipped(archive, name, 0, EXTRAS)


def _skipped(archive: Archive, name: str, step: int, reason: str) -> Iterator[Skipped]:
    """Count the entries of a file; one that is no list counts once."""
    try:
        number = len(load_list(archive, name))
    except InputError:
        number = 1
    for _ in range(number):
        yield Skipped(step, reason)
