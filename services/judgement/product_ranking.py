"""Ranking products: by meaning, by letters and by words, and against what fits a candidate better.

Names of products are codes and figures that a model reads poorly, so most of a similarity is
letters (trigrams forgive spelling) and words (numbers and codes are whole). Constants were chosen
on abt_buy and amazon_google of `python -m benchmarks ranking`, each also on one of them and checked
on the other (2026-11-28).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.judgement.ranking import DENSITY_WEIGHT
from services.text.comparing.term_matrix import TermMatrix
from services.text.comparing.terms import Lexicon

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

MEANING_WEIGHT, LETTERS_WEIGHT, WORDS_WEIGHT = 0.2, 0.5, 0.3

# How much it counts that no other item of the query's source fits a candidate of another source as
# well: the same product is in a catalog once. From 0.5 to 1 MAP differs by 0.002.
MARGIN_WEIGHT = 0.7


def similarities_of_item(
    texts: Sequence[Sequence[str]], words: TermMatrix, dense: Floats, lexicon: Lexicon
) -> Floats:
    """Return how similar other products are to a stored one, the first; in [-0.2, 1].

    `texts` are the terms of the first and the `n` others, and `words` their matrix; `dense`, shape
    `(n,)`, the centred cosines.
    """
    letters = TermMatrix.of_trigrams(texts, lexicon).cosines([0])[0, 1:]
    return _mixed(dense, letters, words.bm25_shares(0)[1:])


def similarities_as_candidate(
    texts: Sequence[Sequence[str]], words: TermMatrix, dense: Floats, lexicon: Lexicon
) -> Floats:
    """Return how similar the first product is to each of `n` others that look for it.

    As `similarities_of_item`, seen from the others: words of theirs that it lacks count against it.
    """
    letters = TermMatrix.of_trigrams(texts, lexicon).cosines([0])[0, 1:]
    return _mixed(dense, letters, words.bm25_shares_of(0)[1:])


def similarities_of_text(
    texts: Sequence[Sequence[str]], words: TermMatrix, dense: Floats, lexicon: Lexicon
) -> Floats:
    """Return how similar products are to what somebody typed, the first of `texts`; in [-0.2, 1].

    The parameters are those of `similarities_of_item`. What is typed is short: a product is not
    less similar because it says more, so letters are half the cosine, half BM25.
    """
    trigrams = TermMatrix.of_trigrams(texts, lexicon)
    letters = (trigrams.cosines([0])[0] + trigrams.bm25_shares(0)) * np.float32(0.5)
    return _mixed(dense, letters[1:], words.bm25_shares(0)[1:])


def _mixed(dense: Floats, letters: Floats, words: Floats) -> Floats:
    mixed = MEANING_WEIGHT * dense + LETTERS_WEIGHT * letters + WORDS_WEIGHT * words
    return np.asarray(mixed, dtype=np.float32)


def product_scores(similarity: Floats, density: Floats, is_own: Flags, margins: Floats) -> Floats:
    """Return what orders the candidates of a stored product, shape `(n,)`.

    `is_own` says which are of the query's source: of those, the ones that resemble everything count
    less. `margins` are how much more similar a candidate of another source is to the query than to
    any other item of its source; NaN where that was not measured, because others are more similar.
    """
    scores = similarity.copy()
    if is_own.any():
        scores[is_own] -= DENSITY_WEIGHT * (density[is_own] - density[is_own].mean())
    measured = ~is_own & ~np.isnan(margins)
    if measured.any():
        known = np.where(np.isnan(margins), margins[measured].min(), margins)
        scores[~is_own] += MARGIN_WEIGHT * known[~is_own]
    return np.asarray(scores, dtype=np.float32)
