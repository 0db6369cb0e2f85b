"""Reading JSON of any size: lists, lines, pages of an API one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any, TextIO

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.json_cursor import SPACE, JsonCursor
from services.intake.importers.lines import Lines
from services.intake.importers.records import Record, flat
from services.text.word_lists import words

# Between values: commas of lists, and the record separator of JSON text sequences.
_BETWEEN = SPACE + ",\x1e"

# Under these names answers of APIs and exports hold their list of records.
ENVELOPES = words(
    "tickets issues conversations results result records data items nodes rows values value entries"
    " incidents cases requests objects elements hits search edges posts messages _embedded response"
    " payload repository organization project team viewer export"
)
_KINDS = {
    list: "an array", str: "a string", int: "a number", float: "a number", bool: "a truth value",
}  # fmt: skip


def read_json_lines(text: TextIO) -> Iterator[Record | RowError]:
    """Read one JSON object a line, or one page of an API a line. A bad line is an error."""
    lines = Lines(text)
    while True:
        line = lines.start_record()
        try:
            source = next(lines)
            yield from _records(line, _loaded(source)) if source.strip() else ()
        except StopIteration:
            return
        except InputError as error:
            yield RowError(line, str(error))


def read_json(text: TextIO) -> Iterator[Record | RowError]:
    """Read the records of JSON documents: lists, or objects that hold a list of records."""
    cursor = JsonCursor(text)
    while cursor.skip(_BETWEEN):
        line = cursor.line
        try:
            yield from _document(cursor, 0)
        except InputError as error:
            yield RowError(max(line, cursor.line), str(error))
            return


def _document(cursor: JsonCursor, depth: int) -> Iterator[Record | RowError]:
    """Read a value at the cursor as records, one after the other where it is a list."""
    if cursor.peek() == "[":
        yield from _list(cursor)
    elif cursor.peek() == "{" and depth < MAX_ENVELOPES:
        yield from _object(cursor, depth)
    else:
        line = cursor.line
        yield from _readable(line, cursor.value())


# Lists of records lie at most this deep, as in GraphQL's data.repository.issues.nodes.
MAX_ENVELOPES = 6


def _list(cursor: JsonCursor) -> Iterator[Record | RowError]:
    cursor.take("[")
    while cursor.skip(_BETWEEN) and cursor.peek() != "]":
        line = cursor.line
        yield from _readable(line, cursor.value())
    cursor.take("]")


def _object(cursor: JsonCursor, depth: int) -> Iterator[Record | RowError]:
    """Read an object: the records it holds, or else the object as one record."""
    line = cursor.line
    cursor.take("{")
    own: dict[str, Any] = {}
    found = False
    while cursor.skip(_BETWEEN) and cursor.peek() != "}":
        name = cursor.value()
        cursor.skip(SPACE)
        cursor.take(":")
        cursor.skip(SPACE)
        if name in ENVELOPES and _may_hold_records(cursor, own):
            found = True
            yield from _document(cursor, depth + 1)
        else:
            own[str(name)] = cursor.value()
    cursor.take("}")
    if not found and (depth == 0 or _is_record(own)):
        yield from _readable(line, own)


def _may_hold_records(cursor: JsonCursor, own: dict[str, Any]) -> bool:
    """Say whether the value at the cursor holds records, and not a part of one, as comments do."""
    return not _is_record(own) and cursor.peek() in ("[", "{")


def _is_record(fields: dict[str, Any]) -> bool:
    """Say whether fields are those of a ticket: it has an id and words."""
    names = {name.lower() for name in fields}
    has_id = names & {"id", "key", "number", "iid", "sys_id", "_id", "ticket_id", "fields"}
    words = {"subject", "title", "description", "body", "text", "summary", "source", "fields",
             "short_description", "properties", "content", "message"}  # fmt: skip
    return bool(has_id and names & words)


def _readable(line: int, value: object) -> Iterator[Record | RowError]:
    try:
        yield from _records(line, value)
    except InputError as error:
        yield RowError(line, str(error))


def _records(line: int, value: object) -> Iterator[Record | RowError]:
    if isinstance(value, list):  # a page of an API as a line, or lists in a list
        for one in value:
            yield from _records(line, one)
        return
    if not isinstance(value, dict):
        raise InputError(f"not a JSON object, but {_KINDS.get(type(value), 'null')}")
    node = value.get("node")
    inner = node if isinstance(node, dict) and value.keys() <= {"node", "cursor"} else value
    if len(inner) == 1:  # {"ticket": {…}}
        (only,) = inner.values()
        inner = only if isinstance(only, dict) and _is_record(only) else inner
    page = None if _is_record(inner) else _page_of(inner)
    if page is None:
        yield Record(line, flat(inner))
    else:
        yield from _records(line, page)


def _page_of(fields: dict[str, Any]) -> list[Any] | None:
    """Return the list of records in an object that is a page of an API."""
    for name, value in fields.items():
        if name in ENVELOPES and isinstance(value, list) and _holds_objects(value):
            return value
    return None


def _holds_objects(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(one, dict) for one in values)


def _loaded(source: str) -> Any:
    try:
        return json.loads(source, parse_constant=lambda _name: None)
    except JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} at character {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise InputError("not JSON: a number too long, or nested too deep") from error
