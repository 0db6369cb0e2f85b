"""The words of talk, read from `talk.toml`: what each is used for, by language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntFlag, auto
from functools import cache, lru_cache
from typing import NamedTuple

from services.text.words.folding import fold
from services.text.words.word_forms import (
    adjective_forms,
    hasty_forms,
    spellings,
    verb_forms,
    without_pronouns,
)
from services.text.words.word_lists import read_lists, words

LANGUAGES = ("en", "de", "es")

_CACHED_WORDS = 20_000

# The table of forms that are left out.
_EXCEPTIONS = "exceptions"
_FORMS = {"verbs": verb_forms, "adjectives": adjective_forms}

# "haha", "jejeje", "xD", "hmm"
_LAUGH = re.compile(
    r"(?:[hj][aeiou]){2,}[hj]?|x+d+|l+o+l+|h*m+(?:h+m*)?|a+h+a*|o+h+o*|u+f+f*|a+w+|y+a+y+|r+o+f+l+"
)
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")
_DOUBLED = re.compile(r"([^\W\d])\1")

# Shorter words are too often one letter from another ("Ofen", "offen").
_MIN_MISTYPED = 6
# No listed word is longer: a longer one is a blob, or several in one.
_MAX_MISTYPED = 40


class Use(IntFlag):
    """What people use a word of talk for; a word may have several uses."""

    FUNCTION = auto()
    GREETINGS = auto()
    THANKS = auto()
    PLEASE = auto()
    ASSENT = auto()
    APOLOGY = auto()
    REMINDERS = auto()
    AGREEMENT = auto()
    REFERENCES = auto()
    HELP = auto()
    TROUBLE = auto()
    CLOSURE = auto()
    CHANGES = auto()
    MEETINGS = auto()
    LABELS = auto()
    CONNECTIVES = auto()
    SUBJECTS = auto()
    THINGS = auto()
    ABSENCE = auto()
    LEAVE = auto()
    PRESENCE = auto()
    CHAT = auto()
    NAMES = auto()


class Word(NamedTuple):
    """A word as it is written and folded, and its uses in each of `LANGUAGES`.

    A use is None where the language does not list the word.
    """

    text: str
    folded: str
    uses: tuple[int | None, ...]


@lru_cache(_CACHED_WORDS)
def read_word(text: str) -> Word:
    """Look a word up in all languages."""
    folded = fold(text)
    return Word(text, folded, tuple(_uses(language, folded) for language in LANGUAGES))


def is_pair(language: int, first: str, second: str) -> bool:
    """Say whether two folded words are listed as a pair of a language, by its number."""
    return (first, second) in _pairs()[LANGUAGES[language]]


def _uses(language: str, word: str) -> int | None:
    known = _words()[language]
    use = known.get(word) or _use_in_any_language(word)
    if use is not None or word.isdecimal():  # a number is no word in haste
        return use
    if _STRETCHED.search(word):  # "pleaaase", "holaaa"
        shortest, short = _STRETCHED.sub(r"\1", word), _STRETCHED.sub(r"\1\1", word)
        return None if len(shortest) == 1 else known.get(shortest) or known.get(short)
    if language == "es":
        verbs = _spanish_verbs()
        for form in without_pronouns(word):
            if form in verbs:
                return verbs[form]
    return _mistyped(language, word)


def _use_in_any_language(word: str) -> int | None:
    if word in _names():
        return int(Use.NAMES)
    if len(word) == 1 and (word.isdecimal() or word.isascii()):
        return int(Use.FUNCTION)
    return int(Use.ASSENT) if _LAUGH.fullmatch(word) else None


def _mistyped(language: str, word: str) -> int | None:
    """Return the uses of a listed word with two letters swapped, or one doubled or not ("untill").

    In Spanish, a double letter makes another word ("perro", "pero").
    """
    if not _MIN_MISTYPED <= len(word) <= _MAX_MISTYPED or word in _exceptions(language):
        return None
    known = _words()[language]
    for at in range(len(word) - 1):
        use = known.get(f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}")
        if use is not None:
            return use
    if language == "es":
        return None
    single = _DOUBLED.sub(r"\1", word)
    return known.get(single) or _undoubled()[language].get(single)


def _tables() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return read_lists("talk.toml", "services.text.small_talk")


@cache
def _words() -> Mapping[str, Mapping[str, int]]:
    """Return the uses of all listed words and their forms, by language."""
    found: dict[str, Mapping[str, int]] = {}
    for language, uses in _tables().items():
        listed = ((use, word) for use in uses for word in _listed(language, use))
        known = _collected([*listed, *_inflected(language)])
        found[language] = {**_collected(_hasty(language)), **known}
    return found


@cache
def _exceptions(language: str) -> frozenset[str]:
    return frozenset(_listed(language, _EXCEPTIONS))


@cache
def _names() -> frozenset[str]:
    return words(read_lists("first_names.toml", "services.text.small_talk")["words"])


@cache
def _undoubled() -> Mapping[str, Mapping[str, int]]:
    """Return the uses of words with double letters by how they are spelled without these."""
    return {
        language: {
            _DOUBLED.sub(r"\1", word): use
            for word, use in uses.items()
            if len(word) >= _MIN_MISTYPED and _DOUBLED.search(word)
        }
        for language, uses in _words().items()
    }


@cache
def _spanish_verbs() -> Mapping[str, int]:
    return _collected(_inflected("es", ("verbs",)))


@cache
def _pairs() -> Mapping[str, frozenset[tuple[str, ...]]]:
    return {
        language: frozenset(
            tuple(fold(pair).split())
            for table in tables.values()
            for pair in table.get("pairs", ())
        )
        for language, tables in _tables().items()
    }


def _collected(words: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    uses = {name.lower(): int(use) for name, use in Use.__members__.items()}
    found: defaultdict[str, int] = defaultdict(int)
    for use, word in words:
        if use != _EXCEPTIONS:
            found[word] |= uses[use]
    return dict(found)


def _listed(language: str, use: str) -> Iterator[str]:
    for word in _tables()[language][use].get("words", "").split():
        yield from spellings(word)


def _hasty(language: str) -> Iterator[tuple[str, str]]:
    """Return courtesies as they are mistyped in haste, each with a use ("dnake", "gracis")."""
    exceptions = _exceptions(language)
    for use, table in _tables()[language].items():
        for word in table.get("hasty", "").split():
            yield from ((use, form) for form in hasty_forms(word) if form not in exceptions)


def _inflected(
    language: str, kinds: Sequence[str] = ("verbs", "adjectives")
) -> Iterator[tuple[str, str]]:
    """Return the forms of verbs and adjectives, each with a use, without the exceptions."""
    exceptions = _exceptions(language)
    for use, table in _tables()[language].items():
        for kind in kinds:
            for entry in table.get(kind, "").split():
                for form in _FORMS[kind](language, entry):
                    if form not in exceptions:
                        yield use, form
