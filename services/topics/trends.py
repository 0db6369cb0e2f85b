"""Trends: whether a topic is asked about more than it used to be.

How much a topic is asked about is a rate; how much of a week falls on which weekday is what all
tickets tell. What is to be expected of a span follows from the topic's own past: with a Gamma prior
on the rate, a count has a negative binomial distribution (Gelman et al., Bayesian Data Analysis,
3rd edition, section 2.6). A rise is told where a count as high or higher would be that unlikely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# Jeffreys' prior of a rate.
PRIOR = 0.5
# Tickets that are added to each weekday, so that a short past says little of weekdays.
SMOOTHING = 2.0
WEEK = 7

# What makes a rise one to tell: as unlikely as that, of so many tickets, by so many people.
MAX_LIKELY = 0.001
MIN_TICKETS = 4
MIN_REPORTERS = 3


@dataclass(frozen=True)
class Trend:
    """A topic's last days: tickets, how many were to be expected, how unlikely so many are.

    `is_rise` where it is worth an alert: unlikely, and of several people.
    """

    count: int
    expected: float
    p_value: float
    reporters: int

    @property
    def change(self) -> float:
        """How many times as many as expected; where nothing was ever expected, as many."""
        return self.count / self.expected if self.expected else 1.0

    @property
    def is_rise(self) -> bool:
        """Say whether people are to be told."""
        return (
            self.p_value <= MAX_LIKELY
            and self.count >= MIN_TICKETS
            and self.reporters >= MIN_REPORTERS
        )


def weekday_shares(counts: Mapping[int, int]) -> tuple[float, ...]:
    """Return how much of a week falls on each day, Monday (0) first, by the counts of tickets."""
    total = sum(counts.values()) + WEEK * SMOOTHING
    return tuple((counts.get(day, 0) + SMOOTHING) / total for day in range(WEEK))


def trend(
    before: int,
    count: int,
    shares: tuple[float, ...],
    *,
    first: date,
    since: date,
    until: date,
    reporters: int,
) -> Trend:
    """Return how the `count` tickets of a topic since `since` compare with those `before`.

    The past goes from `first` to `since`, what is looked at from there to `until`, which is no part
    of it; `shares` are those of the weekdays. Without a past the rate is as unsure as can be:
    nothing is a rise.
    """
    from scipy.stats import nbinom

    past, now = _exposure(first, since, shares), _exposure(since, until, shares)
    if past <= 0:
        return Trend(count, float(count), 1.0, reporters)
    rate = (before + PRIOR) / past
    unlikely = float(nbinom.sf(count - 1, before + PRIOR, past / (past + now)))
    return Trend(count, rate * now, unlikely, reporters)


def _exposure(start: date, end: date, shares: tuple[float, ...]) -> float:
    """Return how many average weeks lie between two days."""
    weeks, rest = divmod(max((end - start).days, 0), WEEK)
    return weeks + sum(shares[(start + timedelta(days=day)).weekday()] for day in range(rest))
