"""Rows of which each says of itself that only the team, or a few, may read it.

Only a few names count for a ticket, as what it is about may be private, too. For a message without
a title all those of a reply do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from services.intake.importers.audience.private_texts import is_title_for_few, without_note
from services.intake.importers.audience.reply_audience import names_telling, says_private
from services.intake.importers.plans.plan import Plan
from services.intake.importers.records import Record, is_empty, normalized
from services.intake.importers.vocabulary.audience_words import (
    COMMENTS,
    CONFIDENTIAL,
    FOR_ALL,
    MESSAGES,
    NOTE_NAMES,
    NOTES,
    ONLY,
    PRIVATE,
    PUBLIC,
    SECRET,
    SENSITIVITY,
    SHOWN_TO,
    STAFF,
    TO,
    VIEWS,
    VISIBILITY,
    marked,
    words_of,
    words_of_readers,
)
from services.intake.importers.vocabulary.reply_kinds import is_note, is_note_of_team, names_of_kind
from services.intake.importers.vocabulary.synonyms import Mapping_
from services.intake.importers.vocabulary.ticket_paths import WRAPPERS, is_of_ticket
from services.text.words.word_lists import words

# Flags whose "yes" means one or the other; a security level; how sensitive something is; whom it
# is shown to, for which a word for the staff is enough; of which class its data are; and tags.
_FieldKind = Literal["private", "public", "level", "audience", "readers", "class", "tags"]

MARKED_PRIVATE = "marked as private or internal"

# What only a ticket is called. A row may be of a ticket, and yet say who reads its comment.
_TICKETS = words("ticket issue request case incident vorgang")
# What the name of a flag may have beside "private": "is_private", "Confidential ticket", "nur
# intern". With any other word it says something of what the ticket is about.
_FILLERS = _TICKETS | words(
    "is this conversation message entry post record item flag"
    " marked as only ist nur eintrag als es solo est uniquement strictly streng u cf"
    " custom field benutzerdefinierte felder campo personalizado champ personnalise"
)
_CLASSES = words(
    "classification klassifizierung einstufung clasificacion classificazione classificacao"
    " classificatie klasyfikacja"
)
_OF_DATA = words("data information document security daten de los datos des donnees")
_TAGS = words(
    "tag tags label labels keywords schlagworter stichworter etiquetas etiquettes etichette"
)
_SECRET = (CONFIDENTIAL | SECRET) | {"restricted"}
# "Confidentiality level", "Nivel de confidencialidad".
_DEGREES = words("level stufe grad nivel niveau livello de di")
_SEPARATORS = re.compile(r"[,;|]")
# Words of flags of a message: "is_private", "interne Notiz", "System".
_FLAGS = MESSAGES | PUBLIC | _FILLERS | words("system draft minimized")
_AUDIENCES = SENSITIVITY | VISIBILITY
_NAMES = VIEWS | SHOWN_TO | {"information type"}
# What Launchpad calls it beside "private".
_LIMITED = PRIVATE | words("limited proprietary embargoed")
# Where trackers name who may read an issue; without a name all may.
_LEVELS = {
    "jira": frozenset(
        {"security", "security level", "sicherheitsstufe", "sicherheitsebene",
         "nivel de seguridad", "niveau de securite"}
    ),
    "bugzilla": frozenset({"group", "groups"}),
}  # fmt: skip
# Words of a level that keeps nobody out.
_ALL = FOR_ALL | words("none no keine ninguno aucun")
# Who is not of the team; "all agents" are.
_OTHERS = FOR_ALL - words("all alle todos tous toutes tutti wszyscy")


def is_private(record: Record, plan: Plan) -> bool:
    """Say whether a ticket, or a message that has no title, is not for everybody."""
    titles, fields = plan.mapping.get("title", ()), record.named
    names, layout = tuple(fields), plan.layout.key
    if any(is_title_for_few(str(record.values.get(one) or "")) for one in titles):
        return True
    if titles and not _may_be_private(names, layout, titles):
        return False
    found = _audience_fields(names, layout, _objects(titles))
    if has_own_comment(record, plan):
        found = tuple((name, kind) for name, kind in found if _is_of_ticket_alone(name, kind))
    elif _is_of_group(fields) or _is_of_team(record, plan):
        return True
    return any(_says_private(kind, fields[name]) for name, kind in found)


def _is_of_team(record: Record, plan: Plan) -> bool:
    if plan.has_any(record, "title"):
        return is_note_of_team(record.named)
    texts = (record.values.get(one) for one in plan.mapping.get("text", ()))
    return is_private_message(record.named, plan.mapping) or any(
        isinstance(one, str) and one.strip() and not without_note(one) for one in texts
    )


def speaks_of_message(record: Record, plan: Plan) -> bool:
    """Say whether a row that is private, or deleted, may say so of its message alone.

    It has one of the rows of its ticket, or a text that is called like one: "Last comment".
    """
    titles = plan.mapping.get("title", ())
    if any(is_title_for_few(str(record.values.get(one) or "")) for one in titles):
        return False
    fields = record.named
    found = _audience_fields(tuple(fields), plan.layout.key, _objects(titles))
    of_ticket = (one for one in found if _is_of_ticket_alone(*one))
    if any(_says_private(kind, fields[name]) for name, kind in of_ticket):
        return False
    texts = plan.mapping.get("text", ())
    return plan.has_repeated_ids or any(words_of(normalized(one)) & _MESSAGES for one in texts)


_MESSAGES = (
    NOTE_NAMES | COMMENTS | words("message nachricht mensaje reply antwort respuesta update")
)


# All rows of a file have the same few sets of names.
@lru_cache(maxsize=256)
def _may_be_private(names: tuple[str, ...], layout: str, titles: tuple[str, ...]) -> bool:
    """Say whether any field of a row may say who reads it, by their names."""
    found = _audience_fields(names, layout, _objects(titles)) or names_telling(names)
    return bool(found or names_of_kind(names) or "groups" in names)


def _objects(columns: tuple[str, ...]) -> frozenset[str]:
    """Return the objects that columns of a ticket's words are in, by their paths."""
    paths = (normalized(name).rpartition(".") for name in columns)
    return frozenset(above for above, _, _ in paths)


