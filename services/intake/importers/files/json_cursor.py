"""A JSON text of any size, read value by value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any, TextIO

from services.errors import InputError
from services.intake.importers.files.lines import MAX_RECORD

SPACE = " \t\r\n"
# Between values: commas of lists, and the record separator of JSON text sequences.
BETWEEN = SPACE + ",\x1e"

_BLOCK = 1 << 16
_NO_CONSTANTS = json.JSONDecoder(parse_constant=lambda _name: None)


# Where a value begins that is the first of a list.
_LIST_START = re.compile(r"\[\s*(?=[^\s\]])")

CUT = "the file ends in the middle of a record: it is cut off"


def loaded(line: str) -> Any:
    """Return the value of a line. Raises `InputError`, which says whether the file ends in it."""
    try:
        return json.loads(line, parse_constant=lambda _name: None)
    except JSONDecodeError as error:
        is_end = line[-1:] not in ("\n", "\r") and _ends_early(error, error.pos >= len(line))
        where = f"not JSON: {_reason_of(error)} at character {error.colno}"
        raise InputError(CUT if is_end else where) from error
    except (ValueError, RecursionError) as error:
        raise InputError(_TOO_MUCH) from error


_TOO_MUCH = "not JSON: a number too long, or nested too deep"


def _reason_of(error: JSONDecodeError) -> str:
    """Return what is wrong, without the place."""
    return error.msg.removesuffix(" at").removesuffix(" starting")


def _ends_early(error: JSONDecodeError, is_at_end: bool) -> bool:
    return error.msg.startswith("Unterminated") or is_at_end


class JsonCursor:
    """A place in a JSON text that is read block by block."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = text.read(_BLOCK).lstrip("\ufeff")
        self._at = 0
        self._is_whole = False
        # Lines before `_counted`, a place in the buffer.
        self._lines = 1
        self._counted = 0

    @property
    def line(self) -> int:
        """The number of the line at the cursor, from 1."""
        self._lines += self._buffer.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines

    def peek(self) -> str:
        """Return the character at the cursor; "" at the end."""
        while self._at >= len(self._buffer) and self._read():
            pass
        return self._buffer[self._at : self._at + 1]

    def skip(self, characters: str) -> bool:
        """Skip characters; return whether anything follows."""
        while (next_ := self.peek()) and next_ in characters:
            self._at += 1
        return bool(next_)

    def take(self, character: str) -> None:
        """Move over a character. Raises `InputError` if another one is there."""
        if not self.peek():
            raise InputError(CUT)
        if self.peek() != character:
            raise InputError(f"not JSON: {character} is missing before {self.peek()!r}")
        self._at += 1

    def elements(self) -> Iterator[None]:
        """Move to each element of the list at the cursor, which the caller then reads.

        Raises `InputError` if the list does not end.
        """
        self.take("[")
        while self.skip(BETWEEN) and self.peek() != "]":
            yield
        self.take("]")

    def fields(self) -> Iterator[str]:
        """Move to the value of each field of the object at the cursor, and yield the field's name.

        The caller then reads the value. Raises `InputError` if the object is invalid.
        """
        self.take("{")
        while self.skip(BETWEEN) and self.peek() != "}":
            yield self.field_name()
        self.take("}")

    def field_name(self) -> str:
        """Read the name of a field, and move to its value. Raises `InputError` if it is invalid."""
        name = str(self.value())
        self.skip(SPACE)
        self.take(":")
        self.skip(SPACE)
        return name

    def value(self) -> Any:
        """Read the value at the cursor. Raises `InputError` if it is invalid or too large."""
        while True:
            try:
                value, end = _NO_CONSTANTS.raw_decode(self._buffer, self._at)
            except JSONDecodeError as error:
                if self._too_long() or not self._read():
                    is_cut = _ends_early(error, self._is_end(error.pos))
                    raise InputError(CUT if is_cut else f"not JSON: {_reason_of(error)}") from error
                continue
            except (ValueError, RecursionError) as error:
                raise InputError(_TOO_MUCH) from error
            # A number at the end of the block may go on in the next one.
            if end == len(self._buffer) and self._read():
                continue
            self._at = end
            return value

    def first_of_list(self) -> Any:
        """Return the first value of the list at the cursor, which does not move; None if none."""
        while True:
            start = _LIST_START.match(self._buffer, self._at)
            try:
                if start is not None:
                    return _NO_CONSTANTS.raw_decode(self._buffer, start.end())[0]
            except (ValueError, RecursionError):
                pass
            if self._too_long() or not self._read():
                return None

    def _is_end(self, at: int) -> bool:
        return self._is_whole and at >= len(self._buffer.rstrip())

    def _too_long(self) -> bool:
        return len(self._buffer) - self._at > 16 * MAX_RECORD

    def _read(self) -> bool:
        """Read more, twice as much as is left each time, so that large values are read fast."""
        if self._is_whole:
            return False
        rest = len(self._buffer) - self._at
        block = self._text.read(max(_BLOCK, rest))
        if not block:
            self._is_whole = True
            return False
        self._lines += self._buffer.count("\n", self._counted, self._at)
        self._buffer = self._buffer[self._at :] + block
        self._at = self._counted = 0
        return True
