"""Stems of words, by Snowball: "printing" and "printed" are "print"."""

from __future__ import annotations

from functools import lru_cache
from threading import local

import snowballstemmer

from services.text.words.function_words import Language

# Words whose stems are kept, as the same few are asked for over and over.
MAX_KNOWN = 50_000
# With how many letters all forms of a word begin.
FORMS_BEGIN = 3

_ALGORITHMS: dict[Language, str] = {"en": "english", "de": "german", "es": "spanish"}


class _Stemmers(local):
    """The stemmers of one thread: each keeps the word that it works on, so none is shared."""

    def __init__(self) -> None:
        self.of = {
            language: snowballstemmer.stemmer(name) for language, name in _ALGORITHMS.items()
        }


_stemmers = _Stemmers()


@lru_cache(maxsize=MAX_KNOWN)
def stem(word: str, language: Language) -> str:
    """Return the stem of a word that is in lower case."""
    return str(_stemmers.of[language].stemWord(word))


def is_form_of(word: str, other: str) -> bool:
    """Say whether two words in lower case are one, or have one stem in one of the languages.

    What has a figure is a code, which has no forms. Of a short stem only the plural counts: "pago"
    and "page" have one, in Spanish.
    """
    if word == other or not word.isalpha():
        return word == other
    # Most words are told apart by how they begin; stemming them takes a hundred times as long.
    if word[:FORMS_BEGIN] != other[:FORMS_BEGIN]:
        return False
    stems = [(stem(word, one), stem(other, one)) for one in _ALGORITHMS]
    has_one_stem = any(ours == theirs and len(ours) > FORMS_BEGIN for ours, theirs in stems)
    return has_one_stem or f"{word}s" == other or f"{other}s" == word
