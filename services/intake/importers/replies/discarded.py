"""Tickets and replies that somebody deleted or called spam."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.records import Record, is_empty, normalized
from services.intake.importers.vocabulary.flags import flag
from services.intake.importers.vocabulary.reply_kinds import states_among
from services.intake.importers.vocabulary.synonyms import Mapping_
from services.text.words.word_lists import words

DISCARDED = "tickets that were deleted, or are spam"
_STATES = words(
    "deleted spam trash trashed geloscht papierkorb eliminado eliminada borrado borrada papelera"
    " supprime supprimee corbeille"
)
# Names are without spaces, as Salesforce's loader writes them: "ISDELETED".
_FLAGS = words(
    "deleted isdeleted redacted isredacted isspam trashed istrashed istrash intrash geloscht"
    " eliminado eliminada borrado supprime supprimee"
)
_TIMES = words(
    "deletedat deletedon deleteddate deleteddatetime datedeleted trashedat geloschtam eliminadoel"
    " supprimele"
)
# MySQL writes a missing time as 0000-00-00 00:00:00.
_NO_TIME = "0000-"


def is_discarded(record: Record, mapping: Mapping_, layout: Layout) -> bool:
    """Say whether the ticket of a row was deleted, or is spam, by its state, a flag or a time."""
    states = (record.values.get(name) for name in mapping.get("status", ()))
    if any(map(_is_state, states)):
        return True
    # A table with columns of both names comes from a help desk, which marks spam so.
    is_flag = layout is not TABLE or "deleted" in record.named
    is_spam = is_flag and flag(record.named.get("spam")) is True
    return is_spam or is_deleted(record.named)


def is_deleted(fields: Mapping[str, Any]) -> bool:
    """Say whether a ticket or reply is gone or spam; names are as `normalized` writes them.

    In a table of no known tool, "spam" with 1 or TRUE may be a label: what it is about.
    """
    names = tuple(fields)
    flags, times = _names_in(names)
    return (
        fields.get("spam") is True
        or any(_is_state(fields[name]) for name in states_among(names))
        or any(flag(fields[name]) is True for name in flags)
        or any(_is_time(fields[name]) for name in times)
    )


def _is_state(value: object) -> bool:
    return isinstance(value, str) and normalized(value) in _STATES


# All rows of a file have the same few sets of names.
@lru_cache(maxsize=256)
def _names_in(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return those of some names that are flags, and those of times, of what was deleted."""
    joined = {name: name.replace(" ", "") for name in names}
    return (
        tuple(name for name, one in joined.items() if one in _FLAGS),
        tuple(name for name, one in joined.items() if one in _TIMES),
    )


def _is_time(value: object) -> bool:
    is_missing = is_empty(value) or flag(value) is False or str(value).startswith(_NO_TIME)
    return not is_missing
