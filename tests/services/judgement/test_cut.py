"""The cut: what reviewed pairs allow to call a duplicate."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from services.judgement.cut import CUT_Z, MIN_VERDICTS, Cut, find_cut, lower_bound

# Budgets, in wrong flags of ten.
BUDGETS = st.integers(0, 5)
REVIEWED = st.lists(st.tuples(st.floats(-2, 2), st.booleans()), max_size=80).map(
    lambda pairs: sorted(pairs, key=lambda one: -one[0])
)


def cut_of(strengths: Sequence[float], labels: Sequence[bool], wrong_in_ten: int) -> Cut | None:
    """Return the cut of reviewed pairs that stand for equal shares of the backlog."""
    return find_cut(strengths, labels, [0.01] * len(labels), wrong_in_ten)


@given(REVIEWED, BUDGETS, BUDGETS)
def test_a_larger_budget_never_gives_a_higher_cut(
    reviewed: list[tuple[float, bool]], one: int, other: int
) -> None:
    """Whatever was reviewed; and a cut says truly how many above it were right."""
    strengths, labels = [pair[0] for pair in reviewed], [pair[1] for pair in reviewed]
    small, large = sorted((one, other))
    strict, loose = (cut_of(strengths, labels, budget) for budget in (small, large))
    if strict is not None:
        assert loose is not None
        assert loose.strength <= strict.strength
    for cut in (strict, loose):
        if cut is not None:
            above = [label for strength, label in reviewed if strength >= cut.strength]
            assert (cut.count, cut.right) == (len(above), sum(above))
            assert cut.count >= MIN_VERDICTS


def test_a_bad_end_moves_the_cut_up() -> None:
    """Forty right ones do not excuse that three of the last ten were wrong."""
    strengths = [1 - n / 100 for n in range(60)]
    labels = [True] * 40 + [n % 3 == 0 for n in range(20)]
    cut = cut_of(strengths, labels, 1)
    assert cut is not None
    assert sum(labels[cut.count - 10 : cut.count]) >= 8
    assert cut.count < 50


def test_pairs_of_one_strength_are_called_together() -> None:
    """Twelve right ones among twenty that cannot be told apart give no cut."""
    assert cut_of([0.5] * 20, [True] * 12 + [False] * 8, 1) is None
    assert cut_of([0.5] * 12 + [0.4] * 8, [True] * 12 + [False] * 8, 1) is not None


def test_what_was_reviewed_most_does_not_stand_for_all() -> None:
    """Thirty close pairs do not speak for the half of the backlog below that was rarely right."""
    strengths = [1 - n / 100 for n in range(40)]
    labels = [True] * 37 + [False, True, True]
    assert cut_of(strengths, labels, 1) == Cut(strengths[-1], 39, 40)
    shares = [0.001] * 37 + [0.1, 0.1, 0.1]
    found = find_cut(strengths, labels, shares, 1)
    assert found is not None
    assert found.count == 37


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_lower_bound_is_wilsons(count: int, share: float) -> None:
    """As scipy has it, of a two-sided interval with the same quantile."""
    right = round(share * count)
    level = 2 * norm.cdf(CUT_Z) - 1
    expected = binomtest(right, count).proportion_ci(level, method="wilson").low
    assert lower_bound(right / count, count) == pytest.approx(expected, abs=1e-9)


def test_no_cut_rests_on_a_pair_that_was_rejected() -> None:
    """Between a rejected pair and the last confirmed one the backlog may be full of others."""
    strengths = [1 - n / 100 for n in range(60)] + [0.0]
    found = cut_of(strengths, [True] * 60 + [False], 1)
    assert found == Cut(strengths[59], 60, 60)
    tied = cut_of([*strengths, 0.0], [True] * 60 + [False, True], 1)
    assert tied == Cut(0.0, 61, 62)
