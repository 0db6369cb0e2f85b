"""Tickets as lines that begin with a field's name, "Subject: It jams", as in Request Tracker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TextIO

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.files.lines import Lines
from services.intake.importers.records import Record
from services.intake.importers.vocabulary.reply_kinds import names_note
from services.intake.importers.vocabulary.synonyms import KNOWN_NAMES, spellings_of

_FIELD = re.compile(r"(?P<name>[^\W\d_][\w .{}/#-]{0,40}?)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
# Between two tickets.
_RULER = re.compile(r"[-=*_#]{2,}$")
# Lines that are read to learn the fields; those before the first one are a heading.
_HEAD_LINES = 2000
_MAX_HEADING = 3
# Known names that the first block must have.
MIN_KNOWN = 3


def is_labelled(start: str) -> bool:
    """Say whether a text begins with blocks of lines that name the fields of tickets each."""
    first = _first_block(start.splitlines()[:_HEAD_LINES])
    fields = [found for line in first if (found := _FIELD.match(line))]
    if len(fields) < MIN_KNOWN or any(map(_is_other, first)):
        return False
    names = (name for one in fields for name in spellings_of(one["name"]))
    return len({name for name in names if name in KNOWN_NAMES}) >= MIN_KNOWN


def _first_block(lines: Sequence[str]) -> list[str]:
    """Return the lines of the first ticket, without what stands above it."""
    start = next((n for n, line in enumerate(lines) if _FIELD.match(line)), _MAX_HEADING + 1)
    filled = sum(bool(line.strip()) for line in lines[:start])
    block: list[str] = []
    for line in lines[start:] if filled <= 1 and start <= _MAX_HEADING else ():
        if not line.strip() or _RULER.match(line.strip()):
            break
        block.append(line)
    return block


def _is_other(line: str) -> bool:
    return _FIELD.match(line) is None and line[:1] not in (" ", "\t")


def read_labelled(text: TextIO) -> Iterator[Record | RowError]:
    """Read the tickets of such a text. A line that names no field goes on with the one before.

    A new ticket begins where the first field comes again. A field must be in the first ticket or in
    two others: "Note: " may begin a line of a text.
    """
    lines = Lines(text)
    numbered = _numbered(lines)
    head = list(islice(numbered, _HEAD_LINES))
    names = _names([line for _, line in head if isinstance(line, str)])
    first = next(iter(names), "")
    values: dict[str, list[str]] = {}
    name, start = "", 0
    for number, line in chain(head, numbered):
        if isinstance(line, InputError):
            yield RowError(number, str(line))
            continue
        found = _FIELD.match(line)
        if found and found["name"] == first and values:
            yield _record(start, values)
            values = {}
        if found and (found["name"] in names or names_note(found["name"])):
            name = found["name"]
            start = start if values else number
            values.setdefault(name, []).append(found["value"] or "")
        elif name and not _RULER.match(line.strip()):
            values[name].append(line.strip())
    if values:
        yield _record(start, values)


def _numbered(lines: Lines) -> Iterator[tuple[int, str | InputError]]:
    """Yield each line with its number, or why it cannot be read."""
    while True:
        number = lines.start_record()
        try:
            yield number, next(lines).lstrip("\ufeff").rstrip("\r\n")
        except StopIteration:
            return
        except InputError as error:
            yield number, error


def _names(lines: Sequence[str]) -> dict[str, None]:
    """Return the names of fields, those of the first ticket first."""
    own = [found["name"] for line in _first_block(lines) if (found := _FIELD.match(line))]
    times = Counter(found["name"] for line in lines if (found := _FIELD.match(line)))
    again = [name for name, number in times.items() if number > 1]
    return dict.fromkeys([*own, *again])


def _record(line: int, values: Mapping[str, Sequence[str]]) -> Record:
    return Record(line, {name: "\n".join(lines).strip() for name, lines in values.items()})
