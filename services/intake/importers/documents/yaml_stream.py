"""Reading YAML: lists of tickets, several documents, tickets under any name.

Every value stays the text that it is: a number keeps its zeros, and "no" is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

import yaml

from services.errors import InputError
from services.intake.importers.documents.json_stream import records_in
from services.intake.importers.entries import RowError
from services.intake.importers.records import Record

# A list of objects, at the top or under a name, or documents that begin with a name each.
_COMMENTS = r"\s*(?:#[^\n]*\n\s*)*"
_YAML = re.compile(
    rf"{_COMMENTS}(?:---[ \t]*\n{_COMMENTS}(?:- +)?[\w ]+:(?:\s|$)|- +[\w ]+:(?: |\n)"
    r"|(?:[A-Za-z_]\w*:[^\n]*\n){1,20}?(?<=:\n)[ ]*- +[\w ]+: )"
)
# No ticket is nested deeper.
MAX_DEPTH = 50
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def is_yaml(start: str) -> bool:
    """Say whether a text begins like YAML that may hold tickets."""
    return _YAML.match(start.replace("\r\n", "\n")) is not None


def read_yaml(text: TextIO) -> Iterator[Record | RowError]:
    """Read the records of YAML documents, those of a list one by one."""
    events = iter(yaml.parse(text, Loader=_Loader))
    line = 1
    try:
        values = _Values(events)
        for event in events:
            line = _line(event)
            if isinstance(event, yaml.SequenceStartEvent):
                yield from _list(values)
            elif isinstance(event, yaml.MappingStartEvent | yaml.ScalarEvent):
                yield from _readable(line, values.read(event))
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 1 if error.problem_mark else line
        yield RowError(at, f"not YAML: {error.problem}")
    except (yaml.YAMLError, InputError) as error:
        yield RowError(line, str(error) if isinstance(error, InputError) else "not YAML")


def _list(values: _Values) -> Iterator[Record | RowError]:
    for event in values.events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield from _readable(_line(event), values.read(event))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _readable(line: int, value: Any) -> Iterator[Record | RowError]:
    try:
        yield from records_in(line, value)
    except InputError as error:
        yield RowError(line, str(error).replace("JSON ", ""))


class _Values:
    """Builds values from the events of a parser; anchors hold for the whole file."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events
        self._named: dict[str, str | None] = {}

    def read(self, event: yaml.Event, depth: int = 0) -> Any:
        """Return the value that begins with an event. Raises `InputError` if it cannot be used."""
        if depth > MAX_DEPTH:
            raise InputError("not tickets: it is nested too deep")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._named:
                raise InputError(f"*{event.anchor} stands for more than a word: write it out")
            return self._named[event.anchor]
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.read(one, depth + 1) for one in self._until(yaml.SequenceEndEvent)]
        if isinstance(event, yaml.MappingStartEvent):
            return {
                str(self.read(name, depth + 1)): self.read(next(self.events), depth + 1)
                for name in self._until(yaml.MappingEndEvent)
            }
        if not isinstance(event, yaml.ScalarEvent):  # the end of a document or list: none begins
            return None
        is_nothing = event.implicit[0] and event.value in _NOTHING
        value = None if is_nothing else event.value
        if event.anchor:
            self._named[event.anchor] = value
        return value

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self.events:
            if isinstance(event, end):
                return
            yield event
