"""Dumps of slackdump: a conversation as JSON, with replies in their messages, or a database.

What is read is what Slack's API says of messages, channels and people, so it is the same as in an
export. https://github.com/rusq/slackdump describes both forms.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, RowError, Skipped
from services.intake.importers.files.encoding import detect_encoding
from services.intake.importers.files.json_cursor import BETWEEN, SPACE, JsonCursor
from services.intake.importers.slack.slack_export import skip_repeated
from services.intake.importers.slack.slack_lists import (
    DIRECT,
    Accounts,
    channel_facts,
    in_nfc,
    is_direct_name,
)
from services.intake.importers.slack.slack_rows import KnownWorkspace, MessageReader
from services.memory.channel_facts import ChannelFacts

# Bytes at both ends of a file in which a dump names its channel: slackdump writes it last.
_ENDS = 1 << 12

_SQLITE = b"SQLite format 3\x00"
_CONVERSATION = re.compile(rb'\s*\{\s*"(?:name|channel_id|thread_ts|messages)"\s*:')
_CHANNEL = re.compile(rb'"channel_id"\s*:\s*"[A-Z0-9]+"')
_MESSAGES = re.compile(rb'"messages"\s*:\s*(?:\[|null)')

_REPLIES = "slackdump_thread_replies"

# The newest version of each message, in order of time.
_ROWS = "SELECT CHANNEL_ID, TS, DATA FROM MESSAGE ORDER BY CHANNEL_ID, ID, CHUNK_ID"
_TABLES = {"MESSAGE", "CHANNEL", "S_USER", "CHUNK"}


def is_dump(open_: Callable[[], BinaryIO]) -> bool:
    """Say whether a file is a dump of a conversation."""
    with open_() as stream:
        start = stream.read(_ENDS)
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _ENDS))
        ends = start + stream.read(_ENDS)
    start = start.removeprefix(b"\xef\xbb\xbf")
    return all((_CONVERSATION.match(start), _MESSAGES.search(start), _CHANNEL.search(ends)))


def is_dump_database(path: Path) -> bool:
    """Say whether a file is a database of slackdump."""
    with path.open("rb") as stream:
        if stream.read(len(_SQLITE)) != _SQLITE:
            return False
    try:
        with closing(_connect(path)) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {name for (name,) in names} >= _TABLES
    except sqlite3.DatabaseError:
        return False


@dataclass(frozen=True)
class DumpReader:
    """Reads dumps for a workspace."""

    workspace: KnownWorkspace

    def read(self, open_: Callable[[], BinaryIO], name: str) -> Iterator[ImportEntry]:
        """Read the messages of one conversation; direct messages are skipped.

        Raises `InputError` if the file is damaged.
        """
        channel = _channel_of(open_)
        if is_direct_name(channel.slack_id) or is_direct_name(channel.name or ""):
            yield from _skipped(_messages(open_))
            return
        reader = MessageReader(self.workspace, Accounts.of([], self.workspace.bots))
        yield from _entries(reader, _messages(open_), channel, PurePath(name).name)

    def read_database(self, path: Path) -> Iterator[ImportEntry]:
        """Read the messages of all channels in a database. Raises `InputError` if damaged."""
        try:
            with closing(_connect(path)) as database:
                users = (_loaded(data) for (data,) in database.execute("SELECT DATA FROM S_USER"))
                known = [user for user in users if isinstance(user, dict)]
                reader = MessageReader(self.workspace, Accounts.of(known, self.workspace.bots))
                channels = _database_channels(database)
                rows = database.execute(_ROWS)
                for channel_id, of_channel in groupby(rows, key=lambda row: str(row[0])):
                    messages = (_loaded(data) for data in _newest(of_channel))
                    if channel_id not in channels:
                        yield RowError(1, "no channel of that id is listed", channel_id)
                    elif facts := channels[channel_id]:
                        yield from _entries(reader, messages, facts, channel_id)
                    else:
                        yield from _skipped(messages)
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"it is not a slackdump database, or it is damaged: {error}."
            ) from error


def _skipped(messages: Iterator[Any]) -> Iterator[Skipped]:
    for number, _ in enumerate(messages, 1):
        yield Skipped(number, DIRECT)


def _entries(
    reader: MessageReader, messages: Iterator[Any], channel: ChannelFacts, file: str
) -> Iterator[ImportEntry]:
    seen: set[str] = set()
    index = 0
    while True:
        try:
            message = next(messages)
        except StopIteration:
            return
        except InputError as error:
            yield RowError(1, str(error), file, index)
            return
        try:
            yield skip_repeated(reader.read(message, index + 1, channel), seen)
        except InputError as error:
            yield RowError(1, str(error), file, index)
        index += 1


def _channel_of(open_: Callable[[], BinaryIO]) -> ChannelFacts:
    """Return the channel of a dump, which does not say whether it is private."""
    found: dict[str, Any] = {}
    for key, cursor in _fields(open_):
        if key == "messages" and "channel_id" in found:
            break
        found[key] = None if key == "messages" and _pass_over(cursor) else cursor.value()
    title = found.get("name")
    name = in_nfc(title) if isinstance(title, str) and title else None
    return ChannelFacts(str(found.get("channel_id")), name, is_private=None)


def _messages(open_: Callable[[], BinaryIO]) -> Iterator[Any]:
    """Yield the messages of a dump, each followed by its replies."""
    for name, cursor in _fields(open_):
        if name != "messages" or cursor.peek() != "[":
            cursor.value()
            continue
        for _ in cursor.elements():
            message = cursor.value()
            yield message
            replies = message.get(_REPLIES) if isinstance(message, dict) else None
            yield from replies if isinstance(replies, list) else ()


def _fields(open_: Callable[[], BinaryIO]) -> Iterator[tuple[str, JsonCursor]]:
    """Yield the names in the object of a dump; whoever takes one reads its value.

    Its last bracket may be missing.
    """
    with open_() as stream:
        encoding = detect_encoding(stream)
    with encoding.text(open_()) as text:
        cursor = JsonCursor(text)
        cursor.skip(SPACE)
        cursor.take("{")
        while cursor.skip(BETWEEN) and cursor.peek() != "}":
            yield cursor.field_name(), cursor


def _pass_over(cursor: JsonCursor) -> bool:
    """Pass over a list, item by item; return whether there was one."""
    is_list = cursor.peek() == "["
    if is_list:
        for _ in cursor.elements():
            cursor.value()
    return is_list


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _database_channels(database: sqlite3.Connection) -> dict[str, ChannelFacts | None]:
    """Return the channels of a database by id; None are direct messages."""
    rows = database.execute("SELECT DATA FROM CHANNEL ORDER BY CHUNK_ID")
    told: dict[str, dict[str, Any]] = defaultdict(dict)
    for (data,) in rows:
        channel = _loaded(data)
        if isinstance(channel, dict):  # some of Slack's answers say less than others
            told[str(channel.get("id"))].update(channel)
    found: dict[str, ChannelFacts | None] = {}
    for id_, channel in told.items():
        facts = channel_facts(channel, is_private=False)
        is_direct = channel.get("is_im") or channel.get("is_mpim")
        if is_direct or is_direct_name(id_) or is_direct_name(str(channel.get("name"))):
            found[id_] = None
        elif facts is not None:
            found[id_] = facts
    return found


def _newest(rows: Iterator[tuple[str, str, bytes]]) -> Iterator[bytes]:
    """Yield the last version of each message of a channel."""
    for _, versions in groupby(rows, key=lambda row: row[1]):
        *_, newest = versions
        yield newest[2]


def _loaded(data: bytes | str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
