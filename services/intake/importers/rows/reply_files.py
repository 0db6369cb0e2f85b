"""Replies that an archive or a folder holds in files of their own, beside those of the tickets.

GitHub's archives have them, and most databases that are written table by table. They are kept in a
temporary SQLite file, as there may be any number of them.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from services.intake.importers.audience.reply_audience import is_public_name
from services.intake.importers.entries import RowError, Skipped
from services.intake.importers.inputs import Input
from services.intake.importers.plans.reply_tables import (
    ReplyFile,
    beside,
    reply_files,
    stem,
    texts_in,
)
from services.intake.importers.recognition import ReadOptions
from services.intake.importers.records import Record, each, is_empty
from services.intake.importers.replies.reply_objects import text_of

NO_TICKET = "replies to tickets that are not in it"


@dataclass(frozen=True)
class ReplyStore:
    """The replies of some files, by the id or the address of their ticket."""

    path: Path

    def __reduce__(self) -> tuple[type[ReplyStore], tuple[Path]]:
        """Another process opens the file by itself."""
        return ReplyStore, (self.path,)

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def fill(self, files: Sequence[ReplyFile]) -> None:
        """Store the replies of files."""
        self._connection.execute(
            "CREATE TABLE replies (ticket TEXT, file TEXT, line INTEGER, fields TEXT, reason TEXT,"
            " taken TEXT)"
        )
        self._connection.execute("BEGIN")
        rows = (_row(one, entry) for one in files for entry in one.table.read())
        self._connection.executemany("INSERT INTO replies VALUES (?, ?, ?, ?, ?, NULL)", rows)
        self._connection.execute("CREATE INDEX ix_replies_ticket ON replies (ticket)")
        self._connection.execute("COMMIT")

    def take(self, names: Sequence[str], table: str) -> list[dict[str, Any]]:
        """Return the replies to the ticket with these names; they are those of that table then."""
        found: dict[int, str] = {}
        for name in dict.fromkeys(names):
            found |= self._connection.execute(
                "SELECT rowid, fields FROM replies WHERE ticket = ?1 AND ifnull(taken, ?2) = ?2",
                (name, table),
            )
        taken = ((table, row) for row in found)
        self._connection.executemany("UPDATE replies SET taken = ? WHERE rowid = ?", taken)
        return [json.loads(found[row]) for row in sorted(found)]

    def rest(self, file: str) -> Iterator[Skipped | RowError]:
        """Yield what nobody took of a file."""
        rows = self._connection.execute(
            "SELECT line, reason FROM replies WHERE file = ? AND taken IS NULL ORDER BY rowid",
            (file,),
        )
        for line, reason in rows:
            yield RowError(line, reason) if reason else Skipped(line, NO_TICKET)

    def taken(self, file: str) -> int:
        """Return how many replies of a file joined a ticket."""
        query = "SELECT count(*) FROM replies WHERE file = ? AND taken IS NOT NULL"
        return int(self._connection.execute(query, (file,)).fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@dataclass(frozen=True)
class Parts:
    """Inputs without those of replies alone; the names of these `files`, and their replies."""

    inputs: Sequence[Input]
    files: Sequence[str] = ()
    store: ReplyStore | None = None

    def rest(self, file: str) -> Iterator[Skipped | RowError]:
        """Yield what is left of a file: replies that nobody took, and rows that are broken."""
        return self.store.rest(file) if self.store else iter(())

    def joined(self, file: str) -> int:
        """Return how many replies of a file joined a ticket."""
        return self.store.taken(file) if self.store else 0


@contextmanager
def replies_apart(inputs: Sequence[Input], options: ReadOptions) -> Iterator[Parts]:
    """Give the inputs with tickets, and apart from them the replies of the others."""
    may_have = len(inputs) > 1 or any(map(_may_have_tables, inputs))
    files = reply_files(inputs, options) if may_have else []
    if not files:
        yield Parts(inputs)
        return
    names = [one.name for one in files]
    rest = [_without(names, one) for one in inputs if one.name not in names]
    with tempfile.TemporaryDirectory() as folder:
        store = ReplyStore(Path(folder) / "replies.db")
        try:
            store.fill(files)
            yield Parts(rest, names, store)
        finally:
            store.close()


def _may_have_tables(found: Input) -> bool:
    """Say whether an input may have replies in a table of their own beside the tickets."""
    if found.kind != "file":
        return False
    with found.open() as stream:
        return stream.read(_BEGINNING).lstrip(_BEFORE)[:1] in (b"<", b"{")


# What may stand before XML or JSON: marks of an encoding, and spaces.
_BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
# Bytes in which the first character of a text is.
_BEGINNING = 64


def _without(names: Sequence[str], found: Input) -> Input:
    """Return an input without those of its tables that are read as replies."""
    start = beside(found.name, "")
    apart = (one.removeprefix(start) for one in names if one.startswith(start))
    return replace(found, read_apart=frozenset(apart))


def _row(file: ReplyFile, entry: Record | RowError) -> tuple[str | None, str, int, str, str | None]:
    if isinstance(entry, RowError):
        return None, file.name, entry.step, "", entry.reason
    named = dict(entry.named)
    tickets = (one for name in file.links for one in each(named.get(name)))
    ticket = next((str(one).strip() for one in tickets if isinstance(one, str | int)), None)
    if text_of(named) is None:
        said = (named[name] for name in texts_in(named) if not is_empty(named[name]))
        named["body"] = next(said, None)
    if not is_public_name(stem(file.name)):
        named["is public"] = False
    return ticket, file.name, entry.line, json.dumps(named, default=str), None
