"""Rows that name another row of their table as what they reply to, in a column of any name."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.importers.records import Record, normalized, raw_id
from services.intake.importers.synonyms import Mapping_
from services.text.word_lists import words

# What the name of such a column has.
_LINKS = words("reply replied response reference conversation thread topic discussion parent root")
# The share of its values that are ids of rows; what a reply answers may be missing.
MOSTLY = 0.9


def find_parents(sample: Sequence[Record], mapping: Mapping_) -> tuple[str, ...]:
    """Return the column by which replies name the row that they reply to; none if there is none.

    Rows with titles of their own are no replies: a task below another one is a task.
    """
    ids = {raw_id(record, mapping.get("id", ())) for record in sample} - {None}
    taken = {name for names in mapping.values() for name in names}
    names = dict.fromkeys(name for record in sample for name in record.values)
    links = [name for name in names if name not in taken and _LINKS.intersection(_words(name))]
    for name in links if len(ids) > 1 else ():
        if _links(name, sample, ids, mapping):
            return (name,)
    return ()


def _words(name: str) -> list[str]:
    return normalized(name).replace(".", " ").split()


def _links(name: str, sample: Sequence[Record], ids: set[str | None], mapping: Mapping_) -> bool:
    named = [record for record in sample if raw_id(record, (name,)) is not None]
    known = [record for record in named if raw_id(record, (name,)) in ids]
    replies = [
        record
        for record in known
        if raw_id(record, (name,)) != raw_id(record, mapping.get("id", ()))
    ]
    has_titles = any(raw_id(record, mapping.get("title", ())) for record in replies)
    return bool(replies) and not has_titles and len(known) >= MOSTLY * len(named)
