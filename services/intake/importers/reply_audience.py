"""Who may read a reply, everybody or only the team, by its fields and the name of its column.

In doubt it is not public: a note among agents must not become an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.intake.importers.audience_words import (
    COMMENTS,
    FOR_ALL,
    LIMITED,
    NOTE_NAMES,
    NOTES,
    PARTS,
    PRIVATE,
    PUBLIC,
    SENSITIVITY,
    SENT,
    SHOWN_TO,
    STAFF,
    TASKS,
    VIEWS,
    VISIBILITY,
    WORK,
    WORK_NOTES,
    marked,
    words_of,
    words_of_readers,
)
from services.intake.importers.flags import flag
from services.intake.importers.records import is_empty, normalized
from services.intake.importers.synonyms import ID_ENDS, ID_WORDS, SYNONYMS
from services.intake.importers.ticket_paths import is_of_ticket
from services.text.word_lists import words

_ACCESS = SENSITIVITY | words("access scope acceso zugriff")
# Names of fields that say to whom something went; a word for the team alone means nobody else.
_RECIPIENTS = words("recipients recipient")
_AUDIENCES = VISIBILITY | _ACCESS | _RECIPIENTS | words("channel element kind type tipo art typ")
_NUMBERS = words("id ids key number no nr count")
# Numbers and names of what is private are no flags: "internal_id": 1.
_NO_FLAGS = _NUMBERS | words("user author by at date")
# Parts of a conversation that nobody wrote for the customer.
_SILENT = words(
    "lineitem assignment close open away_mode_assignment snoozed unsnoozed forwardedlog"
    " note_and_reopen timer_unsnooze conversation_rating_changed"
    " quick_reply attribute_collected system internal-note navigation system_message"
)


def kind_of(fields: Mapping[str, Any]) -> str:
    """Return what a conversation calls the part that a reply is."""
    return str(fields.get("part type") or fields.get("type") or "").lower()


_OWN_KINDS = ("part type", "type")
# Where others have the kind of a reply.
_KINDS = ("kind", "message type", "comment type", "entry type", "role", "content.type")
# What calls itself a note is for the team: "conversation_note".
_NOTE_KIND = re.compile(r"[a-z][ _-]notes?$")
# Unless it goes with goods or money.
_OF_TRADE = words("credit debit delivery dispatch despatch shipping consignment release sick")


def is_public(fields: Mapping[str, Any]) -> bool:
    """Say whether a reply is for the customer, and not a note among agents."""
    kinds = _kinds(fields)
    is_draft = str(fields.get("state") or "").lower() == "draft"
    return not (is_draft or _are_notes(kinds, fields) or kinds & _SILENT) and not any(
        says_private(name, fields[name]) for name in names_telling(tuple(fields))
    )


def is_note(fields: Mapping[str, Any]) -> bool:
    """Say whether a part of a conversation calls itself a note of the team, not a credit note."""
    kinds = {kind for kind in _kinds(fields) if not words_of(normalized(kind)) & _OF_TRADE}
    return _are_notes(kinds, fields)


def _are_notes(kinds: set[str], fields: Mapping[str, Any]) -> bool:
    is_one = any(kind == "note" or _NOTE_KIND.search(kind) for kind in kinds)
    return is_one or ("n" in kinds and "poster" in fields)  # osTicket has M, R and N


def _kinds(fields: Mapping[str, Any]) -> set[str]:
    """Return what a part of a conversation is called, by any of the fields that may say it."""
    found = names_of_kind(tuple(fields))
    others = (str(fields[name] or "").lower() for name in found if name not in _OWN_KINDS)
    return {kind_of(fields), *others} if found else set()


# All rows and replies of a file have the same few sets of names.
@lru_cache(maxsize=256)
def names_of_kind(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names of fields that may say what kind of a part something is."""
    return tuple(one for one in names if one in _OWN_KINDS or one in _KINDS)


def is_note_of_team(fields: Mapping[str, Any]) -> bool:
    """Say whether a part calls itself a note of the team; a ticket may be of a credit note."""
    said = (words_of(normalized(kind)) for kind in _kinds(fields) if _NOTE_KIND.search(kind))
    are_of_team = any(one & (PRIVATE | STAFF | WORK) for one in said)
    return are_of_team or ("poster" in fields and is_note(fields))


