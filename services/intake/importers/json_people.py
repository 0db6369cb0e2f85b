"""People that a page of an API lists beside its tickets, which name them by their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TextIO

from services.errors import InputError
from services.intake.importers.json_cursor import SPACE, JsonCursor
from services.text.word_lists import words

# Names of such lists. Agents come along under the same names, or are never reporters.
_LISTS = words("users contacts customers people requesters members")
_NAMES = ("name", "full_name", "display_name", "displayName", "username", "login", "email")
# Columns that name who reported a ticket, as `normalized` writes them.
REPORTERS = (
    "requester id", "reporter id", "customer id", "contact id", "author id", "submitter id",
    "user id",
)  # fmt: skip
# Lists of people lie no deeper, as in GraphQL's data.users.
MAX_DEPTH = 3

_BETWEEN = SPACE + ","
_BLOCK = 1 << 20
_MARKS = tuple(f'"{name}"'.encode() for name in _LISTS)
_OVERLAP = max(map(len, _MARKS))


def may_have_people(open_: Callable[[], BinaryIO]) -> bool:
    """Say whether a file has a field with one of these names: to look for it is fast."""
    rest = b""
    with open_() as stream:
        while block := stream.read(_BLOCK):
            if any(mark in rest + block for mark in _MARKS):
                return True
            rest = block[-_OVERLAP:]
    return False


def read_people(text: TextIO) -> dict[str, str]:
    """Return the names of people in JSON documents by ids; those before where one is broken."""
    cursor, found = JsonCursor(text), dict[str, str]()
    with suppress(InputError):
        while cursor.skip(_BETWEEN):
            _collect(cursor, "", found, 0)
    return found


def _collect(cursor: JsonCursor, name: str, found: dict[str, str], depth: int) -> None:
    if cursor.peek() == "[":
        cursor.take("[")
        while cursor.skip(_BETWEEN) and cursor.peek() != "]":
            value = cursor.value()
            if name in _LISTS and isinstance(value, Mapping):
                found.update(_named(value))
        cursor.take("]")
    elif cursor.peek() == "{" and depth < MAX_DEPTH:
        cursor.take("{")
        while cursor.skip(_BETWEEN) and cursor.peek() != "}":
            inner = str(cursor.value())
            cursor.skip(SPACE)
            cursor.take(":")
            cursor.skip(SPACE)
            _collect(cursor, inner, found, depth + 1)
        cursor.take("}")
    else:
        cursor.value()


def _named(person: Mapping[str, Any]) -> dict[str, str]:
    name = next((one for key in _NAMES if isinstance(one := person.get(key), str) and one), None)
    id_ = person.get("id")
    return {str(id_): name} if name and isinstance(id_, str | int) else {}
