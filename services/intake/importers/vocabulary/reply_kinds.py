"""What a part of a conversation is called: what tells a note of the team from a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.audience_words import (
    MESSAGES,
    NOTE_NAMES,
    PARTS,
    PRIVATE,
    STAFF,
    WORK,
    WRITTEN,
    words_of,
)
from services.text.words.word_lists import words

# Parts of a conversation that nobody wrote for the customer.
_SILENT = words(
    "lineitem assignment close open away_mode_assignment snoozed unsnoozed forwardedlog"
    " note_and_reopen timer_unsnooze conversation_rating_changed"
    " quick_reply attribute_collected system internal-note navigation system_message"
)

# Where the state of a reply is.
_STATES = ("state", "status", "post status", "comment status", "message status")


# All rows and replies of a file have the same few sets of names.
@lru_cache(maxsize=256)
def states_among(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names of fields in which the state of a reply is."""
    return tuple(one for one in _STATES if one in names)


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


def is_note_or_silent(fields: Mapping[str, Any]) -> bool:
    """Say whether a part is a note, or what nobody wrote for the customer.

    In Zammad a note is for the customer where it is not internal.
    """
    kinds = _kinds(fields)
    if fields.get("internal") is False or fields.get("public") is True:
        kinds = kinds - {"note"}
    return _are_notes(kinds, fields) or bool(kinds & _SILENT) or _is_called_note(fields)


def is_note(fields: Mapping[str, Any]) -> bool:
    """Say whether a part of a conversation calls itself a note of the team, not a credit note."""
    kinds = {kind for kind in _kinds(fields) if not words_of(normalized(kind)) & _OF_TRADE}
    return _are_notes(kinds, fields) or _is_called_note(fields)


def _is_called_note(fields: Mapping[str, Any]) -> bool:
    """Say whether any field of a part says "Note interne", whatever the field is called."""
    return any(
        isinstance(one, str) and _WORDS.fullmatch(one) and _is_own(name) and names_note(one)
        for name, one in fields.items()
    )


# What may be the words for a kind: most other values are no short phrases.
_WORDS = re.compile(r"[^\W\d_][^\d\n]{5,31}")


def _is_own(name: str) -> bool:
    """Say whether a field is of a part itself, or of the object that Kayako has for its kind."""
    return name.rpartition(".")[0] in ("", "content", "original", "via")


@lru_cache(maxsize=4096)
def names_note(value: str) -> bool:
    """Say whether a value calls something a note of the team: "Note interne", "Staff note"."""
    said = words_of(normalized(value))
    is_private = bool(said & PRIVATE and said & WRITTEN)
    return said <= _MESSAGES and (is_private or bool(said & NOTE_NAMES and said & _TEAM))


_TEAM = STAFF | WORK
# What was done with one: "add_private_note".
_MESSAGES = (MESSAGES | WORK) | words("add added create created post posted new")


def _are_notes(kinds: set[str], fields: Mapping[str, Any]) -> bool:
    is_one = any(kind in NOTE or _NOTE_KIND.search(kind) for kind in kinds)
    # osTicket has M, R and N; Discourse has numbers, of which 4 is a whisper.
    is_own = ("n" in kinds and "poster" in fields) or _is_whisper(fields)
    # What HubSpot calls comments in a conversation are the team's, unlike its messages.
    return is_one or is_own or ("comment" in kinds and "conversations thread id" in fields)


def _is_whisper(fields: Mapping[str, Any]) -> bool:
    return "post number" in fields and str(fields.get("post type")) == "4"


NOTE = words("note notiz nota")


def _kinds(fields: Mapping[str, Any]) -> set[str]:
    """Return what a part of a conversation is called, by any of the fields that may say it."""
    found = names_of_kind(tuple(fields))
    others = (str(fields[name] or "").lower() for name in found if name not in _OWN_KINDS)
    return {kind_of(fields), *others} if found else set()


@lru_cache(maxsize=256)
def names_of_kind(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names of fields that may say what kind of a part something is."""
    return tuple(one for one in names if one in _OWN_KINDS or one in _KINDS or _names_kind(one))


def _names_kind(name: str) -> bool:
    """Say whether a field is such as "thread type" or "type de message", not "author type"."""
    said = words_of(name)
    return _is_own(name) and bool(said & _KIND_WORDS) and said - _KIND_WORDS <= _OF_KINDS


_KIND_WORDS = words("type kind typ art tipo")
_OF_KINDS = PARTS | WRITTEN | words("content original resource de der du")


def is_note_of_team(fields: Mapping[str, Any]) -> bool:
    """Say whether a part calls itself a note of the team; a ticket may be of a credit note."""
    said = (words_of(normalized(kind)) for kind in _kinds(fields) if _NOTE_KIND.search(kind))
    are_of_team = any(one & (PRIVATE | STAFF | WORK) for one in said)
    return are_of_team or ("poster" in fields and is_note(fields))
