"""Reversals: where two things change places between two texts of the same words.

Something goes from one to the other ("from Mac to Windows", "convert PDF to Word"), or one is held
against the other ("works in Chrome but not in Firefox"). Texts are folded, English, German and
Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from services.text.words.function_words import ALL_NEUTRAL
from services.text.words.word_lists import read_lists, word_alternatives, words

# Words that are read before "to", after it, and after "not".
MAX_ORIGIN, MAX_GOAL, MAX_DENIED = 2, 3, 4

# In a longer text too much stands before and after "to": only routes are read there.
MAX_LENGTH = 300

_TABLES = read_lists("opposites.toml", "services.text.comparing")
NEGATIONS = words(_TABLES["negations"])

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[^.!?;\n]+")

# Each with its words for the start and for the end: a text without one of both is not searched.
_ROUTES = tuple(
    (
        frozenset(start.split("|")),
        frozenset(end.split("|")),
        re.compile(rf"\b(?:{start})\b([^.!?\n]{{1,60}}?)\b(?:{end})\b([^.!?,\n]{{1,60}})"),
    )
    for start, end in (
        ("from", "to|into|onto"),
        ("von|vom|aus", "nach|auf|zu|zum|zur|in|ins"),
        ("de|del|desde", "a|al|hacia|hasta"),
    )
)
# "PDF to Word" is a move where something is converted; "access to SAP" is none.
_CHANGING = re.compile(word_alternatives(_TABLES["changing"]))
_INTO = re.compile(r"\b(?:to|into|onto|nach|zu|auf|in|ins|a|al|hacia|hasta)\b|->|→")

# "But not in Firefox", "but they can not hear me".
_BUT_NOT = re.compile(
    r"(?:,|\b(?:but|and|while|whereas|aber|und|doch|pero|y|mientras)\b)\s*"
    rf"(?:[^\W_]+ ){{0,3}}?(?:{'|'.join(sorted(NEGATIONS))})\b"
)

MoveKind = Literal["route", "change", "contrast"]
Sides = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Move:
    """Two things in an order, each as the words that the other does not have."""

    kind: MoveKind
    first: frozenset[str]
    last: frozenset[str]


def find_moves(folded: str, words: frozenset[str]) -> tuple[Move, ...]:
    """Return the moves in a text; `words` are its words."""
    moves = [*_routes(folded, words)]
    if len(folded) <= MAX_LENGTH:
        moves += [*_changes(folded, words), *_contrasts(folded, words)]
    return tuple(one for one in moves if one.first and one.last)


def find_exchange(ours: Sequence[Move], theirs: Sequence[Move], are_alike: bool) -> Sides | None:
    """Return the words that change places, as each text has them; None for none.

    Routes say so in any two texts, all else only in texts that `are_alike`.
    """
    for one, other in product(ours, theirs):
        first, last = sorted(one.first & other.last), sorted(one.last & other.first)
        is_read = one.kind == other.kind and (are_alike or one.kind == "route")
        if is_read and first and last:
            return (*first, *last), (*last, *first)
    return None


def _routes(folded: str, words: frozenset[str]) -> Iterator[Move]:
    for starts, ends, pattern in _ROUTES:
        if words.isdisjoint(starts) or words.isdisjoint(ends):
            continue
        if (match := pattern.search(folded)) is not None:
            start, end = map(_meaningful, match.groups())
            yield _move("route", start, end[:MAX_GOAL])


def _changes(folded: str, words: frozenset[str]) -> Iterator[Move]:
    if not any(map(_CHANGING.fullmatch, words)):
        return
    for sentence in _SENTENCE.findall(folded):
        for match in _INTO.finditer(sentence):
            before, after = sentence[: match.start()], sentence[match.end() :]
            if not _CHANGING.match(after.lstrip()):  # "to transfer" is an infinitive
                yield _move(
                    "change", _meaningful(before)[-MAX_ORIGIN:], _meaningful(after)[:MAX_GOAL]
                )


def _contrasts(folded: str, words: frozenset[str]) -> Iterator[Move]:
    if words.isdisjoint(NEGATIONS):
        return
    for sentence in _SENTENCE.findall(folded):
        if (match := _BUT_NOT.search(sentence)) is not None:
            before, after = sentence[: match.start()], sentence[match.end() :].split(",")[0]
            yield _move("contrast", _WORD.findall(before), _WORD.findall(after)[:MAX_DENIED])


def _move(kind: MoveKind, first: Sequence[str], last: Sequence[str]) -> Move:
    return Move(kind, frozenset(first) - set(last), frozenset(last) - set(first))


def _meaningful(part: str) -> list[str]:
    return [
        word
        for word in _WORD.findall(part)
        if word not in ALL_NEUTRAL and not _CHANGING.fullmatch(word)
    ]
