"""Who may read a reply, everybody or only the team, by its fields and the name of its column.

In doubt it is not public: a note among agents must not become an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.intake.importers.records import is_empty, normalized
from services.intake.importers.vocabulary.audience_words import (
    COMMENTS,
    FOR_ALL,
    LIMITED,
    NOTE_NAMES,
    NOTES,
    ONLY,
    PARTS,
    PRIVATE,
    PUBLIC,
    REMARKS,
    SENSITIVITY,
    SENT,
    SHOWN_TO,
    STAFF,
    TASKS,
    TO,
    VIEWS,
    VISIBILITY,
    WORK,
    WORK_NOTES,
    marked,
    words_of,
    words_of_readers,
)
from services.intake.importers.vocabulary.flags import flag
from services.intake.importers.vocabulary.reply_kinds import NOTE, is_note_or_silent, states_among
from services.intake.importers.vocabulary.synonyms import ID_ENDS, ID_WORDS, SYNONYMS
from services.intake.importers.vocabulary.ticket_paths import is_of_ticket
from services.text.words.word_lists import words

_ACCESS = SENSITIVITY | words("access scope acl acceso zugriff")
# Names of fields that say to whom something went; a word for the team alone means nobody else.
_RECIPIENTS = words("recipients recipient viewers viewer readers")
_AUDIENCES = (VISIBILITY | _ACCESS | _RECIPIENTS) | words(
    "channel direction level security element kind type tipo art typ"
)
_NUMBERS = words("id ids key number no nr count")
# Numbers and names of what is private are no flags: "internal_id": 1.
_NO_FLAGS = _NUMBERS | words("user author by at date")


def is_public(fields: Mapping[str, Any]) -> bool:
    """Say whether a reply is for the customer, and not a note among agents."""
    names = tuple(fields)
    is_unsent = any(str(fields[name] or "").lower() in _UNSENT for name in states_among(names))
    return not (is_unsent or is_note_or_silent(fields)) and not any(
        says_private(name, fields[name]) for name in names_telling(names)
    )


_UNSENT = frozenset({"draft", "hidden", "private", "unpublished"})


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


def is_answer_public(fields: Mapping[str, Any]) -> bool:
    """Say whether the answer in a row's column may be read: "Answer is public: no"."""
    named = (one for one in names_telling(tuple(fields)) if words_of(one) & _ANSWERS)
    return not any(says_private(one, fields[one]) for one in named)


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
    is_reply = names_reply(path.rpartition(".")[2])
    # What has a title is a ticket in an object of another name.
    return (not is_reply and not _TITLES.isdisjoint(inner)) or is_public(inner)


@lru_cache(maxsize=4096)
def names_reply(name: str) -> bool:
    """Say whether an object of this name is one reply, or an answer: "latestComment"."""
    return bool(_OBJECTS & words_of(normalized(name)))


@lru_cache(maxsize=4096)
def _tells_of_replies(name: str) -> bool:
    return bool(words_of(name) & _REPLIES)


_REPLIES = words("comment note message reply article response kommentar comentario commentaire")
_TITLES = frozenset(SYNONYMS["title"])
_ANSWERS = words("answer resolution solution antwort losung respuesta solucion reponse")
# Objects of one reply, or of an answer.
_OBJECTS = _REPLIES | _ANSWERS | words("nachricht mensaje notiz nota comments notes")


@lru_cache(maxsize=1024)
def is_public_name(name: str) -> bool:
    """Say whether a column of this name may hold what the team tells the customer."""
    said = words_of(normalized(name))
    if said & (PRIVATE | WORK) or (said & ONLY and not said & FOR_ALL):
        return False
    if said & TASKS:
        return bool(said & (SENT | COMMENTS))
    return not said & STAFF or bool(said & SENT)


def is_name_of_team(name: str) -> bool:
    """Say whether a column of this name holds what the team writes for itself: "Internal notes".

    A longer name may be a question of a form, about what is private. An "Internal ID" is no words.
    """
    said = words_of(normalized(name))
    is_note = bool(said & NOTE_NAMES and said & (STAFF | WORK | ONLY))
    is_remark = bool(said & (COMMENTS | REMARKS) and said & (STAFF | ONLY)) and not said & SENT
    is_of_team = is_note or is_remark or bool(said & (PRIVATE | WORK_NOTES))
    is_short = len(said) <= _MAX_NAME_WORDS or (said & _REMARKS and "?" not in name)
    return is_of_team and bool(is_short) and not _is_name_of_id(name)


_REMARKS = NOTE_NAMES | COMMENTS | REMARKS


def _is_name_of_id(name: str) -> bool:
    """Say whether a name ends with a word for an id, beside "internal": "ID interno"."""
    said = normalized(name).replace(".", " ").split()
    last = next((one for one in reversed(said) if one not in PRIVATE), "")
    return last in ID_WORDS | _NUMBERS or last.endswith(ID_ENDS)


