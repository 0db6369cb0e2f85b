"""Dates in the forms that help desks, trackers, mail programs and spreadsheets write."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from services.errors import InputError, UnclearDateError
from services.intake.importers.dates.date_words import (
    MONTHS,
    WEEKDAYS,
    ZONES,
    long_zone,
    without_cjk,
)
from services.intake.importers.dates.number_dates import (
    day_of_spreadsheet,
    is_serial,
    moment_of_number,
    number_in,
)
from services.intake.importers.dates.relative_dates import days_ago, recent_year, span_ago
from services.intake.importers.records import shown
from services.text.words.folding import fold

# Dates outside of these years are mistakes, such as the year 1 of an empty date.
MIN_YEAR = 1970
MAX_YEAR = 2999
# Years as Thailand counts them, 543 ahead: no ticket is from there otherwise.
BUDDHIST_YEARS = range(MIN_YEAR + 543, 2642)

# Characters; the longest have a weekday, an offset and the name of the zone in full. To look for a
# date in a long text takes long.
MAX_LENGTH = 80

# Two-digit years from here on are of the last century.
_CENTURY_TURNS = 70

_BASIC = re.compile(r"[12]\d{7}")
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"|\b(?P<hour12>\d{1,2})\s*(?P<half12>[ap])\.?m\b\.?",
    re.IGNORECASE,
)
# "01.03.2026 10.15", "2 mars 2026 à 10h15", "01-MAR-26 10.00.00.000000 AM": behind a date. DB2 has
# a hyphen before it.
_DOTTED_TIME = re.compile(
    r"(?<=\d{2})(?:[ ,]+(?:[^\W\d_]+ ){0,2}|-)(\d{1,2})(?:\.| ?h ?)(\d{2})"
    r"(?:\.(?P<second>\d{2})(?:\.\d+)?)?(?: ?(?:uhr|h)| ?([ap]\.?m\.?))?$",
    re.IGNORECASE,
)
# The name of a zone, with or without its offset: "+01:00[Europe/Berlin]", "09:15 Europe/Berlin".
ZONE_NAME = re.compile(
    r"\s*(?:\[([A-Za-z][\w/+-]*)\]|(?<=\s)\(?([A-Za-z]+(?:/[A-Za-z][\w+-]*)+)\)?)$", re.ASCII
)
# Milliseconds as .NET writes them in JSON.
NET = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
OFFSET = re.compile(
    r"(?:(?:utc|gmt)\s*)?(?<!\d)([+-])(\d{1,2}):?(\d{2})?(?:\s*\([^)]*\))?$", re.IGNORECASE
)
_ZONE = re.compile(r"\b([a-z]{1,4})\b\.?$", re.IGNORECASE)
NUMERIC = re.compile(r"\D*?(\d{1,4})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{1,4})(?!\d)")
_WORDS = re.compile(r"\d+|[^\W\d_]+")

DayOrder = Literal["day", "month"]

SAY_WHEN = "say --exported and the day of that"


class _UnclearError(ValueError):
    """A date that cannot be told from what it says; the message says why."""


@dataclass(frozen=True)
class DateReader:
    """Reads the dates of a column.

    `order` says which of day and month comes first where both are numbers; None: not known, and
    such dates are refused. `zone` is that of times without one. `has_serials` says that its numbers
    are the days of a spreadsheet. `exported` is when the file was written, if that is known, and
    `now` when it is read: dates are relative to the one, and none is after either.
    """

    order: DayOrder | None = None
    zone: tzinfo = UTC
    has_serials: bool = False
    exported: datetime | None = None
    now: datetime | None = None

    def read(self, value: object) -> datetime | None:
        """Return a date in UTC; None for an empty value.

        Raises `InputError` if it is none, and `UnclearDateError` if more must be known to read it.
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            found = self._date(value)
            moment = found.astimezone(UTC)
        except _UnclearError as error:
            raise UnclearDateError(f"{shown(value)} is not clear: {error}") from error
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(f"{shown(value)} is not a date") from error
        if moment.year in BUDDHIST_YEARS:
            moment = moment.replace(year=moment.year - BUDDHIST_YEARS.start + MIN_YEAR)
        if not MIN_YEAR <= moment.year <= MAX_YEAR:
            raise InputError(f"{shown(value)} is not between {MIN_YEAR} and {MAX_YEAR}")
        return moment

    def _date(self, value: object) -> datetime:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TypeError("neither text nor number")
        if not isinstance(value, str):
            return self._from_number(float(value))
        text = value.strip()
        if len(text) > MAX_LENGTH:
            raise ValueError("a text")
        if text[4:5] == "-" and (found := self._iso(text)) is not None:
            return found  # most columns: each of the patterns below takes as long
        if (stamp := NET.fullmatch(text)) is not None:
            return moment_of_number(float(stamp[1]) / 1000)
        if (number := number_in(text)) is not None and not _BASIC.fullmatch(text):
            return self._from_number(number)
        if (named := ZONE_NAME.search(text)) is not None:
            zone = zone_named(named[1] or named[2]) or self.zone
            return replace(self, zone=zone)._date(text[: named.start()])
        return self._iso(text) or self._written(text)

    def _iso(self, text: str) -> datetime | None:
        with suppress(ValueError):
            return self._in_zone(datetime.fromisoformat(text))
        return None

    def _from_number(self, number: float) -> datetime:
        if self.has_serials and is_serial(number):
            return day_of_spreadsheet(number, self.zone)
        return moment_of_number(number)

    def _in_zone(self, time: datetime) -> datetime:
        return time.replace(tzinfo=self.zone) if time.tzinfo is None else time

    def _written(self, text: str) -> datetime:
        """Read a date as people write it."""
        if (ago := span_ago(text)) is not None:
            return self._exported() - ago
        text = without_cjk(text.replace("\u202f", " ").replace("\xa0", " "))
        if ":" not in text and (dotted := _DOTTED_TIME.search(text)) is not None:
            part = dotted["second"] or "00"
            text = f"{text[: dotted.start()]} {dotted[1]}:{dotted[2]}:{part}{dotted[4] or ''}"
        clock = _TIME.search(text)
        rest = text
        zone: tzinfo = self.zone
        hour = minute = second = micro = 0
        if clock:
            hour, minute, second, micro = _clock(clock)
            after = text[clock.end() :].strip()
            zone, after = _zone(after, self.zone)
            rest = f"{text[: clock.start()]} {after}"
        year, month, day = self._day(rest)
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)

    def _day(self, text: str) -> tuple[int, int, int]:
        numbers = NUMERIC.match(text)
        if numbers:
            return self._numeric(*numbers.groups())
        parts = _WORDS.findall(fold(text))
        if (ago := days_ago(parts)) is not None:
            return self._day_before(ago)
        named = [part for part in parts if part in MONTHS]
        if len(named) > 1 and named[0] == "mar":  # "mar 5 may": martes, mardi
            named = named[1:]
        months = [MONTHS[part] for part in named]
        digits = [part for part in parts if part.isdigit()]
        if len(months) == len(digits) == 1 and len(digits[0]) <= 2:  # noqa: PLR2004 - no year
            return self._recent(months[0], int(digits[0]), parts)
        if len(months) != 1 or len(digits) != 2:  # noqa: PLR2004 - a day and a year
            raise ValueError("no date")
        first, second = digits
        if len(first) == 4:  # noqa: PLR2004 - a year
            first, second = second, first
        return _year(second), months[0], int(first)

    def _recent(self, month: int, day: int, parts: list[str]) -> tuple[int, int, int]:
        """Read a date without a year."""
        weekday = WEEKDAYS.get(parts[0])
        latest = self.exported or (self.now if weekday is not None else None)
        if latest is None:
            raise _UnclearError(f"it names no year: {SAY_WHEN}")
        year = recent_year(month, day, weekday, latest.astimezone(self.zone).date())
        if year is None:
            raise _UnclearError("it names no year, and is on another weekday in the recent ones")
        return year, month, day

    def _day_before(self, days: int) -> tuple[int, int, int]:
        found = self._exported().astimezone(self.zone) - timedelta(days=days)
        return found.year, found.month, found.day

    def _exported(self) -> datetime:
        if self.exported is None:
            raise _UnclearError(f"it counts from when the file was written: {SAY_WHEN}")
        return self.exported

    def _numeric(self, first: str, second: str, third: str) -> tuple[int, int, int]:
        if len(first) > 2:  # noqa: PLR2004 - a year
            return int(first), int(second), int(third)
        one, two = int(first), int(second)
        order = order_of(one, two) or self.order
        if order is None and one != two:
            raise _UnclearError("day and month cannot be told apart")
        day, month = (two, one) if order == "month" else (one, two)
        return _year(third), month, day


