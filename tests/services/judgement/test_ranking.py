"""Ranking: centring, density, the weight of words, neighbours' neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.judgement.ranking import (
    MAX_ROWS_AT_ONCE,
    MIN_WALKED,
    Floats,
    best_chunk_pairs,
    centred,
    centred_density,
    lexical_weight,
    score,
    walk_gains,
)


def _unit(number: int, seed: int = 1) -> Floats:
    rows = np.random.default_rng(seed).normal(size=(number, 24)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _score(dense: Floats, words: Floats, density: Floats, weight: float) -> Floats:
    return score(dense, lambda rows: words[rows], density, weight)


def _alike(*pairs: tuple[int, int, float], size: int) -> Floats:
    matrix = np.eye(size, dtype=np.float32)
    for first, second, value in pairs:
        matrix[first, second] = matrix[second, first] = value
    return matrix


def test_words_count_more_the_longer_a_corpus_writes() -> None:
    """One-liners are compared by meaning, long tickets by words, too."""
    weights = [lexical_weight(length) for length in (0, 8, 20, 32, 400)]
    assert weights == sorted(weights)
    assert (weights[0], weights[1], weights[-1]) == (0, 0, 0.4)


def test_centred_vectors_have_length_one() -> None:
    """The mean is taken out, and a vector that is the mean has no direction left."""
    rows = _unit(6)
    centre = rows[0]
    moved = centred(rows, centre)
    assert np.linalg.norm(moved[1:], axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert not moved[0].any()


def test_a_density_follows_the_centre() -> None:
    """Where neighbours project alike, the stored density gives the centred one."""
    axis = np.zeros(24, dtype=np.float32)
    axis[0] = 1
    rows = _unit(2)
    rows[:, 0] = 0.8  # both have the same part along the centre
    rows[:, 1:] *= 0.6 / np.linalg.norm(rows[:, 1:], axis=1, keepdims=True)
    centre = 0.5 * axis
    exact = centred(rows, centre)
    told = centred_density((rows[:1] @ rows[1:].T)[0], rows[:1] @ centre, centre)
    assert told == pytest.approx(exact[0] @ exact[1], abs=1e-5)


def test_what_is_near_to_everything_ranks_lower() -> None:
    """Of two equally alike candidates the one that many items resemble comes second."""
    dense = _alike((0, 1, 0.6), (0, 2, 0.6), size=3)
    scores = _score(dense, dense, np.array([0.0, 0.7, 0.3], dtype=np.float32), 0.0)
    assert scores[1] > scores[0]


def test_a_neighbours_neighbour_is_pulled_up() -> None:
    """A candidate that resembles the best one ranks before an equal that does not."""
    dense = _alike((0, 1, 0.9), (0, 2, 0.4), (0, 3, 0.4), (1, 3, 0.9), size=4)
    scores = _score(dense, dense, np.zeros(4, dtype=np.float32), 0.0)
    assert scores[0] > scores[2] > scores[1]


def test_words_decide_where_they_have_weight() -> None:
    """With weight on words the candidate that shares them comes first."""
    dense = _alike((0, 1, 0.6), (0, 2, 0.55), size=3)
    words = _alike((0, 2, 0.5), size=3)
    flat = np.zeros(3, dtype=np.float32)
    assert _score(dense, words, flat, 0.0).argmax() == 0
    assert _score(dense, words, flat, 0.35).argmax() == 1


@given(st.integers(1, 12), st.integers(0, 10_000), st.floats(0, 1))
def test_scores_do_not_depend_on_the_candidates_order(
    number: int, seed: int, weight: float
) -> None:
    """Candidates that come in another order get the same scores."""
    rows = _unit(number + 1, seed)
    dense = rows @ rows.T
    density = np.abs(rows[:, 0])
    order = np.random.default_rng(seed).permutation(number)
    turned = np.concatenate([[0], order + 1])
    first = _score(dense, dense, density, weight)
    second = _score(
        dense[np.ix_(turned, turned)], dense[np.ix_(turned, turned)], density[turned], weight
    )
    assert second == pytest.approx(first[order], abs=1e-5)
    assert np.isfinite(first).all()


def test_a_walk_gives_most_to_what_many_paths_lead_to() -> None:
    """Of two candidates equally far, the one that is next to all near ones gains more."""
    near = [(0, other, 0.8) for other in range(1, 5)]
    far = [(0, 5, 0.3), (0, 6, 0.3), *((5, other, 0.9) for other in range(1, 5))]
    gains = walk_gains(_alike(*near, *far, size=MIN_WALKED))
    assert gains[4] > gains[5] > gains[6]
    assert gains.max() <= 0
    assert np.isfinite(gains).all()


@given(st.integers(0, 10_000))
def test_a_walk_does_not_depend_on_the_candidates_order(seed: int) -> None:
    """Candidates that come in another order gain the same."""
    rows = _unit(MIN_WALKED, seed)
    similarity = rows @ rows.T
    order = np.random.default_rng(seed).permutation(MIN_WALKED - 1)
    turned = np.concatenate([[0], order + 1])
    second = walk_gains(similarity[np.ix_(turned, turned)])
    assert second == pytest.approx(walk_gains(similarity)[order], abs=1e-4)


@pytest.mark.parametrize("texts", [1, 30, MAX_ROWS_AT_ONCE // 2, MAX_ROWS_AT_ONCE])
def test_the_best_chunk_pair_of_each_two_texts(texts: int) -> None:
    """Texts of two chunks each, however many rows are multiplied at once."""
    rows = np.random.default_rng(1).standard_normal((2 * texts, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    best = best_chunk_pairs(rows, np.arange(0, 2 * texts, 2))
    cosines = (rows @ rows.T).reshape(texts, 2, texts, 2)
    assert best == pytest.approx(cosines.max(axis=(1, 3)), abs=1e-5)
