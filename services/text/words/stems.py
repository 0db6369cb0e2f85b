"""Stems of words, by Snowball: "printing" and "printed" are "print"."""

from __future__ import annotations

from functools import lru_cache
from threading import local

import snowballstemmer

from services.text.words.function_words import Language

# Words whose stems are kept, as the same few are asked for over and over.
MAX_KNOWN = 50_000

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
