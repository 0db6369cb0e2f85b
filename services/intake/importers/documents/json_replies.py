"""Lists of replies that a JSON document has beside its tickets, which they name by id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TextIO

from services.errors import InputError
from services.intake.importers.documents.json_lists import elements_of_lists, holds_all
from services.intake.importers.documents.json_tickets import is_record
from services.intake.importers.entries import RowError
from services.intake.importers.files.json_cursor import JsonCursor
from services.intake.importers.records import Record, flat, normalized
from services.intake.importers.replies.reply_objects import text_of
from services.intake.importers.vocabulary.synonyms import SYNONYMS

# What such lists are called: "comments", "ticket_notes".
_ENDS = ("comment", "comments", "note", "notes", "reply", "replies", "journal", "journals")
_NAME = re.compile(rf"(?:^|_|(?<=[a-z]))(?:{'|'.join(_ENDS)})$", re.IGNORECASE)
# What names the ticket of a reply, as `normalized` writes it: "issue", "ticket id", "caseid".
_TICKETS = (
    "issue", "ticket", "case", "request", "incident", "task", "conversation", "thread", "topic",
    "discussion", "post", "question", "chat", "work item", "workitem",
)  # fmt: skip
_IDS = ("id", "key", "number")
_LINKS = frozenset(
    {"issue", "ticket"}
    | {f"{one}{space}{id_}" for one in _TICKETS for space in (" ", "") for id_ in _IDS}
)
# A file without a list of such a name, or without such a link, has none: to look for both is fast.
# A mark begins with a quote, as most bytes are passed over then: with the name, it takes ten times
# as long.
_IS_NAMED = "|".join(f'(?<={end}")' for end in _ENDS)
_MARKS = tuple(
    re.compile(mark.encode(), re.IGNORECASE)
    for mark in (
        rf'"(?=\s*:\s*\[\s*\{{)(?:{_IS_NAMED})',
        rf'"(?:{"|".join(_TICKETS)})_?(?:{"|".join(_IDS)})?"\s*:',
    )
)


def is_reply_list(name: str, first: Mapping[str, Any]) -> bool:
    """Say whether a list of this name, which begins with `first`, has replies to tickets."""
    if not _NAME.search(name):
        return False
    fields = {normalized(path): value for path, value in flat(first).items()}
    is_titled = not fields.keys().isdisjoint(SYNONYMS["title"])
    return text_of(fields) is not None and not is_titled and not _LINKS.isdisjoint(fields)


def reply_lists(open_: Callable[[], BinaryIO], text: Callable[[], TextIO]) -> list[str]:
    """Return the names of such lists in a JSON file; those in a ticket are parts of it."""
    if not holds_all(open_, _MARKS):
        return []
    found: dict[str, Mapping[str, Any]] = {}
    has_tickets = False
    with text() as stream, suppress(InputError):
        for owner, name, value in elements_of_lists(JsonCursor(stream)):
            if name in found or not isinstance(value, Mapping):
                continue
            if is_reply_list(name, value):
                found[name] = owner
            else:
                has_tickets = has_tickets or is_record(dict(value))
    # Without tickets, those that the replies name are made of them.
    return [name for name in found if has_tickets and not is_record(dict(found[name]))]


def read_reply_list(text: TextIO, wanted: str) -> Iterator[Record | RowError]:
    """Read the replies in the lists of a name."""
    cursor = JsonCursor(text)
    try:
        for _, name, value in elements_of_lists(cursor):
            if name == wanted and isinstance(value, Mapping):
                yield Record(cursor.line, flat(value))
    except InputError as error:
        yield RowError(cursor.line, str(error))
