"""What shows that a JSON object is a ticket: an id and words."""

from __future__ import annotations

from typing import Any

from services.intake.importers.records import normalized
from services.intake.importers.synonyms import SYNONYMS
from services.text.word_lists import words


def is_record(fields: dict[str, Any]) -> bool:
    """Say whether fields are those of a ticket: it has an id and words."""
    # A number is no text, but that of one.
    names = {
        name.lower() for name, value in fields.items() if name in OWN_IDS or not _is_number(value)
    }
    is_known = names & OWN_IDS and names & (WORDS | {"source", "fields", "properties"})
    return bool(is_known) or _is_named(fields)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


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