def _is_of_group(fields: Mapping[str, Any]) -> bool:
    """Say whether groups may read a bug, and nobody else, as Bugzilla's API names them."""
    return "is open" in fields and "creation time" in fields and not is_empty(fields.get("groups"))


def has_own_comment(record: Record, plan: Plan) -> bool:
    """Say whether a row of a ticket in several has a comment, and so may speak of that alone."""
    said = (record.values.get(name) for name in plan.mapping.get("replies", ()))
    is_said = any(isinstance(one, str) and not is_empty(one) for one in said)
    return plan.has_repeated_ids and is_said and plan.has_any(record, "text", "title")


def _is_of_ticket_alone(name: str, kind: _FieldKind) -> bool:
    return kind in ("level", "class", "tags") or bool(words_of(name) & _TICKETS)


def is_private_message(fields: Mapping[str, Any], mapping: Mapping_) -> bool:
    """Say whether a row that is a message says that it is a note of the team, or not for all."""
    own = _objects((*mapping.get("title", ()), *mapping.get("text", ())))
    return is_note(fields) or any(
        _is_of_message(name, fields[name], own) and says_private(name, fields[name])
        for name in names_telling(tuple(fields))
    )


def _is_of_message(name: str, value: object, own: frozenset[str]) -> bool:
    """Say whether a field speaks of the message, as "visible to customers", "type: internal note".

    "Damage visible" and "type: internal request" say what it is about. `own` are the objects that
    have its words, by their paths.
    """
    said = words_of(name)
    if said & _AUDIENCES or name in _NAMES:
        return True
    if marked(value) is not None:
        above, _, last = name.rpartition(".")
        more = words_of(last) - _FLAGS
        is_shown_to = more <= FOR_ALL | TO and bool(said & PUBLIC or more & TO)
        is_own = above in own or words_of(above) <= _FLAGS | WRAPPERS
        return is_own and (not more or is_shown_to)
    read = words_of_readers(str(value))
    return read <= (PRIVATE | NOTES if name == "channel" else MESSAGES) and read != {"work"}


