"""Numbers that are dates: seconds since 1970 and their thousandths, days of a spreadsheet."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

# Seconds since 1970, in March 1973. Smaller numbers are hours, counts, ids.
MIN_SECONDS = 1e8

# The day 0 of spreadsheets, and the days from 2000 to 2050: a table that was saved as text from
# cells without a date format has them as numbers.
_SERIAL_START = datetime(1899, 12, 30, tzinfo=UTC)
MIN_SERIAL, MAX_SERIAL = 36_526, 54_788

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# From here on a number counts milliseconds, then microseconds, then nanoseconds: as seconds the
# first is in the year 5138.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))

_NUMBER = re.compile(r"-?\d+(?:[.,]\d*)?")


def number_in(text: str) -> float | None:
    """Return the number that a text is, with a decimal point or comma; None if it is none."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def is_serial(number: float) -> bool:
    """Say whether a number may be a day of a spreadsheet."""
    return MIN_SERIAL <= number <= MAX_SERIAL


def day_of_spreadsheet(number: float, zone: tzinfo) -> datetime:
    """Return the time that a spreadsheet counts in days, to the second."""
    day = _SERIAL_START.replace(tzinfo=zone) + timedelta(days=number)
    return (day + timedelta(milliseconds=500)).replace(microsecond=0)


def moment_of_number(number: float) -> datetime:
    """Return the time that is so many seconds after 1970, or milliseconds, or less.

    Raises ValueError where the number is too small to be a time.
    """
    if number < MIN_SECONDS:
        raise ValueError("a number, but no time")
    for limit, unit in _UNITS:
        if number >= limit:
            return _EPOCH + timedelta(seconds=number / unit)
    return _EPOCH + timedelta(seconds=number)
