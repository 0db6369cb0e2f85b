"""The features of a pair: numbers that speak for or against two items being the same.

BM25 beside TF-IDF, the lengths of the texts, and the rarest word of only one were tried on the
public sets and left out: precision fell, and nothing was gained.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from services.text.terms import Lexicon, dot, has_digit, terms, tfidf, trigrams

# A feature that is unknown: it counts neither way.
UNKNOWN = math.nan

# Shorter parts of numbers occur in any other number by chance.
MIN_CODE_LENGTH = 3

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class PairFeatures:
    """The features of a pair, in [0, 1] unless noted otherwise; NaN where unknown.

    Sums of IDFs are called weights: the weight of a text is that of its distinct terms.

    - `similarity`: centred cosine of the best chunk pair, in [-1, 1]
    - `density`: mean centred cosine of the two to their ten nearest items
    - `words`: cosine of the TF-IDF vectors
    - `overlap`: weight of the terms in both as a share of the weight of the terms in either
    - `letters`: cosine of the TF-IDF vectors of trigrams; of products only
    - `title`: as `overlap`, of the titles; of the texts where one has no title
    - `shared_codes`: as `overlap`, of the terms with digits
    - `rarest`: IDF of the rarest shared term as a share of the greatest IDF possible
    - `conflict`: weight of the terms with digits that the other text lacks, on the side where it is
      less, as a share of the weight of the lighter text
    - `price_gap`: difference of the logarithms of the prices, at most 2
    - `age_gap`: logarithm of 1 + the days between the two
    - `same_reporter`: 1 if the same person wrote both
    """

    similarity: float
    density: float
    words: float
    overlap: float
    letters: float
    title: float
    shared_codes: float
    rarest: float
    conflict: float
    price_gap: float
    age_gap: float
    same_reporter: float


@dataclass(frozen=True)
class ComparedText:
    """An item's terms in order, and the lexicon of its corpus that weights them."""

    sequence: Sequence[str]
    lexicon: Lexicon = field(repr=False)
    title: str = ""
    kind: str = "ticket"
    author: str | None = None
    created_at: datetime | None = None
    price: float | None = None

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The distinct terms."""
        return frozenset(self.sequence)

    @cached_property
    def weight(self) -> float:
        """The sum of the distinct terms' IDFs."""
        return _weight(self.lexicon, self.distinct)

    @cached_property
    def title_terms(self) -> frozenset[str]:
        """The distinct terms of the title."""
        return frozenset(terms(self.title))

    @cached_property
    def codes(self) -> frozenset[str]:
        """The distinct terms with digits."""
        return frozenset(term for term in self.distinct if has_digit(term))

    @cached_property
    def joined(self) -> str:
        """All terms joined, to find a code that the other text writes with other spaces."""
        return "".join(self.sequence)

    @cached_property
    def words(self) -> Mapping[str, float]:
        """The unit-length TF-IDF vector of the terms."""
        return tfidf(Counter(self.sequence), self.lexicon)

    @cached_property
    def letters(self) -> Mapping[str, float]:
        """The unit-length TF-IDF vector of the trigrams of the terms."""
        return tfidf(Counter(trigrams(self.sequence)), self.lexicon)


def pair_features(
    ours: ComparedText, theirs: ComparedText, *, similarity: float, density: float
) -> PairFeatures:
    """Return the features of two items of one corpus; `density` is the mean of both."""
    lexicon = ours.lexicon
    idfs = [lexicon.idf(term) for term in ours.distinct & theirs.distinct]
    in_common = math.fsum(idfs)
    overlap = in_common / ((ours.weight + theirs.weight - in_common) or 1.0)
    has_titles = ours.title_terms and theirs.title_terms
    codes = ours.codes | theirs.codes
    return PairFeatures(
        similarity=similarity,
        density=density,
        words=dot(ours.words, theirs.words),
        overlap=overlap,
        letters=dot(ours.letters, theirs.letters) if ours.kind == "product" else UNKNOWN,
        title=(
            _share(
                lexicon,
                ours.title_terms & theirs.title_terms,
                ours.title_terms | theirs.title_terms,
            )
            if has_titles
            else overlap
        ),
        shared_codes=_share(lexicon, ours.codes & theirs.codes, codes),
        rarest=max(idfs, default=0.0) / lexicon.idf(""),
        conflict=_conflict(ours, theirs),
        price_gap=_price_gap(ours.price, theirs.price),
        age_gap=_age_gap(ours.created_at, theirs.created_at),
        same_reporter=_same(ours.author, theirs.author),
    )


def _share(lexicon: Lexicon, part: Iterable[str], whole: Iterable[str]) -> float:
    return _weight(lexicon, part) / (_weight(lexicon, whole) or 1.0)


def _weight(lexicon: Lexicon, of_terms: Iterable[str]) -> float:
    return math.fsum(map(lexicon.idf, of_terms))


def _conflict(ours: ComparedText, theirs: ComparedText) -> float:
    only_ours = _missing(ours.codes - theirs.codes, theirs.joined)
    only_theirs = _missing(theirs.codes - ours.codes, ours.joined)
    lexicon = ours.lexicon
    lighter = min(ours.weight, theirs.weight)
    conflict = min(_weight(lexicon, only_ours), _weight(lexicon, only_theirs))
    return conflict / (lighter or 1.0)


def _missing(codes: Iterable[str], text: str) -> list[str]:
    return [code for code in codes if len(code) < MIN_CODE_LENGTH or code not in text]


def _price_gap(ours: float | None, theirs: float | None) -> float:
    if not ours or not theirs or min(ours, theirs) <= 0:
        return UNKNOWN
    return min(abs(math.log(ours / theirs)), 2.0)


def _age_gap(ours: datetime | None, theirs: datetime | None) -> float:
    if ours is None or theirs is None:
        return UNKNOWN
    return math.log1p(abs((ours - theirs).total_seconds()) / SECONDS_A_DAY)


def _same(ours: str | None, theirs: str | None) -> float:
    return UNKNOWN if ours is None or theirs is None else float(ours == theirs)
