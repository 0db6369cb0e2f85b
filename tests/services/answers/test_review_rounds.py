"""Which pairs are asked about: those whose verdicts decide most."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.answers.review_rounds import (
    ROUND,
    ReviewQueue,
    Suggestion,
    lowest_good_strength,
)

# Pairs of a dozen items, as wild as they come: some items in many of them.
WILD = st.lists(
    st.tuples(st.sampled_from(list(combinations(range(12), 2))), st.floats(0, 1)),
    unique_by=lambda one: one[0],
    max_size=40,
)
REVIEWED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


def suggestion(number: int, strength: float) -> Suggestion:
    """Return a pair that shares no item with others."""
    return Suggestion(2 * number + 2, 2 * number + 1, 0.5, None, strength)


def queue(number: int, reviewed: list[tuple[float, bool]], seed: int = 0) -> ReviewQueue:
    """Return so many pairs from strength 1 down to nearly 0."""
    found = [suggestion(n, 1 - n / number) for n in range(number)]
    return ReviewQueue(found, list(reviewed), number, seed)


def test_the_first_five_are_spread_over_the_backlog() -> None:
    """At 2, 10, 25, 50 and 80 % of the best matches, the strongest first."""
    chosen = queue(101, []).take(5)
    assert [one.item_id // 2 - 1 for one in chosen] == [2, 10, 25, 50, 80]
    assert {one.reason for one in chosen} == {"spread"}


def test_later_ones_are_about_the_cut() -> None:
    """Two next to it, two above it, one in the next tenth below."""
    reviewed = [(0.9 - n / 100, True) for n in range(20)] + [(0.6, False)] * 5
    chosen = queue(100, reviewed).take(5)
    assert [one.reason for one in chosen] == ["cut", "above", "cut", "above", "below"]
    cut = lowest_good_strength(reviewed)
    by_reason = {
        reason: [one.strength for one in chosen if one.reason == reason]
        for reason in ("cut", "above", "below")
    }
    assert all(abs(strength - cut) < 0.03 for strength in by_reason["cut"])
    assert all(strength >= cut for strength in by_reason["above"])
    assert all(cut - 0.12 < strength < cut for strength in by_reason["below"])


def test_answers_move_what_is_asked() -> None:
    """Where what was near the cut is confirmed weaker pairs are asked about, otherwise stronger."""
    strengths = []
    for is_duplicate in (True, False):
        asked = queue(200, [(0.8, True)] * 10)
        for _ in range(6):
            for one in asked.take(ROUND):
                asked.record(one, is_duplicate=is_duplicate)
        strengths.append([one.strength for one in asked.take(ROUND) if one.reason == "cut"])
    assert max(strengths[0]) < 0.75
    assert min(strengths[1]) >= 0.79


def test_where_nothing_was_right_the_strongest_are_asked() -> None:
    """There is nothing above the cut then."""
    chosen = queue(50, [(0.9, False)] * 5).take(5)
    assert lowest_good_strength([(0.9, False)] * 5) == math.inf
    assert min(one.strength for one in chosen) > 0.8


def test_a_decision_that_was_undone_counts_no_more() -> None:
    """The queue is as it was before it."""
    asked = queue(50, [(0.9, True)])
    asked.record(suggestion(60, 0.1), is_duplicate=False)
    asked.forget_last()
    assert asked.reviewed == [(0.9, True)]


def test_an_item_comes_again_where_there_is_no_other() -> None:
    """Three pairs of three items are all asked."""
    found = [Suggestion(b, a, 0.5, None, 0.5) for b, a in ((2, 1), (3, 1), (3, 2))]
    assert len(ReviewQueue(found, [], 3).take(4)) == 3
    assert ReviewQueue([], [], 0).take(4) == []


def test_another_seed_draws_other_pairs() -> None:
    """The same seed draws the same."""
    reviewed = [(0.5, True)] * 12
    draws = [[one.pair for one in queue(100, reviewed, seed).take(5)] for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


@given(WILD, REVIEWED, st.integers(0, 12), st.integers(0, 3))
def test_every_choice_keeps_its_rules(
    wild: list[tuple[tuple[int, int], float]],
    reviewed: list[tuple[float, bool]],
    limit: int,
    seed: int,
) -> None:
    """As many as are wanted or there are, each once; what was not taken stays in the queue."""
    found = [
        Suggestion(later, earlier, 0.5, None, strength)
        for (earlier, later), strength in sorted(wild, key=lambda one: -one[1])
    ]
    asked = ReviewQueue(list(found), reviewed, len(found), seed)
    chosen = asked.take(limit)
    assert len(chosen) == min(limit, len(found))
    pairs = Counter(one.pair for one in [*chosen, *asked.open])
    assert pairs == Counter(one.pair for one in found)


@given(REVIEWED)
def test_above_the_cut_nine_of_ten_were_right(reviewed: list[tuple[float, bool]]) -> None:
    """Whatever was reviewed, as far as pairs of one strength allow."""
    cut = lowest_good_strength(reviewed)
    above = [is_right for strength, is_right in reviewed if strength > cut]
    at_cut = [is_right for strength, is_right in reviewed if strength == cut]
    assert sum(above) + sum(at_cut) >= 0.9 * (len(above) + sum(at_cut))
