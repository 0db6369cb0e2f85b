"""Function words of English, German and Spanish, read from `function_words.toml`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from services.text.words.word_lists import read_lists, words

Language = Literal["en", "de", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "de", "es")

_TABLES = read_lists("function_words.toml", "services.text.words")


def _words(table: str, name: str) -> frozenset[str]:
    return words(_TABLES[table][name])


NEUTRAL = {language: _words("neutral", language) for language in LANGUAGES}
DECIDING = {language: _words("deciding", language) for language in LANGUAGES}
ALL_NEUTRAL = frozenset().union(*NEUTRAL.values())
NUMERALS, DATES = _words("figures", "numerals"), _words("figures", "dates")

_KNOWN = {language: NEUTRAL[language] | DECIDING[language] for language in LANGUAGES}


def language_of(words: Iterable[str]) -> Language:
    """Return the language that knows most of some folded words as function words.

    Where none does, or several do equally, it is the first of `LANGUAGES`.
    """
    said = list(words)
    return max(LANGUAGES, key=lambda language: sum(map(_KNOWN[language].__contains__, said)))


def decided_language(words: Iterable[str]) -> Language | None:
    """Return the language of some folded words as `language_of` does; None if all are content."""
    known = list(words)
    language = language_of(known)
    return None if _KNOWN[language].isdisjoint(known) else language