@lru_cache(maxsize=256)
def names_telling(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names of fields that may say who may read something."""
    return tuple(one for one in names if _is_yes_private(one) is not None or _tells_audience(one))


def are_replies_public(fields: Mapping[str, Any], *, of_rows: bool = False) -> bool:
    """Say whether replies in the columns of a row may be read, as others say: "Comment public".

    Where each row has a reply of its own (`of_rows`), all that it says is of this.
    """
    if of_rows:
        return is_public(fields)
    names = names_telling(tuple(fields))
    return not any(says_private(name, fields[name]) for name in names if _tells_of_replies(name))


def is_part_public(column: str, fields: Mapping[str, Any]) -> bool:
    """Say whether a text in an object of its own is for all, by what stands beside it there.

    So a comment does that is not in a list: "comment.body" beside "comment.public". `fields` are
    those of the row; what a whole ticket says of itself says nothing of its text.
    """
    return all(_is_object_public(one, column, fields) for one in _objects_around(column))


@lru_cache(maxsize=1024)
def _objects_around(column: str) -> tuple[str, ...]:
    """Return the objects that a column's text is in, other than the ticket, by their paths."""
    *above, last = normalized(column).split(".")
    paths = (".".join(above[: end + 1]) for end in range(len(above)))
    return tuple(one for one in paths if not is_of_ticket(f"{one}.{last}"))


def _is_object_public(path: str, column: str, fields: Mapping[str, Any]) -> bool:
    start = f"{path}."
    inner = {name[len(start) :]: one for name, one in fields.items() if name.startswith(start)}
    if "." in normalized(column)[len(start) :]:  # another object in it speaks of itself
        inner = {name: one for name, one in inner.items() if "." not in name}
    is_reply = bool(_OBJECTS & words_of(path.rpartition(".")[2]))
    # What has a title is a ticket in an object of another name.
    return (not is_reply and not _TITLES.isdisjoint(inner)) or is_public(inner)


@lru_cache(maxsize=4096)
def _tells_of_replies(name: str) -> bool:
    return bool(words_of(name) & _REPLIES)


_REPLIES = words("comment note message reply article response kommentar comentario commentaire")
_TITLES = frozenset(SYNONYMS["title"])
# Objects of one reply, or of an answer.
_OBJECTS = _REPLIES | words(
    "answer resolution solution antwort losung nachricht respuesta solucion mensaje notiz nota"
    " reponse comments notes"
)


@lru_cache(maxsize=1024)
def is_public_name(name: str) -> bool:
    """Say whether a column of this name may hold what the team tells the customer."""
    said = words_of(normalized(name))
    if said & (PRIVATE | WORK):
        return False
    if said & TASKS:
        return bool(said & (SENT | COMMENTS))
    return not said & STAFF or bool(said & SENT)


def is_name_of_team(name: str) -> bool:
    """Say whether a column of this name holds what the team writes for itself: "Internal notes".

    A longer name may be a question of a form, about what is private. An "Internal ID" is no words.
    """
    said = words_of(normalized(name))
    is_note = bool(said & NOTE_NAMES and said & (STAFF | WORK))
    is_of_team = is_note or bool(said & (PRIVATE | WORK_NOTES))
    return is_of_team and len(said) <= _MAX_NAME_WORDS and not _is_name_of_id(name)


def _is_name_of_id(name: str) -> bool:
    """Say whether a name ends with a word for an id, beside "internal": "ID interno"."""
    said = normalized(name).replace(".", " ").split()
    last = next((one for one in reversed(said) if one not in PRIVATE), "")
    return last in ID_WORDS | _NUMBERS or last.endswith(ID_ENDS)


_MAX_NAME_WORDS = 3


def kinds_of(columns: Sequence[str], *, are_known: bool) -> list[tuple[str, str]]:
    """Return columns of replies with what `is_public_name` should read of each.

    Notes that stand beside posts or messages are what the team writes for itself, unless the tool
    is known, as GitLab calls comments notes.
    """
    named = [(column, normalized(column)) for column in columns]
    if are_known or all(NOTE_NAMES & words_of(name) for _, name in named):
        return named
    return [(one, "internal" if NOTE_NAMES & words_of(name) else name) for one, name in named]


def says_private(name: str, value: object) -> bool:
    """Say whether a field says that not all may read what it belongs to."""
    yes_is_private, is_audience = _is_yes_private(name), _tells_audience(name)
    if is_empty(value) or isinstance(value, list | dict):
        return False
    if yes_is_private is not None and (is_yes := marked(value)) is not None:
        return is_yes is yes_is_private
    return is_audience and _is_for_some(name, str(value))


# What nobody wrote, or nobody has sent yet, or a moderator hides.
_UNSHOWN = frozenset({"system", "is system", "is note", "draft", "is draft", "is minimized"})


@lru_cache(maxsize=4096)
def _is_yes_private(name: str) -> bool | None:
    """Say whether "yes" in a field means private, or public; None if it is not such a flag."""
    said = words_of(name)
    if said & _NO_FLAGS:
        return None
    # "visible to staff only" does not say that all see it.
    is_for_staff = "only" in said and bool(said & STAFF)
    if said & PRIVATE or is_for_staff or name in _UNSHOWN:
        return True
    return False if said & PUBLIC else None


# Who alone reads a comment, in Jira's XML.
_LEVELS = frozenset({"grouplevel", "rolelevel"})


@lru_cache(maxsize=4096)
def _tells_audience(name: str) -> bool:
    """Say whether a field is such as `visibility`, `comment type` or `visibility.type`."""
    if name in _LEVELS or name.removesuffix(".name") in VIEWS | SHOWN_TO:
        return True
    *before, last = name.replace(".", " ").replace("$", "").split() or [""]
    is_named = last in _AUDIENCES or name == "visibility.value"
    return is_named and PARTS.issuperset(before)


def _is_for_some(name: str, value: str) -> bool:
    said = words_of_readers(value)
    if said & (PRIVATE | LIMITED) or (said & STAFF and said & NOTES):
        return True
    named = words_of(name)
    if name in _LEVELS:
        return not said & FOR_ALL
    if named & _RECIPIENTS:
        return said <= STAFF
    if named & _ACCESS or name in SHOWN_TO:
        return bool(said & STAFF)
    # A number is a code that may say either: in Re:amaze, 1 is for the team.
    is_yes = flag(value) is True and not value.strip().isdigit()
    return bool(named & VISIBILITY) and not is_yes and not said & FOR_ALL