@lru_cache(maxsize=256)
def _audience_fields(
    names: tuple[str, ...], layout: str, objects: frozenset[str]
) -> tuple[tuple[str, _FieldKind], ...]:
    """Return those names that may say who reads a ticket, each with its kind."""
    return tuple((name, kind) for name in names if (kind := _field_kind(name, layout, objects)))


def _field_kind(name: str, layout: str, objects: frozenset[str]) -> _FieldKind | None:
    path = name.replace("$", "")
    above, _, last = path.rpartition(".")
    if last in {"name", "type", "value"} and above:  # of an object of its own
        above, _, last = above.rpartition(".")
    if above and above not in objects and not is_of_ticket(f"{above}.{last}"):
        return None
    if last in _LEVELS.get(layout.partition(" ")[0], ()):
        return "level"
    if last in _LEVELS["jira"] - {"security"}:  # of any other tool, where "High" is one, too
        return "audience"
    return _kind_by_words(last, words_of(last))


def _kind_by_words(last: str, said: frozenset[str]) -> _FieldKind | None:
    beside = _FILLERS | _DEGREES | PRIVATE | PUBLIC
    if last in _NAMES or (said & _AUDIENCES and said - _AUDIENCES <= beside):
        return "readers" if last in SHOWN_TO or said & VISIBILITY else "audience"
    if said & PRIVATE and said & PUBLIC and said <= PRIVATE | PUBLIC | _FILLERS | {"or"}:
        return "audience"  # "Public/Private"
    if said & _CLASSES and said - _CLASSES <= _FILLERS | _OF_DATA:
        return "class"
    if said & _TAGS and said - _TAGS <= _FILLERS:
        return "tags"
    shown_to = FOR_ALL | TO if said & TO else frozenset()
    for kind, marks in _FLAG_KINDS.items():
        if said & marks and said - marks <= _FILLERS | shown_to:
            return kind
    return None


_FLAG_KINDS: dict[_FieldKind, frozenset[str]] = {"private": PRIVATE, "public": PUBLIC}


def _is_tagged(value: object) -> bool:
    """Say whether any tag is "confidential", not one about confidential data."""
    tags = value if isinstance(value, list) else _SEPARATORS.split(str(value))
    named = (one.get("name") if isinstance(one, Mapping) else one for one in tags)
    said = (words_of_readers(one) for one in named if isinstance(one, str))
    return any(one & CONFIDENTIAL and one <= CONFIDENTIAL | _FILLERS for one in said)


def _says_private(kind: _FieldKind, value: object) -> bool:
    if kind == "tags":
        return _is_tagged(value)
    if is_empty(value) or isinstance(value, list | dict):
        return kind == "level" and isinstance(value, list) and not is_empty(value)
    said = words_of_readers(str(value))
    if kind == "class":
        return bool(said & _SECRET)
    if kind == "level":
        return bool(said & PRIVATE) or said.isdisjoint(_ALL)
    if kind in ("audience", "readers"):
        is_of_team = bool(said) and said <= STAFF | NOTES
        is_for_few = bool(said & ONLY) and said.isdisjoint(FOR_ALL)
        # "Support team", "all agents"
        is_for_staff = kind == "readers" and bool(said & STAFF) and said.isdisjoint(_OTHERS)
        return bool(said & _LIMITED) or is_of_team or is_for_few or is_for_staff
    return marked(value) is (kind == "private") or (bool(said) and said <= PRIVATE | NOTES)
