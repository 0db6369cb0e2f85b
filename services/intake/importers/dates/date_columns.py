"""What a column of dates shows over all rows: the order of day and month, and whether it is one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.errors import InputError, UnclearDateError
from services.intake.importers.dates.date_parsing import (
    MAX_LENGTH,
    NET,
    NUMERIC,
    ZONE_NAME,
    DateReader,
    DayOrder,
    order_of,
)
from services.intake.importers.dates.date_words import MONTHS, WEEKDAYS, ZONES, long_zone
from services.intake.importers.dates.number_dates import is_serial, number_in
from services.intake.importers.dates.relative_dates import RELATIVE_WORDS, days_ago
from services.intake.importers.vocabulary.states import says_nothing
from services.text.words.folding import fold
from services.text.words.word_lists import words

# Characters; a shorter text is hardly a whole date.
MIN_LENGTH = 6

# What may stand in a date besides a month, a weekday and a zone: words between the parts.
_BESIDE = words(
    """
    feira a p m am pm t st nd rd th o at on of the um den der uhr de del el la las los a las h hrs
    le du il di do dia as
    """
)

_IN_BRACKETS = re.compile(r"\([^)]*\)")
_LETTERS = re.compile(r"[a-z]+")


@dataclass
class DayOrderEvidence:
    """What a column's dates say about the order of day and month."""

    day_first: int = 0
    month_first: int = 0
    dotted: int = 0
    ambiguous: int = 0
    serials: int = 0
    written_serials: int = 0
    numbers: int = 0
    texts: int = 0

    def add(self, value: object) -> None:
        """Count a value, if it says anything."""
        number = number_in(value.strip()) if isinstance(value, str) else value
        if isinstance(number, int | float) and not isinstance(number, bool):
            is_day = is_serial(number)
            self.serials += is_day
            self.written_serials += is_day and isinstance(value, str)
            self.numbers += not is_day
        if not isinstance(value, str) or number is not None or says_nothing(value):
            return
        self.texts += 1
        found = NUMERIC.match(value)
        if found is None or len(found[1]) > 2:  # noqa: PLR2004 - the year comes first
            return
        first, second = int(found[1]), int(found[2])
        order = order_of(first, second)
        if order == "day":
            self.day_first += 1
        elif order == "month":
            self.month_first += 1
        elif first != second:
            self.ambiguous += 1
            self.dotted += value.count(".", 0, found.end()) == 2  # noqa: PLR2004

    @property
    def has_serials(self) -> bool:
        """Whether the column holds the days of a spreadsheet, and no other numbers.

        In a workbook some cells of a column may be without a date format; in a text, where any
        cell may be a number, all must be such days.
        """
        return self.serials > 0 and not (self.numbers or (self.texts and self.written_serials))

    @property
    def order(self) -> DayOrder | None:
        """The order of the whole column: None if nothing proves one, or both are proven."""
        if bool(self.day_first) != bool(self.month_first):
            return "day" if self.day_first else "month"
        # 4.5.2026 is written where the day comes first.
        if not self.day_first and self.dotted and self.dotted == self.ambiguous:
            return "day"
        return None

    @property
    def is_undecided(self) -> bool:
        """Whether dates of the column cannot be read."""
        return self.ambiguous > 0 and self.order is None


def looks_like_date(value: object) -> bool:
    """Say whether a value has the form of a date, whatever its order of day and month.

    So has one that more must be known to read: "3 days ago". Bare numbers do not count: they may
    be anything.
    """
    text = value.strip() if isinstance(value, str) else ""
    if len(text) < MIN_LENGTH:
        return days_ago([fold(text)]) is not None
    return len(text) <= MAX_LENGTH and (NET.fullmatch(text) is not None or _is_written_date(text))


def _is_written_date(text: str) -> bool:
    zone = long_zone(text)
    said = ZONE_NAME.sub("", text if zone is None else zone[1])
    if number_in(text) is not None or not _has_only_words_of_dates(said):
        return False
    try:
        DateReader("day").read(text)
    except UnclearDateError:
        return True
    except InputError:
        return False
    return True


def _has_only_words_of_dates(text: str) -> bool:
    """Say whether a text is no prose: "install version 2.2.2" has the numbers of a date, too."""
    said = _IN_BRACKETS.sub("", fold(text))
    return all(
        any(word in one for one in (MONTHS, WEEKDAYS, ZONES, RELATIVE_WORDS, _BESIDE))
        for word in _LETTERS.findall(said)
    )


def share_of_dates(values: Iterable[object]) -> float:
    """Return the share of values that have the form of a date."""
    found = [looks_like_date(value) for value in values]
    return sum(found) / len(found) if found else 0.0
