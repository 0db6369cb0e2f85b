"""A rise is more than chance and weekdays explain."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from services.topics.trends import MAX_P_VALUE, Trend, trend, upper_tail, weekday_shares

MONDAY = date(2026, 11, 2)
EVEN = (1 / 7,) * 7


def trend_of(
    counts: list[int], span: int = 1, shares: tuple[float, ...] = EVEN, reporters: int = 9
) -> Trend:
    """Compare the last `span` of daily counts, which begin on a Monday, with those before."""
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


def test_many_tickets_from_several_people_are_a_rise() -> None:
    """Eight tickets in a day are a rise where two a week are usual."""
    found = trend_of([1, 0, 0, 1, 0, 0, 0] * 4 + [8], reporters=5)
    assert (found.count, found.is_rise) == (8, True)
    assert found.expected == pytest.approx(8.5 / 4 / 7)


@pytest.mark.parametrize(("count", "reporters"), [(8, 2), (3, 3), (1, 1), (0, 0)])
def test_few_tickets_or_few_people_are_no_rise(count: int, reporters: int) -> None:
    """Eight tickets of one person are no rise."""
    assert not trend_of([0] * 28 + [count], reporters=reporters).is_rise


def test_a_monday_is_compared_with_mondays() -> None:
    """Where all tickets come on Mondays, ten on a Monday are expected."""
    counts = [10, 0, 0, 0, 0, 0, 0] * 4 + [10]
    aware, naive = trend_of(counts, shares=weekday_shares({0: 2_500})), trend_of(counts)
    assert (aware.is_rise, naive.is_rise) == (False, True)


def test_without_a_past_nothing_is_a_rise() -> None:
    """A topic without earlier tickets has no baseline."""
    found = trend_of([50])
    assert (found.p_value, found.is_rise) == (1.0, False)


def test_steady_topics_hardly_ever_rise() -> None:
    """Over many topics and rates, false alarms are about as frequent as the threshold allows."""
    random = np.random.default_rng(0)
    found = [
        trend_of(list(random.poisson(rate, 57)), reporters=99).is_rise
        for rate in np.repeat([0.2, 1.0, 5.0], 1000)
    ]
    assert sum(found) / len(found) <= 2 * MAX_P_VALUE


@given(st.lists(st.integers(0, 30), min_size=15, max_size=60), st.integers(1, 14))
def test_one_more_ticket_never_raises_the_p_value(counts: list[int], span: int) -> None:
    """For any past, figures are valid, and the p-value falls as the count grows."""
    before = trend_of(counts, span)
    after = trend_of([*counts[:-1], counts[-1] + 1], span)
    assert 0 <= after.p_value <= before.p_value <= 1
    assert after.expected == before.expected >= 0


@given(
    count=st.integers(0, 30_000),
    size=st.sampled_from([0.5, 1.0, 3.5, 200.5, 20_000.5]),
    chance=st.floats(0.01, 1.0),
)
def test_the_tail_is_that_of_scipy(count: int, size: float, chance: float) -> None:
    """For any count it is the probability that SciPy computes."""
    expected = float(nbinom.sf(count - 1, size, chance))
    assert upper_tail(count, size, chance) == pytest.approx(expected, rel=1e-7, abs=1e-250)
