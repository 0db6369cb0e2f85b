"""The features of a pair: numbers that speak for or against two items being the same.

The lengths of the texts and the rarest word of only one were tried on the public sets and left out:
precision fell, and nothing was gained.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.judgement.placing import Placing
from services.text.comparing.terms import Lexicon, dot, has_digit, terms, tfidf, trigrams
from services.text.stack_traces.traces import MARK

# A feature that is unknown: it counts neither way.
UNKNOWN = math.nan

# Shorter parts of numbers occur in any other number by chance.
MIN_CODE_LENGTH = 3


@dataclass(frozen=True)
class PairFeatures:
    """The features of a candidate for a query, in [0, 1] unless noted otherwise; NaN: unknown.

    Sums of IDFs are called weights: the weight of a text is that of its distinct terms. The first
    eight are those of `scoring.Placing`.

    - `similarity`: centred cosine of the best chunk pair, in [-1, 1]
    - `gap`: how much more similar the best candidate is than the next; of others 0
    - `lead`: similarity less the mean of the four best others, in [-2, 2]
    - `rank_back`: ln(1 + the rank of the query among the candidates, seen from the candidate)
    - `score`: what orders candidates, no fixed range
    - `density`: mean centred cosine of the candidate to its ten nearest items, in [-1, 1]
    - `words`: cosine of the TF-IDF vectors
    - `bm25`: BM25 both ways, each over the greatest possible
    - `overlap`: weight of the terms in both as a share of the weight of the terms in either
    - `letters`: cosine of the TF-IDF vectors of trigrams; of products only
    - `title`: as `overlap`, of the titles; of the texts where one has no title
    - `title_words`: as `words`, of the titles; of the texts where one has no title
    - `title_only`: weight of the words that the other title lacks, on the side where it is less, as
      a share of the weight of the lighter title; 0 where one has no title
    - `shared_codes`: as `overlap`, of the terms with digits
    - `rarest`: IDF of the rarest shared term as a share of the greatest IDF possible
    - `conflict`: weight of the terms with digits that the other text lacks, on the side where it is
      less, as a share of the weight of the lighter text
    - `contradiction`: 1 if the texts contradict each other (`services.text.comparing.identifiers`)
    - `price_gap`: difference of the logarithms of the prices, at most 2
    - `same_picture`: 1 if both show a picture that hardly any other ticket shows
    - `same_error`: as `Placing.same_error`
    """

    similarity: float
    gap: float
    lead: float
    rank_back: float
    score: float
    density: float
    words: float
    bm25: float
    overlap: float
    letters: float
    title: float
    title_words: float
    title_only: float
    shared_codes: float
    rarest: float
    conflict: float
    contradiction: float
    price_gap: float
    same_picture: float = 0.0
    same_error: float = 0.0


@dataclass(frozen=True)
class ComparedText:
    """An item's terms in order, and the lexicon of its corpus that weights them."""

    sequence: Sequence[str]
    lexicon: Lexicon = field(repr=False)
    title: str = ""
    kind: str = "ticket"
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
        return frozenset(
            term
            for term in self.distinct
            if not term.isalpha() and has_digit(term) and not term.startswith(MARK)
        )

    @cached_property
    def joined(self) -> str:
        """All terms joined, to find a code that the other text writes with other spaces."""
        return "".join(self.sequence)

    @cached_property
    def title_words(self) -> Mapping[str, float]:
        """The unit-length TF-IDF vector of the title's terms."""
        return tfidf(Counter(terms(self.title)), self.lexicon)

    @cached_property
    def letters(self) -> Mapping[str, float]:
        """The unit-length TF-IDF vector of the trigrams of the terms."""
        return tfidf(Counter(trigrams(self.sequence)), self.lexicon)


def pair_features(
    ours: ComparedText, theirs: ComparedText, placing: Placing, *, contradict: bool
) -> PairFeatures:
    """Return the features of a candidate, `theirs`, for a query of the same corpus.

    `contradict` says whether the two texts contradict each other.
    """
    lexicon = ours.lexicon
    idfs = [lexicon.idf(term) for term in ours.distinct & theirs.distinct]
    in_common = math.fsum(idfs)
    overlap = in_common / ((ours.weight + theirs.weight - in_common) or 1.0)
    title, title_words, title_only = _title_features(ours, theirs) or (overlap, placing.words, 0.0)
    return PairFeatures(
        similarity=placing.similarity,
        gap=placing.gap,
        lead=placing.lead,
        rank_back=math.log1p(placing.rank_back),
        score=placing.score,
        density=placing.density,
        words=placing.words,
        bm25=placing.bm25,
        overlap=overlap,
        letters=dot(ours.letters, theirs.letters) if ours.kind == "product" else UNKNOWN,
        title=title,
        title_words=title_words,
        title_only=title_only,
        shared_codes=_share(lexicon, ours.codes & theirs.codes, ours.codes | theirs.codes),
        rarest=max(idfs, default=0.0) / lexicon.idf(""),
        conflict=_conflict(ours, theirs),
        contradiction=float(contradict),
        price_gap=_price_gap(ours.price, theirs.price),
        same_picture=float(placing.same_picture),
        same_error=placing.same_error,
    )


def _title_features(ours: ComparedText, theirs: ComparedText) -> tuple[float, float, float] | None:
    """Return `title`, `title_words` and `title_only`; None where one has no title."""
    one, other, lexicon = ours.title_terms, theirs.title_terms, ours.lexicon
    if not one or not other:
        return None
    apart = min(_weight(lexicon, one - other), _weight(lexicon, other - one))
    lighter = min(_weight(lexicon, one), _weight(lexicon, other))
    return (
        _share(lexicon, one & other, one | other),
        dot(ours.title_words, theirs.title_words),
        apart / (lighter or 1.0),
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
