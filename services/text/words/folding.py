"""Text folded for comparing: without case, width and accents."""

from __future__ import annotations

import re
import unicodedata

from services.text.words.hinted_patterns import contains_any

# Accents of Latin, Greek and Cyrillic letters; in other scripts, marks distinguish letters.
_ACCENTS = re.compile("[\u0300-\u036f]")
_NEGATED = re.compile(r"n['’`´]t\b", re.IGNORECASE)
_APOSTROPHES = "'’`´"
_WITHOUT_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=\w)")


def fold(text: str) -> str:
    """Return `text` without case, width and accents."""
    if text.isascii():  # most texts, at a tenth of the cost
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def join_negations(text: str) -> str:
    """Return a text with "dont" for "don't".

    It comes before `fold`, which makes a space of one of the apostrophes ("´").
    """
    return _NEGATED.sub("nt", text) if contains_any(text, _APOSTROPHES) else text


def without_apostrophes(text: str) -> str:
    """Return a text with "dont" for "don't" and "it s" for "it's"; it comes before `fold`, too."""
    return _APOSTROPHE.sub(" ", join_negations(text)) if contains_any(text, _APOSTROPHES) else text


def fold_joined(text: str) -> str:
    """Return `text` folded, with words in one that an apostrophe divides: "dont", "whos"."""
    return fold(text.translate(_WITHOUT_APOSTROPHES) if contains_any(text, _APOSTROPHES) else text)
