"""Documents compared by their terms: the same figures as term by term."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.comparing.term_matrix import K1, RARE_ENOUGH, B, TermMatrix
from services.text.comparing.terms import Lexicon, dot, tfidf, trigrams

LEXICON = Lexicon(
    1_000, 6.0, {"vpn": 40, "printer": 90, "the": 800, "e41": 2, "toner": 5, "hub": 6, "logo": 1}
)
# One word that no ticket has, and one that more tickets have than there are.
WORDS = st.sampled_from([*LEXICON.frequencies, "unheard"])
DOCUMENTS = st.lists(st.lists(WORDS, max_size=9), min_size=1, max_size=6)


def matrix(documents: Sequence[Sequence[str]], lexicon: Lexicon = LEXICON) -> TermMatrix:
    """Return the matrix of documents, each given by its terms in order."""
    return TermMatrix.of([Counter(one) for one in documents], lexicon)


def bm25(query: Sequence[str], document: Sequence[str]) -> float:
    """Return BM25 of a document for the distinct terms of a query."""
    counts = Counter(document)
    norm = K1 * (1 - B + B * len(document) / LEXICON.mean_length)
    return math.fsum(
        LEXICON.idf(term) * counts[term] * (K1 + 1) / (counts[term] + norm)
        for term in set(query) & set(document)
    )


def mutual_bm25(one: Sequence[str], other: Sequence[str]) -> float:
    """Return BM25 both ways, each over the greatest possible."""
    if not one or not other:
        return 0.0
    ways = bm25(one, other) / bm25(one, one), bm25(other, one) / bm25(other, other)
    return math.sqrt(ways[0] * ways[1])


@given(DOCUMENTS)
def test_cosines_are_those_of_the_vectors(documents: list[list[str]]) -> None:
    """Each cosine is the dot product of two TF-IDF vectors, in the order asked for."""
    order = list(reversed(range(len(documents))))
    vectors = [tfidf(Counter(one), LEXICON) for one in documents]
    expected = [[dot(vectors[row], other) for other in vectors] for row in order]
    assert matrix(documents).cosines(order) == pytest.approx(np.array(expected), abs=1e-6)


@given(DOCUMENTS)
def test_bm25_is_that_of_each_pair(documents: list[list[str]]) -> None:
    """BM25 both ways is the geometric mean of both, as computed term by term."""
    rows = range(len(documents))
    expected = [[mutual_bm25(documents[row], other) for other in documents] for row in rows]
    assert matrix(documents).mutual_bm25(rows) == pytest.approx(np.array(expected), abs=1e-6)


@given(DOCUMENTS)
def test_all_at_once_are_those_row_by_row(documents: list[list[str]]) -> None:
    """What is computed for all different documents at once is what their rows say."""
    terms, others = matrix(documents), ~np.eye(len(documents), dtype=np.bool_)
    rows = range(len(documents))
    assert terms.all_cosines()[others] == pytest.approx(terms.cosines(rows)[others], abs=1e-5)
    expected = terms.mutual_bm25(rows)[others]
    assert terms.all_mutual_bm25()[others] == pytest.approx(expected, abs=1e-5)


def test_only_rare_terms_shared_with_the_first_count() -> None:
    """Two to five tickets make a term rare; one that nobody shares is a slip of the pen."""
    found = matrix([["e41", "hub", "logo"], ["e41", "vpn"], ["hub", "logo"], ["toner"]])
    greatest = math.log1p(1_000.5 / 0.5)
    expected = LEXICON.idf("e41") / (RARE_ENOUGH * greatest)
    assert found.rare_overlap()[1:].tolist() == pytest.approx([expected, 0, 0])


@pytest.mark.parametrize("lexicon", [LEXICON, Lexicon(0, 0.0, {}), Lexicon(1, 1.0, {"vpn": 9})])
def test_nothing_to_compare(lexicon: Lexicon) -> None:
    """Texts without terms, and an empty corpus, give figures and no warnings."""
    found = matrix([[], ["vpn"], []], lexicon)
    for figures in (found.cosines([0, 1]), found.mutual_bm25([0, 1])):
        assert figures.shape == (2, 3)
        assert np.isfinite(figures).all()
    assert np.isfinite(found.rare_overlap()).all()
    assert matrix([[], []]).cosines([0]).tolist() == [[0, 0]]
    assert found.cosines([]).shape == (0, 3)


@given(DOCUMENTS)
def test_shares_of_bm25_are_those_of_each_pair(documents: list[list[str]]) -> None:
    """BM25 over what no document exceeds, of all for one query and of one for all queries."""
    found = matrix(documents)
    greatest = [(K1 + 1) * sum(map(LEXICON.idf, set(one))) or 1 for one in documents]
    asked = [bm25(documents[0], other) / greatest[0] for other in documents]
    asking = [
        bm25(other, documents[0]) / most for other, most in zip(documents, greatest, strict=True)
    ]
    assert found.bm25_shares(0) == pytest.approx(np.array(asked), abs=1e-6)
    assert found.bm25_shares_of(0) == pytest.approx(np.array(asking), abs=1e-6)


@given(DOCUMENTS)
def test_trigrams_are_counted_for_every_occurrence_of_a_term(documents: list[list[str]]) -> None:
    """A matrix by trigrams is that of the documents' trigrams, whose length is their own."""
    pieces = [trigrams(one) for one in documents]
    length = sum(map(len, pieces)) / len(pieces)
    expected = matrix(pieces, replace(LEXICON, mean_length=length))
    found = TermMatrix.of_trigrams(documents, LEXICON)
    assert found.cosines([0]) == pytest.approx(expected.cosines([0]), abs=1e-6)
    assert found.bm25_shares(0) == pytest.approx(expected.bm25_shares(0), abs=1e-6)
