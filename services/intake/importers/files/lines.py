"""The lines of a text file, read so that a file of any kind needs little memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from services.errors import InputError

# Characters. A ticket with its logs has some 100,000 at most; a longer record means that line ends
# are missing or a quote is never closed.
MAX_RECORD = 4_000_000


def escapes_quotes(head: str) -> bool:
    """Say whether a table writes a quote in a text as \\", as MySQL does, and not as ""."""
    return _BACKSLASHED.search(head) is not None and _DOUBLED.search(head) is None


def unescaped(line: str) -> str:
    """Return a line of such a table with quotes as all others write them; \\N stays."""
    return _ESCAPED.sub(lambda one: '""' if one[1] == '"' else one[1], line)


# A quote that ends no cell; behind a path such as "C:\\temp\\" it does. Two are a quote in a text
# with a backslash of its own, as TeX writes an umlaut.
_BACKSLASHED = re.compile(r'(?<!\\)\\"(?![",;\t|\r\n]|$)')
_DOUBLED = re.compile(r'[^,;\t|\r\n"\\]""(?!")')
_ESCAPED = re.compile(r'\\(["\\])')


class Lines(Iterator[str]):
    """The lines of a text. A record may have several, but together no more than `MAX_RECORD`."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.number = 0
        self._room = MAX_RECORD

    def start_record(self) -> int:
        """Start a record; return the number of its first line."""
        self._room = MAX_RECORD
        return self.number + 1

    def __next__(self) -> str:
        line = self._text.readline(MAX_RECORD)
        if not line:
            raise StopIteration
        self.number += 1
        self._room -= len(line)
        part = line
        while len(part) == MAX_RECORD and not part.endswith("\n"):
            part = self._text.readline(MAX_RECORD)
            self._room -= len(part)
        if self._room < 0 or part is not line:
            raise InputError(f"longer than {MAX_RECORD:,} characters: is a line end or quote lost?")
        return line
