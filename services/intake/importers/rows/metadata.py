"""What is kept with a ticket beside its fields: further columns, and replies."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any

from models.types import safe_text
from services.errors import InputError
from services.intake.importers.audience.part_audience import hidden_columns
from services.intake.importers.audience.reply_audience import (
    is_name_of_team,
    is_public,
    names_reply,
)
from services.intake.importers.records import is_empty, normalized
from services.intake.importers.replies.reply_lists import TicketReply
from services.intake.importers.replies.reply_objects import fields_of, is_reply
from services.intake.importers.vocabulary.audience_words import NOTE_NAMES
from services.text.cleaning.mail_parts import without_mail_parts
from services.text.words.word_lists import words

# Metadata is nearly flat; deeper nesting could exhaust the stack of a reader.
MAX_DEPTH = 20

# Of the replies, what is kept with a ticket: enough to read how it went on.
MAX_KEPT_REPLIES = 50
MAX_REPLY_LENGTH = 4000


def kept_fields(
    values: Mapping[str, Any],
    used: Container[str],
    warnings: list[str],
    own: Container[str] = (),
) -> dict[str, Any]:
    """Return the fields of a row that are kept beside those in `used`; a bad one is a warning.

    What the team writes for itself is not kept, which it does in the columns `own`, too.
    """
    kept: dict[str, Any] = {}
    notes = {
        name
        for path, names in _replies_among(tuple(values))
        if not is_public({normalized(name[len(path) + 1 :]): values[name] for name in names})
        for name in names
    }
    notes |= hidden_columns(values)
    for name, value in values.items():
        if name in used or name in notes or is_empty(value) or not _is_kept(name, value):
            continue
        if normalized(name) in own or (name != KEPT_REPLIES and _lists_replies(value)):
            continue  # nobody knows who may read replies that are not read as such
        try:
            found = metadata(value)
        except InputError as error:
            warnings.append(f"{name} {error}")
            continue
        if not is_empty(found):  # as a list of notes alone is
            kept[safe_text(name)] = found
    return kept


# Under this name are those that all may read.
KEPT_REPLIES = "replies"


def _lists_replies(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) and is_reply(one) for one in value)


# All rows of a file have the same few sets of names.
@lru_cache(maxsize=256)
def _replies_among(names: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the objects that are one reply, by their paths, each with its fields of some names."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        *above, _ = name.split(".")
        ends = (end for end, one in enumerate(above, 1) if names_reply(one))
        if end := next(ends, 0):
            found[".".join(above[:end])].append(name)
    return tuple((path, tuple(fields)) for path, fields in found.items())


def metadata(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a JSON value that every database can store.

    Raises `InputError`, which says what is wrong with it.
    """
    if depth == 0:
        raise InputError("is nested too deep")
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError("is not a number")
    if isinstance(value, list):
        return [metadata(one, depth - 1) for one in value if not _is_note(one)]
    if isinstance(value, dict):
        return {
            safe_text(key): metadata(one, depth - 1)
            for key, one in value.items()
            if _is_kept(str(key), one)
        }
    return value


def _is_kept(name: str, value: Any) -> bool:
    return _is_name_kept(name) and not (names_reply(name) and _is_note(value))


def _is_note(value: Any) -> bool:
    """Say whether an object says that it is for the team alone."""
    return isinstance(value, dict) and bool(value) and not is_public(fields_of(value))


@lru_cache(maxsize=4096)
def _is_name_kept(name: str) -> bool:
    """Say whether a field of this name is kept: none of the team's own, and no secrets.

    Nobody is shown them, so nothing is gained by keeping them.
    """
    above, _, last = name.rpartition(".")
    is_of_team = is_name_of_team(name) or (bool(above) and is_name_of_team(last))
    return not (is_of_team or _is_of_person(above, last) or _is_secret(name))


def _is_of_person(above: str, last: str) -> bool:
    """Say whether a field is what the team notes on a person: "customer.notes"."""
    of = normalized(above).rpartition(".")[2]
    return of in _PEOPLE and normalized(last) in NOTE_NAMES


_PEOPLE = words(
    "customer client user requester contact person author submitter company organization account"
)


def _is_secret(name: str) -> bool:
    said = [one for one in _WORD.findall(normalized(name)) if one not in _HOW_WRITTEN]
    return bool(said) and (said[-1] in _SECRETS or " ".join(said[-2:]) in _SECRET_NAMES)


_WORD = re.compile(r"\w+")
_HOW_WRITTEN = words("hash hashed digest encrypted salt value plain")
_SECRETS = words(
    "password passwords passwd pwd passphrase passwort kennwort contrasena token secret apikey"
    " otp pin cvv cvc iban ssn cookie authorization credentials zugangsdaten credenciales"
)
_SECRET_NAMES = frozenset(
    {
        "api key", "access key", "secret key", "credit card", "card number", "security code",
        "security number", "de passe",
    }
)  # fmt: skip


def kept_replies(replies: Sequence[TicketReply], answer: str | None) -> list[dict[str, Any]]:
    """Return what is kept of a ticket's replies: the public ones alone, at most so many.

    What the team says to itself answers nobody, so that it is in no database, backup or export. The
    reply that gave the `answer` is kept in any case: it tells who wrote it.
    """
    public = [one for one in replies if one.is_public]
    kept, later = public[:MAX_KEPT_REPLIES], public[MAX_KEPT_REPLIES:]
    answering = (one for one in later if without_mail_parts(one.text) == answer)
    if (found := next(answering, None)) is not None:
        kept[-1] = found
    return [_kept_reply(one) for one in kept]


def _kept_reply(reply: TicketReply) -> dict[str, Any]:
    kept: dict[str, Any] = {"text": safe_text(reply.text[:MAX_REPLY_LENGTH])}
    if reply.author:
        kept["author"] = safe_text(reply.author)
    if reply.at:
        kept["created"] = reply.at.isoformat()
    return kept
