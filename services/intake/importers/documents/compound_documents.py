"""Reads documents of JSON:API as wholes: what belongs to a ticket comes after all tickets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from services.errors import InputError
from services.intake.importers.documents.json_stream import read_json, records_in
from services.intake.importers.entries import RowError
from services.intake.importers.files.json_cursor import BETWEEN, JsonCursor
from services.intake.importers.records import Record


def read_compound(text: TextIO) -> Iterator[Record | RowError]:
    """Read the records of documents, each as a whole.

    Of one that is cut off or too large the tickets are read without what it includes, and an error
    says so.
    """
    cursor = JsonCursor(text)
    number = 0
    while cursor.skip(BETWEEN):
        line = cursor.line
        try:
            for record in records_in(line, cursor.value()):
                number += 1
                yield record
        except InputError as error:
            yield from _without_included(text, number, RowError(line, str(error)))
            return


def _without_included(text: TextIO, read: int, error: RowError) -> Iterator[Record | RowError]:
    """Read what follows after some records; the error comes last unless another one says it."""
    text.seek(0)
    is_told = False
    for entry in islice(read_json(text), read, None):
        is_told = is_told or isinstance(entry, RowError)
        yield entry
    if not is_told:
        yield error