_MAX_NAME_WORDS = 3


def kinds_of(columns: Sequence[str], *, are_known: bool) -> list[tuple[str, str]]:
    """Return columns of replies with what `is_public_name` should read of each.

    Notes that stand beside posts or messages are what the team writes for itself, unless the tool
    is known, as GitLab calls comments notes. So are comments beside lists of mails, in all shared
    inboxes (Front, Missive, SupportBee).
    """
    named = [(column, normalized(column)) for column in columns]
    if are_known or len(named) == 1:
        return named
    own = NOTE_NAMES | ({"comments"} if _OF_MAILS & {name for _, name in named} else set())
    if all(own & words_of(name) for _, name in named):
        return named
    return [(one, _TEAM_ONLY if own & words_of(name) else name) for one, name in named]


# What `is_public_name` takes for a name of the team.
_TEAM_ONLY = "internal"
_OF_MAILS = frozenset({"messages", "replies", "emails"})


def says_private(name: str, value: object) -> bool:
    """Say whether a field says that not all may read what it belongs to."""
    yes_is_private, is_audience = _is_yes_private(name), _tells_audience(name)
    if isinstance(value, list) and is_audience:
        return bool(value) and all(
            isinstance(one, str) and says_private(name, one) for one in value
        )
    if is_empty(value) or isinstance(value, list | dict):
        return False
    if name == "note":  # or a mark, in French
        return value is True
    if yes_is_private is not None:
        if (is_yes := marked(value)) is not None:
            return is_yes is yes_is_private
        if _names_team(str(value)):
            return True
    return is_audience and _is_for_some(name, str(value))


def _names_team(value: str) -> bool:
    """Say whether a value in place of yes or no names who reads it: "Public: internal"."""
    said = words_of_readers(value)
    return bool(said) and said <= PRIVATE | STAFF | NOTES


# What nobody wrote, or nobody has sent yet, or a moderator hides.
_UNSHOWN = frozenset(
    {"system", "is system", "is note", "note", "draft", "is draft", "is minimized", "whisper",
     "is whisper"}
)  # fmt: skip
# "show to requester", "publish to web"
_SHOWN_TO = re.compile(
    r"\b(?:show|shown|shared?|publish|published) (?:to|with|on|for|in) (?:the )?(\w+)"
)
_SHOWN_ON = FOR_ALL | words("portal web website caller")


@lru_cache(maxsize=4096)
def _is_yes_private(name: str) -> bool | None:
    """Say whether "yes" in a field means private, or public; None if it is not such a flag."""
    said = words_of(name)
    # "hidden from user", unlike "internal user"
    if said & (_NO_FLAGS - {"user"} if said & TO - {"by"} else _NO_FLAGS):
        return None
    # "visible to staff only" does not say that all see it.
    is_for_staff = "only" in said and bool(said & STAFF)
    is_note = bool(said & (NOTE | TO) and said & STAFF) and said <= NOTE | TO | STAFF | {"is"}
    if said & PRIVATE or is_for_staff or is_note or name in _UNSHOWN:
        return True
    shown = _SHOWN_TO.search(name)
    is_facing = "facing" in said and bool(said & FOR_ALL)
    return False if said & PUBLIC or is_facing or (shown and shown[1] in _SHOWN_ON) else None


# Who alone reads a comment, in Jira's XML.
_LEVELS = frozenset({"grouplevel", "rolelevel", "group level", "role level"})


@lru_cache(maxsize=4096)
def _tells_audience(name: str) -> bool:
    """Say whether a field is such as `visibility`, `comment type` or `visibility.type`."""
    if name in _LEVELS or name.removesuffix(".name") in VIEWS or _names_readers(name):
        return True
    *before, last = name.removesuffix(".name").replace(".", " ").replace("$", "").split() or [""]
    is_named = last in _AUDIENCES or name == "visibility.value"
    return is_named and PARTS.issuperset(before)


def _names_readers(name: str) -> bool:
    """Say whether a field is such as "visible to" or "answer visible to"."""
    return any(name.endswith(one) for one in SHOWN_TO)


def _is_for_some(name: str, value: str) -> bool:
    said = words_of_readers(value)
    if said & (PRIVATE | LIMITED) or (said & STAFF and said & NOTES):
        return True
    named = words_of(name)
    if name in _LEVELS:
        return not said & FOR_ALL
    if named & (_RECIPIENTS | NOTE):  # "Note type: agent"
        return said <= STAFF
    if named & _ACCESS or "security" in named or _names_readers(name):
        return bool(said & STAFF)
    # A number is a code that may say either: in Re:amaze, 1 is for the team.
    is_yes = flag(value) is True and not value.strip().isdigit()
    return bool(named & VISIBILITY) and not is_yes and not said & FOR_ALL
