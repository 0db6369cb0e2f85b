"""The terms of a text, and TF-IDF over stored document frequencies.

The database only retrieves; weights are computed here, so that SQLite and PostgreSQL judge alike.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import regex

from services.text.words.folding import fold

TRIGRAM = 3
# Trigrams are counted beside the terms; no term begins with this character.
TRIGRAM_MARK = "~"

MAX_TERM_LENGTH = 64

_WORD = re.compile(r"\w++(?:[.\-_/:#+]\w++)*+")
# It finds the same in a text of ASCII, in two thirds of the time.
_ASCII_WORD = re.compile(_WORD.pattern, re.ASCII)
_PART = re.compile(r"[^\W_]+")
_SIGN = re.compile(r"[\-_/:#+]|(?<!\d)\.|\.(?!\d)")
# Scripts whose words are not, or not reliably, separated by spaces. The kana by `scx`, because the
# sign for long vowels is common to both.
_UNSPACED = regex.compile(
    r"[\p{Han}\p{scx=Hiragana}\p{scx=Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)


@dataclass(frozen=True)
class Lexicon:
    """The number of documents, their mean length, and the document frequency of each term."""

    documents: int
    mean_length: float
    frequencies: Mapping[str, int]
    _idfs: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def idf(self, term: str) -> float:
        """Return the term's inverse document frequency as in BM25, above 0.

        Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
        """
        idf = self._idfs.get(term)
        if idf is None:
            frequency = min(self.frequencies.get(term, 0), self.documents)
            idf = math.log(1 + (self.documents - frequency + 0.5) / (frequency + 0.5))
            self._idfs[term] = idf
        return idf

    def smooth_idf(self, term: str) -> float:
        """Return the term's smoothed inverse document frequency as in TF-IDF, at least 1."""
        frequency = min(self.frequencies.get(term, 0), self.documents)
        return math.log((1 + self.documents) / (1 + frequency)) + 1


def terms(text: str) -> list[str]:
    """Return the terms of a text in order: its words, and codes and numbers as a whole.

    `PS-LX350H` gives `ps`, `lx350h` and `pslx350h`; `2.4.1` gives `2`, `4`, `1` and `2.4.1`.
    Scripts without spaces give pairs of neighbouring characters.
    """
    folded = fold(text)
    # One look at the whole text: hardly any has such a script.
    is_ascii = folded.isascii()
    is_spaced = is_ascii or not _UNSPACED.search(folded)
    found: list[str] = []
    for word in (_ASCII_WORD if is_ascii else _WORD).findall(folded):
        if not is_spaced and _UNSPACED.search(word):
            found += [piece for part in _PART.findall(word) for piece in _pieces(part)]
        elif word.isalnum():  # most words
            found.append(word)
        else:
            found += _terms_of_code(word)
    if "" in found or max(map(len, found), default=0) > MAX_TERM_LENGTH:
        return [term for term in found if 0 < len(term) <= MAX_TERM_LENGTH]
    return found


def _terms_of_code(word: str) -> list[str]:
    """Return the parts of a word that has signs in it, and all of it where it has digits."""
    parts = _PART.findall(word)
    if len(parts) > 1 and has_digit(word):
        # A dot between digits matters: 2.41 is not 24.1.
        parts.append(_SIGN.sub("", word))
    return parts


def has_digit(term: str) -> bool:
    """Say whether a term has a digit."""
    return not term.isalpha() and any(map(str.isdigit, term))


def trigrams(words: Iterable[str]) -> list[str]:
    """Return the character trigrams of terms, each term between spaces, marked with `~`."""
    found = []
    for term in words:
        padded = f" {term} "
        found += [
            TRIGRAM_MARK + padded[start : start + TRIGRAM]
            for start in range(max(len(padded) - TRIGRAM + 1, 1))
        ]
    return found


def tfidf(document: Counter[str], lexicon: Lexicon) -> dict[str, float]:
    """Return the unit-length TF-IDF vector of a document (1 + ln tf), by term."""
    vector = {
        term: (1 + math.log(count)) * lexicon.smooth_idf(term) for term, count in document.items()
    }
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()} if length else {}


def dot(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the dot product of two vectors by term: the cosine, where both have unit length."""
    if len(second) < len(first):
        first, second = second, first
    return sum(value * second[term] for term, value in first.items() if term in second)


def rarest(words: Iterable[str], lexicon: Lexicon, limit: int) -> list[str]:
    """Return up to `limit` of the terms that the fewest documents contain, the rarest first.

    Terms that no document contains find nothing and are left out.
    """
    known = {term for term in words if lexicon.frequencies.get(term)}
    return sorted(known, key=lambda term: (lexicon.frequencies[term], term))[:limit]


def _pieces(part: str) -> Sequence[str]:
    """Split off runs of scripts without spaces, and return those as pairs of characters."""
    pieces = []
    last = 0
    for match in _UNSPACED.finditer(part):
        if match.start() > last:
            pieces.append(part[last : match.start()])
        run = match.group()
        pieces += [run] if len(run) == 1 else [run[n : n + 2] for n in range(len(run) - 1)]
        last = match.end()
    if last < len(part):
        pieces.append(part[last:])
    return pieces
