"""The columns of a sample of a table, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from services.intake.importers.dates.date_columns import share_of_dates
from services.intake.importers.dates.number_dates import number_in
from services.intake.importers.records import Record, each, is_empty, normalized

T = TypeVar("T")

# Choices of a list, not answers: few values for many rows, none of them long.
MAX_CHOICES = 12
MIN_ROWS_PER_CHOICE = 4
MAX_CHOICE_LENGTH = 30


@dataclass(frozen=True)
class Column:
    """A column of a sample: its name and its values that are not empty, of `rows` rows."""

    name: str
    values: Sequence[Any]
    rows: int

    @cached_property
    def texts(self) -> list[str]:
        """Its values that are text or numbers, as text; of a repeated column all."""
        values = (one for value in self.values for one in each(value))
        return [str(one) for one in values if isinstance(one, str | int | float)]

    @cached_property
    def dates(self) -> float:
        """The share of its values that have the form of a date."""
        return share_of_dates([one for value in self.values[:200] for one in each(value)])

    @cached_property
    def numbers(self) -> float:
        """The share of its values that are numbers."""
        return share(self.texts, lambda text: number_in(text.strip()) is not None)

    @property
    def mean_length(self) -> float:
        """The mean length of its texts in characters; one without spaces says as much as two."""
        length = sum(len(one) + unspaced(one) for one in self.texts)
        return length / len(self.texts) if self.texts else 0.0

    @property
    def mean_words(self) -> float:
        """The mean number of words of its texts."""
        number = sum(len(one.split()) + unspaced(one) // WORD_LENGTH for one in self.texts)
        return number / len(self.texts) if self.texts else 0.0

    @property
    def letters(self) -> float:
        """The share of letters among the characters of its texts, without spaces."""
        together = "".join("".join(self.texts).split())
        return sum(map(str.isalpha, together)) / len(together) if together else 0.0

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return len(self.texts) == self.rows == len(set(self.texts))

    @property
    def holds_choices(self) -> bool:
        """Whether its values are the choices of a list."""
        kinds = set(self.texts)
        return (
            len(kinds) <= MAX_CHOICES
            and len(self.texts) >= MIN_ROWS_PER_CHOICE * len(kinds)
            and all(len(one) <= MAX_CHOICE_LENGTH for one in kinds)
        )

    @property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return frozenset(normalized(self.name).replace(".", " ").split())


# Letters of Thai, Lao and Khmer, of Japanese and Chinese, which have no spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# How many of them are a word, roughly.
WORD_LENGTH = 3


def unspaced(text: str) -> int:
    """Return how many letters of a text are of languages without spaces."""
    return 0 if text.isascii() else len(_UNSPACED.findall(text))


def share(values: Sequence[T], is_one: Callable[[T], object]) -> float:
    """Return the share of values that are of a kind."""
    return sum(map(bool, map(is_one, values))) / len(values) if values else 0.0


def columns_of(records: Sequence[Record]) -> dict[str, Column]:
    """Return the columns of a sample by name, in the order of the file."""
    values: dict[str, list[Any]] = {}
    for record in records:
        for name, value in record.values.items():
            column = values.setdefault(name, [])
            if not is_empty(value):
                column.append(value)
    return {name: Column(name, found, len(records)) for name, found in values.items()}
