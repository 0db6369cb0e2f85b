"""The language that a text is written in, or its script."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import islice

from services.text.comparing.terms import terms
from services.text.words.folding import fold
from services.text.words.function_words import LANGUAGES, decided_language

# Letters of a text that its script is found by.
MAX_LETTERS = 200

_NAMES = dict(zip(LANGUAGES, ("English", "German", "Spanish"), strict=True))


def language_name(text: str) -> str:
    """Return what `decided_name` does, and English where no word decides."""
    return decided_name(text) or _NAMES["en"]


def decided_name(text: str) -> str | None:
    """Return the language of a text in Latin letters, of another one its script.

    None if no word decides on one of the languages.
    """
    script = _script(text)
    if script != "Latin":
        return script
    language = decided_language(fold(term) for term in terms(text))
    return None if language is None else _NAMES[language]


def _script(text: str) -> str:
    letters = islice(filter(str.isalpha, text), MAX_LETTERS)
    scripts = Counter(unicodedata.name(letter, "?").partition(" ")[0] for letter in letters)
    script = max(scripts, key=lambda one: scripts[one], default="LATIN")
    return "Chinese" if script == "CJK" else script.capitalize()
