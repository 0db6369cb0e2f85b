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
from services.intake.importers.replies.conversations import Mail, MailFacts, roots_of

# A longer chain of replies to replies is cut: what lies deeper becomes a ticket of its own.
MAX_DEPTH = 1000

_CREATE = """
CREATE TABLE rows (
    number INTEGER PRIMARY KEY, line INTEGER, id TEXT, parent TEXT, root TEXT, fields TEXT,
    subject TEXT, is_reply INTEGER, is_forward INTEGER, authors TEXT, people TEXT, at REAL
)
"""
_INSERT = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
# Those with a subject that name no other one.
_WITH_SUBJECT = """
SELECT subject, min(number), id, is_reply, is_forward, authors, people, at FROM rows
WHERE subject IS NOT NULL AND root = id
AND subject IN (SELECT subject FROM rows WHERE is_reply)
GROUP BY subject, id ORDER BY subject, min(number)
"""


def _no_facts(_record: Record) -> None:
    return None


def threads(
    records: Iterable[Record],
    id_of: Callable[[Record], str | None],
    parent_of: Callable[[Record], str | None],
    mail_facts_of: Callable[[Record], MailFacts | None] = _no_facts,
) -> Iterator[list[Record]]:
    """Yield the records that belong together, the first of a thread first.

    Records of one id belong together, and a record belongs to the one that it names as its parent.
    A mail that names none belongs to the one whose subject it repeats. Threads come in the order
    of the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "rows.db")
        try:
            _fill(connection, records, id_of, parent_of, mail_facts_of)
            _join_replies(connection)
            yield from _groups(connection)
        finally:
            connection.close()


def _fill(
    connection: sqlite3.Connection,
    records: Iterable[Record],
    id_of: Callable[[Record], str | None],
    parent_of: Callable[[Record], str | None],
    mail_facts_of: Callable[[Record], MailFacts | None],
) -> None:
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_CREATE)

    def rows() -> Iterator[tuple[object, ...]]:
        for number, record in enumerate(records):
            id_, parent = id_of(record) or f"\n{number}", parent_of(record)
            root = id_ if parent is None or parent == id_ else None
            fields = json.dumps(record.values, ensure_ascii=True)
            yield number, record.line, id_, parent, root, fields, *_columns(mail_facts_of(record))

    connection.executemany(_INSERT, rows())
    connection.execute("CREATE INDEX ix_rows_id ON rows (id, number)")
    connection.execute(_ORPHANS)
    for _ in range(MAX_DEPTH):
        if connection.execute(_FOLLOW).rowcount == 0:
            break
    # Chains that lead back to themselves.
    connection.execute("UPDATE rows SET root = id WHERE root IS NULL")
    connection.execute("CREATE INDEX ix_rows_root ON rows (root, number)")


def _columns(facts: MailFacts | None) -> tuple[object, ...]:
    if facts is None:
        return (None,) * 6
    authors, people = ("\n".join(sorted(one)) for one in (facts.authors, facts.people))
    return facts.subject, facts.is_reply, facts.is_forward, authors, people, facts.at


def _join_replies(connection: sqlite3.Connection) -> None:
    """Join what has a subject with "Re:" and names no other mail to the one that it repeats."""
    moves: list[tuple[str, str]] = []
    rows = connection.execute(_WITH_SUBJECT)
    for _, group in groupby(rows, key=lambda row: row[0]):
        mails = [
            Mail(
                number,
                id_,
                MailFacts(subject, bool(reply), bool(forward), _names(authors), _names(people), at),
            )
            for subject, number, id_, reply, forward, authors, people, at in group
        ]
        moves += [(root, mail) for mail, root in roots_of(mails).items()]
    connection.executemany("UPDATE rows SET root = ? WHERE root = ?", moves)


def _names(column: str) -> frozenset[str]:
    return frozenset(filter(None, column.split("\n")))


def _groups(connection: sqlite3.Connection) -> Iterator[list[Record]]:
    rows = connection.execute(_GROUPS)
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield [Record(line, json.loads(fields)) for _, line, fields in group]
