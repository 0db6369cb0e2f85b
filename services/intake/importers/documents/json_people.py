"""People that a page of an API lists beside its tickets, which name them by their ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TextIO

from services.errors import InputError
from services.intake.importers.documents.json_lists import elements_of_lists, holds_all
from services.intake.importers.files.json_cursor import JsonCursor
from services.intake.importers.records import is_empty, normalized
from services.text.words.word_lists import words

# Names of such lists. Agents come along under the same names, or are never reporters.
_LISTS = words("users contacts customers people requesters members")
# What names a person, as `normalized` writes it, the first one that is there.
_NAMES = ("name", "full name", "display name", "username", "login", "email")
# Columns that name who reported a ticket, as `normalized` writes them.
REPORTERS = (
    "requester id", "reporter id", "customer id", "contact id", "author id", "submitter id",
    "user id", "created by", "creator id",
)  # fmt: skip
_MARK = re.compile(rf'"(?:{"|".join(_LISTS)})"'.encode())


def may_have_people(open_: Callable[[], BinaryIO]) -> bool:
    """Say whether a file has a field with one of these names: to look for it is fast."""
    return holds_all(open_, [_MARK])


def read_people(text: TextIO) -> dict[str, str]:
    """Return the names of people in JSON documents by ids; those before where one is broken."""
    found: dict[str, str] = {}
    with suppress(InputError):
        for _, name, value in elements_of_lists(JsonCursor(text)):
            if name in _LISTS and isinstance(value, Mapping):
                found.update(_named(value))
    return found


def name_of_person(fields: Mapping[str, Any]) -> str | None:
    """Return what a person is called by their fields; None if these have no name."""
    named = {normalized(name): value for name, value in fields.items()}
    parts = [named.get(name) for name in ("first name", "last name")]
    whole = " ".join(one for one in parts if isinstance(one, str) and not is_empty(one))
    names = (*(named.get(name) for name in _NAMES[:3]), whole, *map(named.get, _NAMES[3:]))
    return next((one for one in names if isinstance(one, str) and not is_empty(one)), None)


def _named(person: Mapping[str, Any]) -> dict[str, str]:
    name, id_ = name_of_person(person), person.get("id", person.get("import_id"))
    return {str(id_): name} if name and isinstance(id_, str | int) else {}
