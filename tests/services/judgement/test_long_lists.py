"""The order of long lists: what many paths lead to from the query comes earlier."""

from __future__ import annotations

import numpy as np

from services.judgement.compared_items import RankedItem
from services.judgement.ranking import MIN_WALKED
from services.judgement.scoring import Corpus, ScoredCandidate, rank_candidates
from services.memory.pool_statistics import PoolStatistics
from services.text.comparing.terms import Lexicon

DIM = 2 * MIN_WALKED


def axis(number: int) -> np.ndarray:
    """Return a direction of its own."""
    row = np.zeros(DIM, dtype=np.float32)
    row[number] = 1
    return row


def item(number: int, *parts: np.ndarray) -> RankedItem:
    """Return a ticket whose vector is the sum of `parts` at length 1."""
    row = np.sum(parts, axis=0)
    vector = np.asarray(row / np.linalg.norm(row), dtype=np.float32)
    return RankedItem(number, "ticket", (f"word{number}",), vector[None, :], 0.0)


def ranked(others: int) -> list[ScoredCandidate]:
    """Return all candidates of a query: near ones, 8 next to them, 9 elsewhere, and `others`."""
    query, matter = axis(0), axis(1)
    nearest = [item(n, query, 0.5 * axis(n)) for n in (2, 3)]
    near = [item(n, query, matter, 0.3 * axis(n)) for n in (4, 5, 6, 7)]
    next_to_them = item(8, 0.56 * query, matter, 0.3 * axis(8))
    elsewhere = item(9, 0.58 * query, axis(9))
    far = [item(n, axis(9), 0.3 * axis(n)) for n in range(10, 10 + others)]
    corpus = Corpus(
        Lexicon(1_000, 1.0, {}), PoolStatistics(np.zeros(DIM, dtype=np.float32), 1.0), "ticket"
    )
    candidates = [*far, elsewhere, next_to_them, *near, *nearest]
    return rank_candidates(item(0, query), candidates, corpus, len(candidates))


def test_in_a_long_list_a_walk_brings_up_what_is_next_to_the_near_ones() -> None:
    """In a short one scores alone decide; the scores themselves and the first place stay."""
    short, long = ranked(5), ranked(MIN_WALKED)
    first = [[one.item.item_id for one in found[:8]] for found in (short, long)]
    assert first[0][:6] == first[1][:6]
    assert (first[0][6:], first[1][6:]) == ([9, 8], [8, 9])
    scores = [{one.item.item_id: one.placing.score for one in found[:8]} for found in (short, long)]
    assert scores[0] == scores[1]
