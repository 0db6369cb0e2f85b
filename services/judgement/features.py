"""Evidence: what speaks for and against two items being the same, in figures.

BM25 beside TF-IDF, the length of the texts and the rarest word of only one were tried on the public
sets and left out: precision fell, and nothing was gained.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from services.text.terms import Lexicon, dot, grams, has_figure, terms, tfidf

# What is not known: it counts neither way.
UNKNOWN = math.nan

# A shorter piece of a number stands in any other by chance.
MIN_CODE_LENGTH = 3

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class PairFeatures:
    """The evidence on a pair. Figures lie in [0, 1] unless said otherwise.

    - `similarity`: centred cosine of the best chunk pair, in [-1, 1]
    - `density`: how close the two lie to their ten nearest on average, centred cosine
    - `words`: cosine of the TF-IDF vectors
    - `overlap`: rarity of the terms in both as a share of those in either (never of the shorter's)
    - `letters`: cosine of the TF-IDF vectors of trigrams; of products only
    - `title`: as `overlap`, of the titles; where one has none, of the texts
    - `shared_codes`: as `overlap`, of terms with figures in them
    - `rarest`: rarity of the rarest shared term as a share of the greatest there is
    - `conflict`: rarity of the terms with figures that the other text does not have, of the one
      that has less of it, as a share of all terms of the lighter text
    - `price_gap`: difference of the logarithms of the prices, at most 2
    - `age_gap`: logarithm of 1 + the days between the two
    - `same_reporter`: 1 if one person wrote both
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
    """An item's words in order, seen against the lexicon of its corpus."""

    sequence: Sequence[str]
    lexicon: Lexicon = field(repr=False)
    title: str = ""
    kind: str = "ticket"
    author: str | None = None
    created_at: datetime | None = None
    price: float | None = None

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The different terms."""
        return frozenset(self.sequence)

    @cached_property
    def weight(self) -> float:
        """How much the different terms tell, all together."""
        return _weight(self.lexicon, self.distinct)

    @cached_property
    def title_terms(self) -> frozenset[str]:
        """The different terms of the title."""
        return frozenset(terms(self.title))

    @cached_property
    def codes(self) -> frozenset[str]:
        """The terms with figures in them."""
        return frozenset(term for term in self.distinct if has_figure(term))

    @cached_property
    def joined(self) -> str:
        """All terms in one, to look for a code that the other text writes with other spaces."""
        return "".join(self.sequence)

    @cached_property
    def words(self) -> Mapping[str, float]:
        """The unit-length TF-IDF vector of the terms."""
        return tfidf(Counter(self.sequence), self.lexicon)

    @cached_property
    def letters(self) -> Mapping[str, float]:
        """The unit-length TF-IDF vector of the terms' trigrams."""
        return tfidf(Counter(grams(self.sequence)), self.lexicon)


def pair_features(
    ours: ComparedText, theirs: ComparedText, *, similarity: float, density: float
) -> PairFeatures:
    """Return the evidence on two items of one corpus; `density` is the mean of both."""
    lexicon = ours.lexicon
    rarities = [lexicon.rarity(term) for term in ours.distinct & theirs.distinct]
    in_common = math.fsum(rarities)
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
        rarest=max(rarities, default=0.0) / lexicon.rarity(""),
        conflict=_conflict(ours, theirs),
        price_gap=_price_gap(ours.price, theirs.price),
        age_gap=_age_gap(ours.created_at, theirs.created_at),
        same_reporter=_same(ours.author, theirs.author),
    )


def _share(lexicon: Lexicon, part: Iterable[str], whole: Iterable[str]) -> float:
    return _weight(lexicon, part) / (_weight(lexicon, whole) or 1.0)


def _weight(lexicon: Lexicon, of_terms: Iterable[str]) -> float:
    return math.fsum(map(lexicon.rarity, of_terms))


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
