"""Lists beside the tickets of a JSON document: people, replies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from services.intake.importers.files.json_cursor import BETWEEN, JsonCursor

# Such lists lie no deeper, as in GraphQL's data.users.
MAX_DEPTH = 3

_BLOCK = 1 << 20
# Bytes of a block that are looked at with the next one: nothing that is looked for is longer.
_OVERLAP = 256


def holds_all(open_: Callable[[], BinaryIO], marks: Sequence[re.Pattern[bytes]]) -> bool:
    """Say whether a file has each of the marks: to look for them is faster than to read it."""
    missing = [*marks]
    rest = b""
    with open_() as stream:
        while missing and (block := stream.read(_BLOCK)):
            seen = rest + block
            missing = [mark for mark in missing if not mark.search(seen)]
            rest = seen[-_OVERLAP:]
    return not missing


def elements_of_lists(cursor: JsonCursor) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    """Yield what the lists of JSON documents have, with the names of these.

    Before each is the object that has the list, without its inner objects and lists; it is whole
    when the next object begins. Raises `InputError` where a document is broken.
    """
    while cursor.skip(BETWEEN):
        yield from _inside(cursor, {}, "", 0)


def _inside(
    cursor: JsonCursor, owner: dict[str, Any], name: str, depth: int
) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    if cursor.peek() == "[":
        for _ in cursor.elements():
            yield owner, name, cursor.value()
    elif cursor.peek() == "{" and depth < MAX_DEPTH:
        fields: dict[str, Any] = {}
        for inner in cursor.fields():
            yield from _inside(cursor, fields, inner, depth + 1)
    else:
        value = cursor.value()
        # Objects by their ids may be a whole file.
        owner[name] = None if isinstance(value, dict) else value
