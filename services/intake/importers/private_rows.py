"""Rows of which each says of itself that only the team, or a few, may read it.

A ticket says so by few names, as what it is about may be private, too; a message without a title by
all that a reply does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.intake.importers.flags import flag
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.records import Record, is_empty, normalized
from services.intake.importers.reply_audience import (
    FOR_ALL,
    LIMITED,
    NOTES,
    PRIVATE,
    PUBLIC,
    STAFF,
    VISIBILITY,
    is_note,
    is_note_of_team,
    names_of_kind,
    names_telling,
    says_private,
)
from services.intake.importers.synonyms import Field, Mapping_
from services.intake.importers.ticket_paths import is_of_ticket
from services.text.word_lists import words

MARKED_PRIVATE = "marked as private or internal"

# What the name of a flag may have beside "private": "is_private", "Confidential ticket", "nur
# intern". With any other word it says something of what the ticket is about.
_FILLERS = words(
    "is this ticket issue request case incident conversation message entry post record item flag"
    " marked as only ist vorgang nur eintrag als es solo est uniquement"
)
_AUDIENCES = VISIBILITY | words(
    "audience privacy confidentiality vertraulichkeit sensitivity confidencialidad confidentialite"
    " gevoeligheid riservatezza confidencialidade"
)
_NAMES = frozenset(
    {"view state", "view status", "visible to", "shown to", "sichtbar fur", "visible para",
     "visible pour", "information type"}
)  # fmt: skip
# Where trackers name who may read an issue; without a name all may.
_LEVELS = {
    "jira": frozenset(
        {"security", "security level", "sicherheitsstufe", "sicherheitsebene",
         "nivel de seguridad", "niveau de securite"}
    ),
    "bugzilla": frozenset({"group", "groups"}),
}  # fmt: skip
# What no level is called that everybody has.
_ALL = FOR_ALL | words("none no keine ninguno aucun")


def is_private(record: Record, mapping: Mapping_, layout: Layout) -> bool:
    """Say whether a ticket, or a message that has no title, is not for everybody."""
    titles = mapping.get("title", ())
    if not _may_tell(tuple(record.named), layout.key, titles) or has_comment(record, mapping):
        return False
    is_titled = _is_filled(record, mapping, "title")
    tells = is_note_of_team if is_titled else is_private_message
    if tells(record.named) or _is_of_group(record.named):
        return True
    return is_private_ticket(record.named, layout, _objects(titles))


# All rows of a file have the same few sets of names.
@lru_cache(maxsize=256)
def _may_tell(names: tuple[str, ...], layout: str, titles: tuple[str, ...]) -> bool:
    """Say whether any of the names of a row's fields may say who reads it."""
    told = _told(names, layout, _objects(titles)) or names_telling(names)
    return bool(told or names_of_kind(names) or "groups" in names)


def _objects(titles: tuple[str, ...]) -> frozenset[str]:
    """Return the objects that have a ticket's title, by their paths."""
    titled = (normalized(name).rpartition(".") for name in titles)
    return frozenset(above for above, _, _ in titled)


def _is_of_group(fields: Mapping[str, Any]) -> bool:
    """Say whether groups may read a bug, and nobody else, as Bugzilla's API names them."""
    return "is open" in fields and "creation time" in fields and not is_empty(fields.get("groups"))


def has_comment(record: Record, mapping: Mapping_) -> bool:
    """Say whether a row has a comment beside its ticket, and so may speak of that alone."""
    said = (record.values.get(name) for name in mapping.get("replies", ()))
    is_said = any(isinstance(one, str) and not is_empty(one) for one in said)
    return is_said and (_is_filled(record, mapping, "text") or _is_filled(record, mapping, "title"))


def _is_filled(record: Record, mapping: Mapping_, field: Field) -> bool:
    return any(not is_empty(record.values.get(name)) for name in mapping.get(field, ()))


def is_private_ticket(
    fields: Mapping[str, Any], layout: Layout, objects: frozenset[str] = frozenset()
) -> bool:
    """Say whether a ticket's own fields, by names as `normalized`, say that not all may read it.

    `objects` are the paths of those that have its title.
    """
    told = _told(tuple(fields), layout.key, objects)
    return any(_says_private(kind, fields[name]) for name, kind in told)


def is_private_message(fields: Mapping[str, Any]) -> bool:
    """Say whether a row that is a message says that it is a note of the team, or not for all."""
    return is_note(fields) or any(
        says_private(name, one) for name, one in fields.items() if _is_of_row(name, one)
    )


def _is_of_row(name: str, value: object) -> bool:
    """Say whether a field speaks of the message; a channel's name says what it is about."""
    return name != "channel" or _words(value) <= PRIVATE | NOTES


@lru_cache(maxsize=256)
def _told(
    names: tuple[str, ...], layout: str, objects: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """Return those names that may say who reads a ticket, each with how it does."""
    return tuple((name, kind) for name in names if (kind := _kind_of(name, layout, objects)))


def _kind_of(name: str, layout: str, objects: frozenset[str]) -> str:
    path = name.replace("$", "")
    above, _, last = path.rpartition(".")
    if last in {"name", "type", "value"} and above:  # of an object of its own
        above, _, last = above.rpartition(".")
    if above and above not in objects and not is_of_ticket(f"{above}.{last}"):
        return ""
    if last in _LEVELS.get(layout.partition(" ")[0], ()):
        return "level"
    said = set(last.split())
    if last in _NAMES or (said & _AUDIENCES and said - _AUDIENCES <= _FILLERS):
        return "audience"
    for kind, mine in (("private", PRIVATE), ("public", PUBLIC)):
        if said & mine and said - mine <= _FILLERS:
            return kind
    return ""


def _says_private(kind: str, value: object) -> bool:
    if is_empty(value) or isinstance(value, list | dict):
        return kind == "level" and isinstance(value, list) and not is_empty(value)
    said = _words(value)
    if kind == "level":
        return said.isdisjoint(_ALL)
    if kind == "audience":
        return bool(said & (PRIVATE | LIMITED)) or said <= STAFF | NOTES
    return flag(value) is (kind == "private")


def _words(value: object) -> set[str]:
    return set(normalized(str(value)).replace("-", " ").replace(".", " ").split())
