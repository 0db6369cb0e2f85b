"""Trends: whether a topic is asked about more than it used to be.

A topic has a weekly rate, and all tickets together tell how much of a week falls on each weekday.
With a Gamma prior on the rate, the expected count of a span has a negative binomial distribution
(Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.6). A topic is rising if a count as
high or higher would be very unlikely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# Jeffreys' prior of a rate.
PRIOR = 0.5
# Tickets that are added to each weekday, so that a short past says little about weekdays.
SMOOTHING = 2.0
WEEK = 7
# Terms of a sum that are smaller than this share of it are left out.
PRECISION = 1e-13

# A rise is at most this likely by chance, with at least so many tickets by so many people.
MAX_P_VALUE = 0.001
MIN_TICKETS = 4
MIN_REPORTERS = 3


@dataclass(frozen=True)
class Trend:
    """A topic's last days: its tickets, the expected number, and the p-value of a count so high.

    `reporters` is the number of people who wrote the tickets.
    """

    count: int
    expected: float
    p_value: float
    reporters: int

    @property
    def change(self) -> float:
        """The ratio of the count to the expected number; 1 if nothing was ever expected."""
        return self.count / self.expected if self.expected else 1.0

    @property
    def is_rise(self) -> bool:
        """Whether it is worth an alert: unlikely, and by several people."""
        return (
            self.p_value <= MAX_P_VALUE
            and self.count >= MIN_TICKETS
            and self.reporters >= MIN_REPORTERS
        )


def weekday_shares(counts: Mapping[int, int]) -> tuple[float, ...]:
    """Return the share of a week on each day from Monday (0), from the counts of tickets."""
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

    The past is from `first` to `since`, the last days from there to `until`, which is not among
    them; `shares` are those of the weekdays. Without a past nothing is a rise.
    """
    past, now = _average_weeks(first, since, shares), _average_weeks(since, until, shares)
    if past <= 0:
        return Trend(count, float(count), 1.0, reporters)
    rate = (before + PRIOR) / past
    p_value = upper_tail(count, before + PRIOR, past / (past + now))
    return Trend(count, rate * now, p_value, reporters)


def upper_tail(count: int, size: float, chance: float) -> float:
    """Return the probability that a negative binomial variable is at least `count`.

    It counts failures before the success number `size`, each trial a success with `chance`, and has
    the mean `size * (1 - chance) / chance`. The terms of the shorter tail are summed, from the
    largest on. To load scipy for it would take longer than the commands that need it.
    """
    if count <= 0 or chance >= 1:
        return float(count <= 0)
    failure = 1 - chance
    if count > size * failure / chance:
        term, number = _probability(count, size, chance), count
        total = 0.0
        while term > total * PRECISION:
            total += term
            term *= (number + size) / (number + 1) * failure
            number += 1
        return min(total, 1.0)
    total, term = 0.0, _probability(count - 1, size, chance)
    for number in range(count - 1, -1, -1):
        total += term
        if number == 0 or term <= total * PRECISION:
            break
        term *= number / (number - 1 + size) / failure
    return max(1 - total, 0.0)


def _probability(count: int, size: float, chance: float) -> float:
    ways = math.lgamma(count + size) - math.lgamma(count + 1) - math.lgamma(size)
    return math.exp(ways + size * math.log(chance) + count * math.log1p(-chance))


def _average_weeks(start: date, end: date, shares: tuple[float, ...]) -> float:
    """Return how many average weeks are between two days."""
    weeks, rest = divmod(max((end - start).days, 0), WEEK)
    return weeks + sum(shares[(start + timedelta(days=day)).weekday()] for day in range(rest))
