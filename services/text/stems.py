"""Stems of words, by Snowball: "printing" and "printed" are "print"."""

from __future__ import annotations

from threading import local

import snowballstemmer

from services.text.function_words import Language

_ALGORITHMS: dict[Language, str] = {"en": "english", "de": "german", "es": "spanish"}


class _Stemmers(local):
    """The stemmers of one thread: each keeps the word that it works on, so none is shared."""

    def __init__(self) -> None:
        self.of = {
            language: snowballstemmer.stemmer(name) for language, name in _ALGORITHMS.items()
        }


_stemmers = _Stemmers()


def stem(word: str, language: Language) -> str:
    """Return the stem of a word that is in lower case."""
    return str(_stemmers.of[language].stemWord(word))
