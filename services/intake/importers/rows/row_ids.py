"""The ids of tickets: those that rows have, or ones made from what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from models.types import safe_text
from services.intake.importers.records import Record, raw_id
from services.intake.importers.rows.row_values import RowValues

# An id is part of a database index; PostgreSQL limits its rows to about 2,700 bytes.
MAX_ID_LENGTH = 255


class RowIds:
    """Gives the rows of a table their ids, from the first row to the last."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        # The first row without an id that says something, by digests as numbers: a file may have a
        # million. Further ones that say the same are few, and numbered in their order.
        self._first: dict[int, int] = {}
        self._others: dict[str, dict[int, int]] = {}

    def id_of(self, values: RowValues, title: str, text: str) -> str:
        """Return the id of a row, of at most `MAX_ID_LENGTH` characters."""
        given = raw_id(values.record, self._columns)
        id_ = safe_text(given or "").strip()
        if len(id_) > MAX_ID_LENGTH:
            values.warnings.append(f"the id has {len(id_)} characters: it is shortened")
            return f"{id_[: MAX_ID_LENGTH - 17]}-{_digest(id_)}"
        if id_:
            return id_
        when = str(values.first("created") or "")
        said = _digest(title, text, values.text("author"), when)
        return f"row-{said}{self._repeat(said, values.record)}"

    def _repeat(self, said: str, record: Record) -> str:
        """Return what tells a row from earlier ones without an id that say the same.

        Nothing for the first, and for those that are the same in all columns.
        """
        whole = int(_digest(json.dumps(record.values, sort_keys=True, default=str)), 16)
        if self._first.setdefault(int(said, 16), whole) == whole:
            return ""
        others = self._others.setdefault(said, {})
        return f"-{others.setdefault(whole, len(others) + 2)}"


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
