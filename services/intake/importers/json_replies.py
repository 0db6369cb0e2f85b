"""Lists of replies that a JSON document has beside its tickets, which they name by id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TextIO

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.json_cursor import SPACE, JsonCursor
from services.intake.importers.json_tickets import is_record
from services.intake.importers.records import Record, flat, normalized
from services.intake.importers.reply_objects import text_of
from services.intake.importers.synonyms import SYNONYMS

# What such lists are called: "comments", "ticket_notes".
_NAME = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:comments?|notes?|repl(?:y|ies)|journals?)$", re.IGNORECASE
)
# What names the ticket of a reply, as `normalized` writes it.
_LINKS = frozenset(
    {
        "issue", "issue id", "issue key", "ticket", "ticket id", "ticket number", "case id",
        "request id", "incident id", "task id",
    }
)  # fmt: skip
# Lists lie no deeper.
MAX_DEPTH = 3

_BETWEEN = SPACE + ","
_BLOCK = 1 << 20
# A file without a list of such a name, or without such a link, has none: to look for both is fast.
_MARKS = (
    re.compile(rb'(?:comments?|notes?|repl(?:y|ies)|journals?)"\s*:\s*\[\s*\{', re.IGNORECASE),
    re.compile(
        rb'"(?:issue|ticket|case|request|incident|task)_?(?:id|key|number)?"\s*:', re.IGNORECASE
    ),
)
_OVERLAP = 256


def is_reply_list(name: str, first: Mapping[str, Any]) -> bool:
    """Say whether a list of this name, which begins with `first`, has replies to tickets."""
    if not _NAME.search(name):
        return False
    fields = {normalized(path): value for path, value in flat(first).items()}
    is_titled = not fields.keys().isdisjoint(SYNONYMS["title"])
    return text_of(fields) is not None and not is_titled and not _LINKS.isdisjoint(fields)


def reply_lists(open_: Callable[[], BinaryIO], text: Callable[[], TextIO]) -> list[str]:
    """Return the names of such lists in a JSON file; those in a ticket are parts of it."""
    if not _may_have(open_):
        return []
    found: dict[str, Mapping[str, Any]] = {}
    with text() as stream, suppress(InputError):
        for owner, name, value in _elements(JsonCursor(stream)):
            if name not in found and isinstance(value, Mapping) and is_reply_list(name, value):
                found[name] = owner
    return [name for name, owner in found.items() if not is_record(dict(owner))]


def read_reply_list(text: TextIO, wanted: str) -> Iterator[Record | RowError]:
    """Read the replies in the lists of a name."""
    cursor = JsonCursor(text)
    try:
        for _, name, value in _elements(cursor):
            if name == wanted and isinstance(value, Mapping):
                yield Record(cursor.line, flat(value))
    except InputError as error:
        yield RowError(cursor.line, str(error))


def _may_have(open_: Callable[[], BinaryIO]) -> bool:
    wanted = [*_MARKS]
    rest = b""
    with open_() as stream:
        while wanted and (block := stream.read(_BLOCK)):
            wanted = [mark for mark in wanted if not mark.search(rest + block)]
            rest = block[-_OVERLAP:]
    return not wanted


def _elements(cursor: JsonCursor) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    """Yield what the lists of JSON documents have, with the names of these.

    Before each is the object that has the list, which is whole when the next object begins.
    """
    while cursor.skip(_BETWEEN):
        yield from _inside(cursor, {}, "", 0)


def _inside(
    cursor: JsonCursor, owner: dict[str, Any], name: str, depth: int
) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    if cursor.peek() == "[":
        cursor.take("[")
        while cursor.skip(_BETWEEN) and cursor.peek() != "]":
            yield owner, name, cursor.value()
        cursor.take("]")
    elif cursor.peek() == "{" and depth < MAX_DEPTH:
        fields: dict[str, Any] = {}
        cursor.take("{")
        while cursor.skip(_BETWEEN) and cursor.peek() != "}":
            inner = str(cursor.value())
            cursor.skip(SPACE)
            cursor.take(":")
            cursor.skip(SPACE)
            yield from _inside(cursor, fields, inner, depth + 1)
        cursor.take("}")
    else:
        owner[name] = cursor.value()
