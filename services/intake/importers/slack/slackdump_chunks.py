"""Chunks of slackdump: an answer of Slack's API in each line. They become a database of slackdump.

A conversation has a file, with what is known of its channel anywhere in it, and its messages in the
order of Slack's answers; people and channels have files of their own. `slackdump help chunk` and
https://github.com/rusq/slackdump describe them.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from services.errors import InputError

# Characters: an answer has at most 1,000 messages.
MAX_LINE = 64 << 20

_START = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{"t":(?:\d|1[01]),"ts":\d{15,20}[,}]')
_START_BYTES = 64

_SCHEMA = """
CREATE TABLE CHUNK (ID INTEGER);
CREATE TABLE MESSAGE (ID INTEGER, CHUNK_ID INTEGER, CHANNEL_ID TEXT, TS TEXT, DATA BLOB);
CREATE TABLE CHANNEL (ID TEXT, CHUNK_ID INTEGER, DATA BLOB);
CREATE TABLE S_USER (ID TEXT, CHUNK_ID INTEGER, DATA BLOB);
"""
_CHANNELS = "INSERT INTO CHANNEL VALUES (?, ?, ?)"
_USERS = "INSERT INTO S_USER VALUES (?, ?, ?)"
_MESSAGES = "INSERT INTO MESSAGE VALUES (?, ?, ?, ?, ?)"


def is_chunks(open_: Callable[[], BinaryIO]) -> bool:
    """Say whether a file has chunks of slackdump."""
    with open_() as stream:
        return _START.match(stream.read(_START_BYTES)) is not None


def write_database(file: Path, sources: Iterable[Callable[[], BinaryIO]]) -> int:
    """Write files of chunks to a new database as slackdump does; return the damaged lines.

    Raises `InputError` if there is no message in them.
    """
    damaged, number = 0, 0
    with closing(sqlite3.connect(file)) as database:
        database.executescript(_SCHEMA)
        for chunk in _chunks(sources):
            number += 1
            if chunk is None:
                damaged += 1
            else:
                _add(database, chunk, number)
        database.execute("CREATE INDEX MESSAGE_ORDER ON MESSAGE (CHANNEL_ID, ID, CHUNK_ID)")
        database.commit()
        if database.execute("SELECT 1 FROM MESSAGE LIMIT 1").fetchone() is None:
            raise InputError("no messages are in these chunks of slackdump.")
    return damaged


def _chunks(sources: Iterable[Callable[[], BinaryIO]]) -> Iterator[dict[str, Any] | None]:
    """Yield the chunk of each line; None for what is none."""
    for open_ in sources:
        with open_() as stream:
            while line := stream.readline(MAX_LINE):
                if line.strip():
                    yield _loaded(line)


def _loaded(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _add(database: sqlite3.Connection, chunk: Mapping[str, Any], number: int) -> None:
    channels = [*_objects(chunk.get("ch")), *_objects([chunk.get("ci")])]
    for statement, objects in ((_CHANNELS, channels), (_USERS, _objects(chunk.get("u")))):
        rows = [(str(one.get("id")), number, json.dumps(one)) for one in objects]
        database.executemany(statement, rows)
    # The first message of a thread comes with its channel, or stands beside the replies alone.
    messages = [*_objects([chunk.get("p")]), *_objects(chunk.get("m"))]
    database.executemany(
        _MESSAGES,
        [
            (_microseconds(ts), number, str(chunk.get("id")), ts, json.dumps(one))
            for one in messages
            if isinstance(ts := one.get("ts"), str)
        ],
    )


def _objects(values: object) -> list[dict[str, Any]]:
    found = values if isinstance(values, list) else []
    return [one for one in found if isinstance(one, dict)]


def _microseconds(ts: str) -> int:
    """Return a time stamp as the number by which messages are in order, 0 if it is none."""
    digits = ts.replace(".", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else 0  # noqa: PLR2004 - 64 bits
