"""Rows that belong together: messages of one ticket, questions with their answers.

They may be anywhere in a file of any size, so they are sorted in a temporary SQLite file.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from services.intake.importers.records import Record

# A longer chain of replies to replies is cut: what lies deeper becomes a ticket of its own.
MAX_DEPTH = 1000

_CREATE = """
CREATE TABLE rows (
    number INTEGER PRIMARY KEY, line INTEGER, id TEXT, parent TEXT, root TEXT, fields TEXT
)
"""
# Where an id occurs twice, the first row of it is meant.
_FOLLOW = """
UPDATE rows SET root = (
    SELECT above.root FROM rows AS above
    WHERE above.id = rows.parent AND above.root IS NOT NULL ORDER BY above.number LIMIT 1
) WHERE root IS NULL AND EXISTS (
    SELECT 1 FROM rows AS above WHERE above.id = rows.parent AND above.root IS NOT NULL
)
"""
_ORPHANS = """
UPDATE rows SET root = id WHERE root IS NULL AND NOT EXISTS (
    SELECT 1 FROM rows AS above WHERE above.id = rows.parent
)
"""
_GROUPS = """
SELECT rows.root, rows.line, rows.fields FROM rows
JOIN (SELECT root, min(number) AS first FROM rows GROUP BY root) AS groups USING (root)
ORDER BY groups.first, rows.id <> rows.root, rows.number
"""


def threads(
    records: Iterable[Record],
    id_of: Callable[[Record], str | None],
    parent_of: Callable[[Record], str | None],
) -> Iterator[list[Record]]:
    """Yield the records that belong together, the first of a thread first.

    Records of one id belong together, and a record belongs to the one that it names as its parent.
    Threads come in the order of the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "rows.db")
        try:
            _fill(connection, records, id_of, parent_of)
            yield from _groups(connection)
        finally:
            connection.close()


def _fill(
    connection: sqlite3.Connection,
    records: Iterable[Record],
    id_of: Callable[[Record], str | None],
    parent_of: Callable[[Record], str | None],
) -> None:
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_CREATE)

    def rows() -> Iterator[tuple[object, ...]]:
        for number, record in enumerate(records):
            id_, parent = id_of(record) or f"\n{number}", parent_of(record)
            root = id_ if parent is None or parent == id_ else None
            fields = json.dumps(record.values, ensure_ascii=True)
            yield number, record.line, id_, parent, root, fields

    connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)", rows())
    connection.execute("CREATE INDEX ix_rows_id ON rows (id, number)")
    connection.execute(_ORPHANS)
    for _ in range(MAX_DEPTH):
        if connection.execute(_FOLLOW).rowcount == 0:
            break
    # Chains that lead back to themselves.
    connection.execute("UPDATE rows SET root = id WHERE root IS NULL")
    connection.execute("CREATE INDEX ix_rows_root ON rows (root, number)")


def _groups(connection: sqlite3.Connection) -> Iterator[list[Record]]:
    rows = connection.execute(_GROUPS)
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield [Record(line, json.loads(fields)) for _, line, fields in group]
