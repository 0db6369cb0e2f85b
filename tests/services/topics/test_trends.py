"""Trends: a rise is told where it is one, and not because it is Monday."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.topics.trends import MAX_P_VALUE, Trend, trend, weekday_shares

MONDAY = date(2026, 11, 2)
EVEN = (1 / 7,) * 7


def told(
    counts: list[int], span: int = 1, shares: tuple[float, ...] = EVEN, reporters: int = 9
) -> Trend:
    """Return how the last days of daily counts from a Monday on compare with those before."""
    since = MONDAY + timedelta(days=len(counts) - span)
    return trend(
        sum(counts[:-span]),
        sum(counts[-span:]),
        shares,
        first=MONDAY,
        since=since,
        until=since + timedelta(days=span),
        reporters=reporters,
    )


def test_a_burst_of_several_people_is_a_rise() -> None:
    """Eight in a day where two a week are usual."""
    found = told([1, 0, 0, 1, 0, 0, 0] * 4 + [8], reporters=5)
    assert (found.count, found.is_rise) == (8, True)
    assert found.expected == pytest.approx(8.5 / 4 / 7)


@pytest.mark.parametrize(("count", "reporters"), [(8, 2), (3, 3), (1, 1), (0, 0)])
def test_few_tickets_or_few_people_are_none(count: int, reporters: int) -> None:
    """One person who asks eight times is no incident."""
    assert not told([0] * 28 + [count], reporters=reporters).is_rise


def test_a_monday_is_compared_with_mondays() -> None:
    """Where all is asked on Mondays a Monday's number is what is to be expected."""
    counts = [10, 0, 0, 0, 0, 0, 0] * 4 + [10]
    aware, naive = told(counts, shares=weekday_shares({0: 2_500})), told(counts)
    assert (aware.is_rise, naive.is_rise) == (False, True)


def test_without_a_past_nothing_is_a_rise() -> None:
    """A topic that was never watched has no baseline."""
    found = told([50])
    assert (found.p_value, found.is_rise) == (1.0, False)


def test_of_steady_topics_hardly_any_rises() -> None:
    """The share of false alarms is about what the cut says, over many topics and rates."""
    random = np.random.default_rng(0)
    found = [
        told(list(random.poisson(rate, 57)), reporters=99).is_rise
        for rate in np.repeat([0.2, 1.0, 5.0], 1000)
    ]
    assert sum(found) / len(found) <= 2 * MAX_P_VALUE


@given(st.lists(st.integers(0, 30), min_size=15, max_size=60), st.integers(1, 14))
def test_one_ticket_more_is_never_likelier(counts: list[int], span: int) -> None:
    """Figures are sound whatever the past, and rise with the count."""
    before = told(counts, span)
    after = told([*counts[:-1], counts[-1] + 1], span)
    assert 0 <= after.p_value <= before.p_value <= 1
    assert after.expected == before.expected >= 0
