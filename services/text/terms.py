"""Words as evidence: terms of a text, BM25 and TF-IDF over stored document frequencies.

The database only retrieves; the figures are computed here, so that SQLite and PostgreSQL judge
alike.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray

GRAM = 3
# Grams are counted beside the terms; no term begins with it.
GRAM_MARK = "~"

MAX_TERM_LENGTH = 64

# Of Latin, Greek and Cyrillic letters; the marks of other scripts are letters to their readers.
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"\w+(?:[.\-_/:#+]\w+)*")
_PART = re.compile(r"[^\W_]+")
# Scripts without spaces: Han, kana, Hangul, Thai, Lao, Khmer, Burmese.
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f"
    "\u1780-\u17ff\U00020000-\U0003ffff]+"
)


@dataclass(frozen=True)
class Lexicon:
    """How many documents there are, how long, and in how many of them each term stands."""

    documents: int
    mean_length: float
    frequencies: Mapping[str, int]
    _rarities: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def rarity(self, term: str) -> float:
        """Return the term's inverse document frequency as BM25 has it, above 0."""
        rarity = self._rarities.get(term)
        if rarity is None:
            frequency = min(self.frequencies.get(term, 0), self.documents)
            rarity = math.log(1 + (self.documents - frequency + 0.5) / (frequency + 0.5))
            self._rarities[term] = rarity
        return rarity

    def weight(self, term: str) -> float:
        """Return the term's smoothed inverse document frequency as TF-IDF has it, at least 1."""
        frequency = min(self.frequencies.get(term, 0), self.documents)
        return math.log((1 + self.documents) / (1 + frequency)) + 1

    def cosines(self, documents: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """Return the cosines of documents' TF-IDF vectors to each other, shape `(n, n)`."""
        column: defaultdict[str, int] = defaultdict(count().__next__)
        columns = np.array([column[term] for document in documents for term in document], np.int64)
        rows = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
        table = np.zeros((len(documents), max(len(column), 1)), dtype=np.float32)
        places, counts = np.unique(rows * table.shape[1] + columns, return_counts=True)
        # As `weight` and `tfidf` have it, for all at once.
        known = np.array([self.frequencies.get(term, 0) for term in column] or [0])
        weights = np.log((1 + self.documents) / (1 + np.minimum(known, self.documents))) + 1
        table.flat[places] = (1 + np.log(counts)) * weights[places % table.shape[1]]
        lengths = np.linalg.norm(table, axis=1, keepdims=True)
        table /= np.where(lengths > 0, lengths, 1)
        return np.asarray(table @ table.T, dtype=np.float32)


def fold(text: str) -> str:
    """Return `text` without case, width and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def terms(text: str) -> list[str]:
    """Return the terms of a text in order: its words, and what is written as one.

    `PS-LX350H` gives `ps`, `lx350h` and `pslx350h`; `2.4.1` gives `2`, `4`, `1` and `2.4.1`.
    Scripts without spaces give pairs of neighbouring characters.
    """
    found = []
    for match in _WORD.finditer(fold(text)):
        word = match.group()
        parts = [piece for part in _PART.findall(word) for piece in _pieces(part)]
        found += parts
        if len(parts) > 1 and has_figure(word) and not _UNSPACED.search(word):
            # A dot between figures tells them apart: 2.41 is not 24.1.
            joined = re.sub(r"[\-_/:#+]|(?<!\d)\.|\.(?!\d)", "", word)
            found.append(joined)
    return [term for term in found if term and len(term) <= MAX_TERM_LENGTH]


def has_figure(term: str) -> bool:
    """Say whether there is a figure in a term."""
    return not term.isalpha() and any(character.isdigit() for character in term)


def grams(of_terms: Iterable[str]) -> list[str]:
    """Return the character trigrams of terms, each term between spaces, marked with `~`."""
    found = []
    for term in of_terms:
        padded = f" {term} "
        found += [
            GRAM_MARK + padded[start : start + GRAM]
            for start in range(max(len(padded) - GRAM + 1, 1))
        ]
    return found


def tfidf(document: Counter[str], lexicon: Lexicon) -> dict[str, float]:
    """Return the unit-length TF-IDF vector of a document (1 + ln tf), by term."""
    vector = {
        term: (1 + math.log(count)) * lexicon.weight(term) for term, count in document.items()
    }
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()} if length else {}


def dot(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the cosine of two unit-length vectors by term."""
    if len(second) < len(first):
        first, second = second, first
    return sum(value * second[term] for term, value in first.items() if term in second)


def rarest(of_terms: Iterable[str], lexicon: Lexicon, limit: int) -> list[str]:
    """Return up to `limit` of the terms that tell most: those that the fewest documents have.

    Terms that no document has find nothing and are left out.
    """
    known = {term for term in of_terms if lexicon.frequencies.get(term)}
    return sorted(known, key=lambda term: (lexicon.frequencies[term], term))[:limit]


def _pieces(part: str) -> Sequence[str]:
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
