"""How a table begins: with a report's title, with the names of its columns, or with a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.errors import InputError
from services.intake.importers.dates.date_columns import looks_like_date
from services.intake.importers.tables.header_rows import below_header
from services.intake.importers.vocabulary.states import is_medium, state_of
from services.intake.importers.vocabulary.synonyms import KNOWN_NAMES, spellings_of

# Rows in which the header is looked for.
HEAD_ROWS = 30
# A header names at least this share of the columns; a title above it fills a cell or two.
HEADER_SHARE = 0.6
# A row with as many known names is a header, however many columns have none.
MIN_KNOWN_NAMES = 2
# A longer cell of a first row is a text, or the question of a form.
MAX_NAME_WORDS = 6


@dataclass(frozen=True)
class TableHead:
    """How a table begins: `above` rows are a report's title, then come the names of its columns.

    `names` are those of a table that names none.
    """

    above: int = 0
    names: tuple[str, ...] | None = None


def table_head(rows: Sequence[Sequence[object]]) -> TableHead:
    """Return how a table begins. Raises `InputError` if it has no rows."""
    if not rows:
        raise InputError("The file is empty.")
    filled = [sum(cell not in ("", None) for cell in row) for row in rows]
    wide = max(filled) * HEADER_SHARE
    named = (index for index, row in enumerate(rows) if count_known_names(row) >= MIN_KNOWN_NAMES)
    wide_ones = (index for index, number in enumerate(filled) if number >= wide)
    above = _below_groups(min(next(named, len(rows)), next(wide_ones)), rows, filled)
    first, *others = ([_text(cell) for cell in row] for row in rows[above:])
    if (below := below_header(first, others)) is not None:
        return TableHead(above + below.rows, below.names)
    if _is_header(first, others):
        return TableHead(above)
    return TableHead(above, tuple(f"column {number}" for number in range(1, len(first) + 1)))


def _below_groups(above: int, rows: Sequence[Sequence[object]], filled: Sequence[int]) -> int:
    """Return the row of names below one that names groups of columns: "Ticket", "", "Customer"."""
    below = above + 1
    if below == len(rows) or filled[above] >= filled[below]:
        return above
    has_names = count_known_names(rows[below]) > count_known_names(rows[above])
    has_values = any(_is_value(_text(cell)) for cell in rows[below])
    return below if has_names and not has_values else above


def has_known_names(header: Sequence[object]) -> bool:
    """Say whether any column of a header has a known name."""
    return count_known_names(header) > 0


def count_known_names(header: Sequence[object]) -> int:
    """Return how many columns of a header have different known names."""
    names = (name for cell in header for name in spellings_of(str(cell or "")))
    return len({name for name in names if name in KNOWN_NAMES})


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Say whether a first row names the columns.

    A word such as "closed" is a state in a row and a name in a header. A long cell is the text of
    a ticket or the question of a form: the other cells of the row say which.
    """
    known = count_known_names(first)
    values = sum(map(_is_value, first))
    texts = sum(len(cell.split()) > MAX_NAME_WORDS for cell in first if not _is_value(cell))
    if known < values or known >= values + texts:
        return known >= values
    columns = list(zip(first, zip_longest(*others, fillvalue=""), strict=False))
    if _asks(columns):
        return True
    if any(_is_value(cell) and _has_values(column) for cell, column in columns):
        return False
    return any(_is_name_of(cell, column) for cell, column in columns)


def _asks(columns: Sequence[tuple[str, Sequence[str]]]) -> bool:
    """Say whether the cells of a first row are the questions of a form, which no other row has."""
    filled = [(cell, column) for cell, column in columns if cell]
    questions = [column for cell, column in filled if _is_question(cell)]
    answers = [cell for column in questions for cell in column if cell]
    is_form = len(questions) >= MIN_QUESTIONS and 2 * len(questions) >= len(filled)
    asked = sum(map(_is_question, answers))
    return is_form and bool(answers) and asked < MAX_ASKED * len(answers)


# One row may ask something by chance, and hardly two cells of it; people answer with few questions.
MIN_QUESTIONS = 2
MAX_ASKED = 0.2


def _is_question(cell: str) -> bool:
    return cell.rstrip(" *").endswith("?") or _TELLS_TO_DESCRIBE.match(cell) is not None


_TELLS_TO_DESCRIBE = re.compile(
    r"(?:please |bitte |por favor,? )?(?:describe|tell us|explain|beschreib|schilder|erklar|erklär"
    r"|cuentanos|cuéntanos|explic|decrivez|décrivez)",
    re.IGNORECASE,
)


def _has_values(column: Sequence[str]) -> bool:
    filled = [cell for cell in column if cell]
    return sum(map(_is_value, filled)) > len(filled) / 2


def _is_name_of(cell: str, column: Sequence[str]) -> bool:
    """Say whether a cell is above others of another kind, or a known name that no row has."""
    if not cell or _is_value(cell):
        return False
    is_word_of_rows = cell in column or state_of(cell) is not None or is_medium(cell)
    return _has_values(column) or (has_known_names([cell]) and not is_word_of_rows)


def _is_value(cell: str) -> bool:
    is_number = cell.replace(".", "").replace(",", "").isdigit()
    is_address = "@" in cell.strip("@") and " " not in cell
    return is_number or is_address or looks_like_date(cell)
