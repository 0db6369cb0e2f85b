"""What shows that a JSON object is a ticket: an id and words."""

from __future__ import annotations

import re
from typing import Any

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.synonyms import SYNONYMS
from services.text.words.word_lists import words

# Under these names answers of APIs and exports hold their list of records.
ENVELOPES = words(
    "tickets issues conversations results result records data items nodes rows values value entries"
    " incidents cases requests objects elements hits search edges posts messages _embedded response"
    " payload repository organization project team viewer export chats alerts"
)


def is_record(fields: dict[str, Any]) -> bool:
    """Say whether fields are those of a ticket: it has an id and words."""
    # A number is no text, but that of one.
    names = {
        name.lower() for name, value in fields.items() if name in OWN_IDS or not _is_number(value)
    }
    is_known = names & OWN_IDS and names & (WORDS | _INNER)
    return bool(is_known) or _is_named(fields)


def is_ticket(value: object) -> bool:
    """Say whether a value is an object with the fields of a ticket."""
    return isinstance(value, dict) and is_record(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


# Objects that hold the words of tickets.
_INNER = words("source fields properties attributes")
OWN_IDS = words("id key number iid sys_id _id ticket_id ticketid gid fields")


def _is_named(fields: dict[str, Any]) -> bool:
    """Say whether fields are called like those of a ticket in other tools: an id and a title."""
    named = {normalized(name): value for name, value in fields.items()}
    has_id = any(isinstance(named.get(name), str | int) for name in _IDS & named.keys())
    return has_id and any(isinstance(named.get(name), str) for name in _TITLES & named.keys())


_IDS, _TITLES = frozenset(SYNONYMS["id"]), frozenset(SYNONYMS["title"])

# Fields that hold the words of tickets.
WORDS = words(
    "subject title description body text summary short_description content message notes desc"
)


def has_words(fields: dict[str, Any]) -> bool:
    """Say whether fields without an id are those of a ticket, and of nothing else."""
    return len(WORDS.intersection(map(str.lower, fields))) > 1


def counts_records(value: object) -> bool:
    """Say whether a value only tells of the records behind it: 2, or {"page": 1, "pages": "4"}."""
    if isinstance(value, dict):
        is_page = bool(value) and _PAGING.issuperset(map(str.lower, value))
        return is_page or (value.get("type") in _PARTS_OF_DUMP and not WORDS & value.keys())
    return _is_number(value) and not isinstance(value, bool)


# What phpMyAdmin writes before the tables.
_PARTS_OF_DUMP = ("header", "database")
_PAGING = words("page pages per_page perpage total total_count totalcount count limit offset size")


def tickets_by_id(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tickets of an object that has them by their ids; none if it has others."""
    values = list(fields.values())
    if not values or not all(
        isinstance(one, dict) and WORDS.intersection(map(str.lower, one)) for one in values
    ):
        return []
    if len(values) == 1 and not is_record(values[0]) and not _IS_ID.search(next(iter(fields))):
        return []
    return [{"id": name, **value} for name, value in fields.items()]


def rows_by_column(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table that is written column by column, as pandas does."""
    columns = list(fields.values())
    if not WORDS.intersection(map(str.lower, fields)) or len(columns) < 2:  # noqa: PLR2004
        return []
    if not all(isinstance(one, dict) and one.keys() == columns[0].keys() for one in columns):
        return []
    if "display_value" in columns[0]:  # ServiceNow gives each field as it is and as it is shown
        return []
    return [{name: fields[name][row] for name in fields} for row in columns[0]]


# An id has a figure; a single object under another name is a ticket's own part.
_IS_ID = re.compile(r"\d")
