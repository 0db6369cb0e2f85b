"""The source of a table that no layout names: no two programs' tickets share an id in it.

Such tables were all of one source, `import`. They still are while their ids are their own, so that
a file imported again finds its tickets; a table whose ids belong to other tickets has a source
named after its file.

Ids that are plain numbers may number the rows of any file, and messages of two chats share words: a
file with such ids is recognised only if most texts with the same number differ by small edits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from services.intake.importers.entries import RowDefaults
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.plans.plan import Plan
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.replacements import (
    Replacements,
    Said,
    check_replacements,
    first_rows,
    is_edited,
    is_related,
)
from services.memory.new_items import NewItem
from services.text.words.folding import fold
from services.text.words.word_lists import words

# With `import/` before it a source has at most 64 characters.
MAX_NAME_LENGTH = 40

# Figures and these words differ from one export of a program to the next.
_WORD = re.compile(r"[^\W\d_]+")
_PASSING = words("copy copia kopie final new neu nuevo am pm utc csv json xlsx of de vom del")


def with_source(
    session: Session, workspace_id: int, plan: Plan, defaults: RowDefaults
) -> RowDefaults:
    """Return what all rows of a table have in common, with a source if no layout names it."""
    if defaults.source or plan.layout is not TABLE:
        return defaults
    rows = first_rows(TicketReader(plan, defaults).read())
    return replace(defaults, source=source_of_table(session, workspace_id, plan.table.name, rows))


def source_of_table(session: Session, workspace_id: int, name: str, rows: Sequence[NewItem]) -> str:
    """Return the source of a table, by the name of its file and its first rows.

    It is the source that has its rows already, under the same ids with related texts; otherwise the
    one of its name, if tickets came from such a file or its ids are taken; otherwise `import`.
    """
    named = f"{TABLE.key}/{_name(name)}"
    stored = _stored_sources(session, workspace_id)
    are_numbers = all(row.external_id.isdecimal() for row in rows)
    is_same = is_edited if are_numbers else is_related
    found = {
        one: _compare(session, workspace_id, rows, one, is_same) for one in (TABLE.key, *stored)
    }
    best = max(found, key=lambda one: found[one].known - found[one].unrelated)
    if found[best].known > found[best].unrelated * (1 + are_numbers):
        return best
    if not (named in stored or found[TABLE.key].unrelated):
        return TABLE.key
    others = (f"{named}-{number}" for number in count(2))
    free = (one for one in chain([named], others) if one not in found or not found[one].unrelated)
    return next(free) if are_numbers else named


def _stored_sources(session: Session, workspace_id: int) -> list[str]:
    named = Item.source.startswith(f"{TABLE.key}/", autoescape=True)
    return list(
        session.scalars(
            select(Item.source).where(Item.workspace_id == workspace_id, named).distinct()
        )
    )


def _compare(
    session: Session,
    workspace_id: int,
    rows: Sequence[NewItem],
    source: str,
    is_same: Callable[[Said, Said], bool],
) -> Replacements:
    there = [replace(row, source=source) for row in rows]
    return check_replacements(session, workspace_id, there, is_same)


def _name(file: str) -> str:
    """Return the part that a program's file names share: "tickets" of `tickets-2026-05.csv`."""
    kept = [word for word in _WORD.findall(fold(file)) if word not in _PASSING]
    return "-".join(kept)[:MAX_NAME_LENGTH] or "table"
