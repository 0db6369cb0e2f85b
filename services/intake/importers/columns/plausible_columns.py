"""Whether a column holds what its name says."""

from __future__ import annotations

from services.intake.importers.columns.sampled_columns import Column, share, unspaced
from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.flags import flag
from services.intake.importers.vocabulary.states import is_medium, says_nothing, state_of
from services.intake.importers.vocabulary.synonyms import Field

# An id is a word or two, such as "INC 7"; a column named "case" may hold what the case is about.
MAX_ID_WORDS = 2.5

# "Closed by the caller"; a longer one is an answer.
MAX_OUTCOME_WORDS = 4

# A column whose values are this often of a kind is of that kind.
MOSTLY = 0.5


def is_plausible(field: Field, column: Column) -> bool:
    """Say whether a column may be what its name says."""
    if not column.values:
        return field in {"id", "title", "text", "answer", "status"}
    if field not in ("replies", "url") and share(column.values, _is_part) > MOSTLY:
        return False
    checks = {
        "id": lambda: (
            column.mean_words <= MAX_ID_WORDS
            and not (column.name.strip() == "#" and counts_rows(column))
        ),
        "title": lambda: _holds_words(column),
        "text": lambda: _holds_words(column),
        "created": lambda: _holds_times(column),
        "resolved": lambda: _holds_times(column),
        "status": lambda: (
            column.dates < MOSTLY and _may_be_progress(column) and not _are_places(column)
        ),
        "author": lambda: share(column.texts, is_medium) < MOSTLY and column.dates < MOSTLY,
        "answer": lambda: (
            column.dates < MOSTLY and column.numbers < MOSTLY and not _are_flags(column)
        ),
        "url": lambda: share(column.texts, lambda text: text.strip().startswith("http")) > MOSTLY,
        "channel": lambda: share(column.texts, is_medium) < MOSTLY,
        "replies": lambda: column.numbers < MOSTLY,
        "outcome": lambda: column.mean_words <= MAX_OUTCOME_WORDS,
    }
    check = checks.get(field)
    return check is None or bool(check()) or _is_named_so(field, column)


def _is_part(value: object) -> bool:
    """Say whether a value is a list of objects, which are parts of a ticket."""
    return isinstance(value, list) and isinstance(value[0], dict)


def counts_rows(column: Column) -> bool:
    """Say whether a column only numbers the rows of a file; another file has the same numbers."""
    counted = [str(number) for number in range(len(column.texts) + 1)]
    return column.texts in (counted[1:], counted[:-1])


def _holds_words(column: Column) -> bool:
    return column.numbers < MOSTLY and column.dates < MOSTLY and not are_keys(column)


def are_keys(column: Column) -> bool:
    """Say whether each value is a word with digits, apart from a "Total" in the last row."""
    texts, last = column.texts[:-1], column.texts[-1:]
    return all(map(_is_key, texts)) and (len(texts) > 1 or any(map(_is_key, last)))


def _is_key(text: str) -> bool:
    return len(text.split()) == 1 and unspaced(text) == 0 and any(map(str.isdigit, text))


def _is_named_so(field: Field, column: Column) -> bool:
    """Say whether a column has Déjà's own name for a field: bad values are told then."""
    if field not in {"created", "resolved", "url"} or normalized(column.name) != field:
        return False
    return not any(flag(one) is not None or state_of(str(one)) for one in column.values)


def _may_be_progress(column: Column) -> bool:
    """Say whether a column of progress has words for states, and no percentages."""
    return normalized(column.name) != "progress" or share(column.texts, state_of) > MOSTLY


def _are_places(column: Column) -> bool:
    """Say whether a column of states has those of a country, such as "CA"."""
    codes = [len(one) == 2 and one.isupper() for one in column.texts]  # noqa: PLR2004 - letters
    return bool(codes) and all(codes)


def _holds_times(column: Column) -> bool:
    return column.dates > 0 or (column.numbers > MOSTLY and not _are_flags(column))


def _are_flags(column: Column) -> bool:
    return bool(column.texts) and all(flag(one) is not None for one in column.texts)


def holds_outcomes(column: Column) -> bool:
    """Say whether a column named like an answer holds words for states instead."""
    words = [text for text in column.texts if not says_nothing(text)]
    if not words:
        return False
    return column.holds_choices or share(words, state_of) > MOSTLY
