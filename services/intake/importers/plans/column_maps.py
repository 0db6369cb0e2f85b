"""Maps of columns that users write and save: which column gives which field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast, get_args

from services.errors import InputError
from services.intake.importers.dates.date_parsing import DayOrder
from services.intake.importers.plans.plan import Plan
from services.intake.importers.recognition import ReadOptions
from services.intake.importers.vocabulary.synonyms import FIELDS, Field

# What people may write for a field beside its name.
_OTHER_NAMES: Mapping[str, Field] = {
    "resolution": "answer",
    "body": "text",
    "description": "text",
    "subject": "title",
    "link": "url",
}
_SHOWN = "id, title, text, created, resolved, status, answer, author, url, channel, replies, parent"

ColumnMap = dict[Field, tuple[str, ...]]


def parse_map(written: Iterable[str]) -> ColumnMap:
    """Return the map in texts such as `Subject=title,Body=text`.

    `=FIELD` leaves a field empty. Raises `InputError`.
    """
    found: ColumnMap = {}
    for text in written:
        for pair in _pairs(text):
            column, equals, name = pair.rpartition("=")
            if not equals:
                raise InputError(f"{pair} is no COLUMN=FIELD, such as --map Subject=title.")
            field, column = _field_and_column(column.strip(), name.strip())
            found[field] = (*found.get(field, ()), column) if column else ("",)
    return found


def _pairs(text: str) -> list[str]:
    """Return the pairs of a text; a comma without = belongs to a column's name."""
    pairs: list[str] = []
    for piece in text.split(","):
        if pairs and "=" not in pairs[-1]:
            pairs[-1] = f"{pairs[-1]},{piece}"
        else:
            pairs.append(piece)
    return pairs


def _field_and_column(left: str, right: str) -> tuple[Field, str]:
    for name, column in ((right, left), (left, right)):
        if name.lower() in FIELDS:
            return cast(Field, name.lower()), column
    for name, column in ((right, left), (left, right)):
        if name.lower() in _OTHER_NAMES:
            return _OTHER_NAMES[name.lower()], column
    raise InputError(f"{right} is no field. Fields: {_SHOWN}.")


def load_map(file: Path) -> ReadOptions:
    """Return what `save_map` wrote. Raises `InputError` if the file is something else."""
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
        columns = saved["columns"]
        pairs = {cast(Field, name): tuple(map(str, columns[name])) for name in columns}
        order = saved.get("dates")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file.name} is no map of columns that --save-map wrote.") from error
    unknown = sorted(set(pairs) - set(FIELDS))
    if unknown or order not in (None, *get_args(DayOrder)):
        raise InputError(f"{file.name} has an unknown field: {', '.join(unknown) or order}.")
    return ReadOptions(columns=pairs, order=order)


def save_map(file: Path, plan: Plan) -> None:
    """Write the map of a plan, so that the next file of the kind is read alike."""
    orders = {reader.order for reader in plan.readers.values()} - {None}
    saved = {
        "columns": {name: list(columns) for name, columns in plan.mapping.items()},
        "dates": orders.pop() if len(orders) == 1 else None,
    }
    file.write_text(json.dumps(saved, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
