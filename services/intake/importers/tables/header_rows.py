"""Headers of several rows, as programs for surveys write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.intake.importers.dates.date_columns import looks_like_date
from services.intake.importers.dates.number_dates import number_in
from services.intake.importers.vocabulary.synonyms import KNOWN_NAMES, spellings_of
from services.text.words.folding import fold

# Qualtrics writes under each question what it is in its own files: {"ImportId":"QID1_TEXT"}.
_IMPORT_ID = '{"ImportId":'
# The rows of a header, at most.
_MAX_ROWS = 3
# What SurveyMonkey writes under a question with one answer, in the product's languages and French.
_ONE_ANSWER = frozenset(
    {
        "response", "open-ended response", "antwort", "antworten", "offene antwort",
        "beantwortung mit offenem ende", "respuesta", "respuesta abierta", "reponse",
        "reponse ouverte", "reponse libre",
    }
)  # fmt: skip
# Columns of numbers and dates, in which a row of a header has nothing.
_MIN_VALUE_COLUMNS = 2


@dataclass(frozen=True)
class HeaderRows:
    """How many rows a header has, and the names that they give the columns together."""

    rows: int
    names: tuple[str, ...]


def below_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> HeaderRows | None:
    """Return the rows of a header of several ones, the first of them included; None if it has one.

    `others` are the next rows of the table.
    """
    for number, row in enumerate(others[:_MAX_ROWS], 1):
        if _has_import_ids(row):
            named = others[number - 2] if number > 1 else first
            pairs = zip_longest(named, first, fillvalue="")
            return HeaderRows(number + 1, _numbered([one or other for one, other in pairs]))
    if others and _says_what_is_answered(first, others[0], others[1:]):
        return HeaderRows(2, _numbered(_joined(first, others[0])))
    return None


def _has_import_ids(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    return bool(filled) and all(cell.replace(" ", "").startswith(_IMPORT_ID) for cell in filled)


def _says_what_is_answered(
    first: Sequence[str], second: Sequence[str], others: Sequence[Sequence[str]]
) -> bool:
    """Say whether a second row has choices below the questions of the first one.

    It has nothing where all other rows have numbers or dates, names columns without a name, and has
    no choices below the name of a field, such as a subject.
    """
    columns = list(zip_longest(first, second, *others, fillvalue=""))
    values = [above for _, above, *below in columns if _are_values(below)]
    if len(values) < _MIN_VALUE_COLUMNS or any(values):
        return False
    others_of_fields = (
        fold(label) not in _ONE_ANSWER for name, label, *_ in columns if label and _is_field(name)
    )
    if any(others_of_fields):
        return False
    nameless = [label for name, label, *_ in columns if label and not name]
    answers = [label for name, label, *_ in columns if name and fold(label) in _ONE_ANSWER]
    return bool(nameless or answers) and not any(map(_is_value, filter(None, second)))


def _is_field(name: str) -> bool:
    """Say whether a column is called like a field of tickets, and is no whole question."""
    is_short = len(name.split()) <= _MAX_FIELD_WORDS
    return is_short and not KNOWN_NAMES.isdisjoint(spellings_of(name))


# "Short description", "data de abertura"; questions have more, as a rule.
_MAX_FIELD_WORDS = 3


def _are_values(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(map(_is_value, filled))


def _is_value(cell: str) -> bool:
    return number_in(cell) is not None or looks_like_date(cell)


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return questions, with their choices where each has a column."""
    names, question = [], ""
    for name, label in zip_longest(first, second, fillvalue=""):
        question = name or question
        is_choice = label and fold(label) not in _ONE_ANSWER
        names.append(f"{question}: {label}" if is_choice and question else name or label)
    return names


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() or f"column {number}" for number, name in enumerate(names, 1))
