"""Replies that an archive or a folder holds in files of their own, beside those of the tickets.

GitHub's archives have them, and most databases that are written table by table. They are kept in a
temporary SQLite file, as there may be any number of them.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from services.errors import InputError
from services.intake.importers.entries import RowError, Skipped
from services.intake.importers.layouts.corpora import STACK_EXCHANGE_OTHERS
from services.intake.importers.opening import Input
from services.intake.importers.plan import make_plan
from services.intake.importers.recognition import ReadOptions, Table, recognize
from services.intake.importers.records import Record, each, is_empty, normalized, raw_id
from services.intake.importers.reply_audience import is_public_name
from services.intake.importers.reply_objects import text_of
from services.intake.importers.synonyms import SYNONYMS
from services.text.word_lists import words

NO_TICKET = "replies to tickets that are not in it"

# Rows by which a file is known.
_SAMPLE = 50
# Columns that name the ticket of a reply, as `normalized` writes them: first GitHub's addresses.
_TICKETS = (
    "issue", "pull request", "ticket id", "issue id", "case id", "conversation id", "incident id",
    "request id", "task id", "ticket number", "case number", "ticket key", "issue key", "ticket",
    "ticketid", "caseid", "issueid", "parent id", "parentid", "post id", "element id",
)  # fmt: skip
_TEXTS = frozenset(
    words("body text comment content message note notes commentbody textbody")
    | {"comment body", "text body", "html body", "plain body", "body text", "body html"}
    | words("kommentar antwort nachricht comentario respuesta mensaje commentaire reponse reply")
    | {"comment text", "reply text", "comments", "value"}
)
# What is no link to a ticket: the reply's own id, who wrote it, and when.
_OWN = frozenset({*SYNONYMS["author"], *SYNONYMS["created"]}) | {
    "id", "#", "comment id", "reply id", "message id", "note id", "commentid",
}  # fmt: skip
# The share of a column's values that are ids of tickets, from which it names them.
MOSTLY = 0.9
_NAME = re.compile(
    r"comment|repl(?:y|ies)|notes?\b|messages?\b|articles?\b|thread|conversation|answer|response|journal"
    r"|kommentar|antwort|comentario|respuesta|commentaire",
    re.IGNORECASE,
)


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
class ReplyFile:
    """A file of replies; `links` are the columns that name their tickets, the first one counts."""

    name: str
    table: Table
    links: Sequence[str]


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
    may_have = len(inputs) > 1 or any(map(_may_be_xml, inputs))
    files = _reply_files(inputs, options) if may_have else []
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


def _may_be_xml(found: Input) -> bool:
    """Say whether an input may have replies in a table of their own beside the tickets."""
    if found.kind != "file":
        return False
    with found.open() as stream:
        return stream.read(_BEGINNING).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"


# Bytes in which the first character of a text is.
_BEGINNING = 64


def _without(names: Sequence[str], found: Input) -> Input:
    """Return an input without those of its tables that are read as replies."""
    start = _beside(found.name, "")
    apart = (one.removeprefix(start) for one in names if one.startswith(start))
    return replace(found, read_apart=frozenset(apart))


def _beside(file: str, table: str) -> str:
    return f"{file}: {table}"


def names_of(values: Mapping[str, Any], id_: str | None) -> list[str]:
    """Return what replies may call the ticket of a row: its address, its id."""
    named = {name.lower(): value for name, value in values.items() if len(name) <= MAX_KEY}
    address = named.get("html_url")
    key = named.get("sys_id") or named.get("id")
    return [str(one) for one in (address, id_, key) if isinstance(one, str | int) and one != ""]


# Characters of the names that `names_of` looks for.
MAX_KEY = len("html_url")


def _reply_files(inputs: Sequence[Input], options: ReadOptions) -> list[ReplyFile]:
    tables: list[tuple[Table, Mapping[str, set[str]]]] = []
    for one in inputs:
        if one.kind in ("file", "sheet"):
            with suppress(InputError):
                tables += [(table, _columns(table)) for table in _tables(recognize(one, options))]
    titled = [table for table, columns in tables if columns.keys() & SYNONYMS["title"]]
    ids = _TicketIds(titled, options)
    found: list[ReplyFile] = []
    for table, columns in tables if titled else ():
        if columns.keys() & SYNONYMS["title"] or not columns.keys() & _TEXTS:
            continue
        if STACK_EXCHANGE_OTHERS.fits(frozenset(columns)):
            continue
        if _NAME.search(_stem(table.name)) and columns.keys() & set(_TICKETS):
            found.append(ReplyFile(table.name, table, _TICKETS))
        elif (link := _link(columns, ids)) is not None:
            found.append(ReplyFile(table.name, table, (link,)))
    return found


def _tables(table: Table) -> Iterator[Table]:
    """Yield a table, and those beside it in the same file."""
    yield table
    for name, read in table.beside.items():
        yield Table(_beside(table.name, name), table.format, read)


def _stem(name: str) -> str:
    """Return what a file or a sheet is called, without its folder and form."""
    return PurePath(name.rpartition(": ")[2]).stem.replace("_", " ")


def _columns(table: Table) -> dict[str, set[str]]:
    """Return the first values of each column that has some, by its name as `normalized`."""
    found: dict[str, set[str]] = defaultdict(set)
    records = (one for one in table.read() if isinstance(one, Record))
    for record in islice(records, _SAMPLE):
        for name, value in record.values.items():
            if not is_empty(value):
                found[normalized(name)].add(str(value).strip())
    return found


@dataclass(frozen=True)
class _TicketIds:
    """What replies may call the tickets of tables; these are read once, if anybody asks."""

    tables: Sequence[Table]
    options: ReadOptions

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(name for table in self.tables for name in _ids(table, self.options))


def _link(columns: Mapping[str, set[str]], ids: _TicketIds) -> str | None:
    """Return the column whose values are ids of tickets; None unless exactly one is such."""
    links = [
        name
        for name, values in columns.items()
        if name not in _OWN and name not in _TEXTS
        and len(values & ids.names) >= MOSTLY * len(values)
    ]  # fmt: skip
    return links[0] if len(links) == 1 else None


def _ids(table: Table, options: ReadOptions) -> Iterator[str]:
    """Yield what replies may call the tickets of a table."""
    try:
        columns = make_plan(table, options).mapping.get("id", ())
    except InputError:
        return
    for one in table.read():
        if isinstance(one, Record):
            yield from names_of(one.values, raw_id(one, columns))


def _row(file: ReplyFile, entry: Record | RowError) -> tuple[str | None, str, int, str, str | None]:
    if isinstance(entry, RowError):
        return None, file.name, entry.step, "", entry.reason
    named = dict(entry.named)
    tickets = (one for name in file.links for one in each(named.get(name)))
    ticket = next((str(one).strip() for one in tickets if isinstance(one, str | int)), None)
    if text_of(named) is None:
        named["body"] = next((named[name] for name in named if name in _TEXTS), None)
    if not is_public_name(_stem(file.name)):
        named["is public"] = False
    return ticket, file.name, entry.line, json.dumps(named, default=str), None
