"""People that a page of an API lists beside its tickets, which name them by their ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TextIO

from services.errors import InputError
from services.intake.importers.json_cursor import JsonCursor
from services.intake.importers.json_lists import elements_of_lists, holds_all
from services.text.word_lists import words

# Names of such lists. Agents come along under the same names, or are never reporters.
_LISTS = words("users contacts customers people requesters members")
_NAMES = ("name", "full_name", "display_name", "displayName", "username", "login", "email")
# Columns that name who reported a ticket, as `normalized` writes them.
REPORTERS = (
    "requester id", "reporter id", "customer id", "contact id", "author id", "submitter id",
    "user id",
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


def _named(person: Mapping[str, Any]) -> dict[str, str]:
    name = next((one for key in _NAMES if isinstance(one := person.get(key), str) and one), None)
    id_ = person.get("id")
    return {str(id_): name} if name and isinstance(id_, str | int) else {}
