"""Columns that say who may read other columns of their row: "Comment 1 visibility: internal"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.intake.importers.audience.reply_audience import is_public
from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.audience_words import (
    COMMENTS,
    FOR_ALL,
    NOTE_NAMES,
    PRIVATE,
    PUBLIC,
    SENSITIVITY,
    SENT,
    TO,
    VISIBILITY,
    WRITTEN,
)
from services.intake.importers.vocabulary.reply_kinds import names_note
from services.text.words.word_lists import words

_KINDS = words("type kind typ art tipo")
# How the name of such a column ends.
_ENDS = PRIVATE | PUBLIC | VISIBILITY | SENSITIVITY | TO | FOR_ALL | _KINDS | words("is ist es est")
_ANSWERS = words(
    "answer answers resolution solution antwort losung respuesta solucion reponse"
    " resolutions solutions"
)
_SAID = (WRITTEN | SENT | NOTE_NAMES | COMMENTS | _ANSWERS) | words(
    "followup followups suivi suivis seguimiento seguimientos article update updates"
)
_WORD = re.compile(r"\w+")


def hidden_columns(values: Mapping[str, Any]) -> frozenset[str]:
    """Return those columns of a row of which others say that not all may read them."""
    found: set[str] = set()
    for flag, end, is_answer, columns in _flags(tuple(values)):
        value = values[flag]
        if is_answer and end in _KINDS and not names_note(str(value)):
            continue  # how something was solved: "Resolution type: internal"
        if not is_public({end: value}):
            found.update(columns)
    return frozenset(found)


# All rows of a file have the same few sets of names.
@lru_cache(maxsize=256)
def _flags(names: tuple[str, ...]) -> tuple[tuple[str, str, bool, tuple[str, ...]], ...]:
    """Return names of flags, how each ends, whether it is an answer's, and what it speaks of."""
    split = {name: [_singular(one) for one in _said(name)] for name in names}
    found: list[tuple[str, str, bool, tuple[str, ...]]] = []
    for name in names:
        said = _said(name)
        length = len(said)
        while length and said[length - 1] in _ENDS:
            length -= 1
        start = split[name][:length]
        if "." in normalized(name) or length == len(said) or _SINGULARS.isdisjoint(start):
            continue
        columns = tuple(one for one in names if one != name and split[one][:length] == start)
        if columns:
            is_answer = not _ANSWERS.isdisjoint(said[:length])
            found.append((name, " ".join(said[length:]), is_answer, columns))
    return tuple(found)


def _said(name: str) -> list[str]:
    return _WORD.findall(normalized(name))


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > MIN_PLURAL else word


MIN_PLURAL = 3
_SINGULARS = frozenset(map(_singular, _SAID))