def order_of(first: int, second: int) -> DayOrder | None:
    """Return the order that two numbers of a date prove; None where they prove none."""
    if (first > 12) == (second > 12):  # noqa: PLR2004 - months
        return None
    return "day" if first > 12 else "month"  # noqa: PLR2004


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:  # noqa: PLR2004 - written out
        return year
    return year + (1900 if year >= _CENTURY_TURNS else 2000)


def _clock(found: re.Match[str]) -> tuple[int, int, int, int]:
    hour = int(found["hour"] or found["hour12"])
    half = (found["half"] or found["half12"] or "").lower()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - of a half day
            raise ValueError("no hour")
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((found["part"] or "0").ljust(6, "0")[:6])
    return hour, int(found["minute"] or 0), int(found["second"] or 0), micro


@lru_cache
def zone_named(name: str) -> tzinfo | None:
    """Return a zone by its name, such as "Europe/Berlin"; None if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, or a folder of zones
        return None


def _zone(text: str, default: tzinfo) -> tuple[tzinfo, str]:
    """Return the zone at the end of a text, or before a year ("… 22:10:47 +0000 2017")."""
    year = re.search(r"\s(\d{4})$", f" {text}")
    rest = text[: len(text) - 4].strip() if year else text
    after = year[1] if year else ""
    offset = OFFSET.search(rest)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        zone = timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
        return zone, f"{rest[: offset.start()]} {after}".strip()
    if (long := long_zone(rest)) is not None:
        return timezone(timedelta(hours=long[0])), f"{long[1]} {after}".strip()
    named = _ZONE.search(rest)
    if named and named[1].lower() in ZONES:
        hours = ZONES[named[1].lower()]
        return timezone(timedelta(hours=hours)), f"{rest[: named.start()]} {after}".strip()
    return default, f"{rest} {after}".strip()
