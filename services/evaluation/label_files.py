"""Label files: which items are duplicates, as pairs or as groups."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.types import safe_text
from services.errors import InputError
from services.issues.verdicts import DECISIONS

# Spreadsheets and data frames write truth values in all of these ways.
TRUTH_VALUES = {"1": True, "true": True, "1.0": True, "0": False, "false": False, "0.0": False}

_FORMATS = "a, b and label; a, b and verdict; or id and group"
_MAX_SHOWN_LENGTH = 32

LabelRow = Mapping[str, Any]


@dataclass(frozen=True)
class LabelledPair:
    """Two items, by name, and whether people labelled them duplicates."""

    a: str
    b: str
    is_duplicate: bool


@dataclass(frozen=True)
class LabelFile:
    """The contents of a label file: labelled pairs, or the group of each item by id; never both.

    `errors` are the lines that could not be used, by number (from 1), with the reason. `repeated`
    counts the lines that repeat an earlier one.
    """

    pairs: list[LabelledPair]
    groups: dict[str, str]
    errors: list[tuple[int, str]]
    repeated: int = 0


@dataclass(frozen=True)
class _Statement:
    """What one line says: `about` is a pair or an item, `value` its label or group."""

    line: int
    about: frozenset[str] | str
    value: bool | str
    pair: LabelledPair | None = None


def read_labels(lines: Iterable[str]) -> LabelFile:
    """Read pairs or groups from JSON lines, or from CSV with a header.

    A pair has `a`, `b` and a `label` (1, 0, true, false) or `verdict`, of which only "duplicate" is
    positive; an item of a group has `id` and `group` (or `label`). Other fields are ignored. If
    lines contradict each other, the first one counts and the others are errors. Raises `InputError`
    if there is nothing to read, or pairs and groups are mixed.
    """
    text = list(lines)
    if text:
        text[0] = text[0].removeprefix("\ufeff")
    first = next((line for line in text if line.strip()), None)
    if first is None:
        raise InputError("The file is empty.")
    if columns := _columns(first):
        return _labels(_csv_rows(text, columns, _delimiter(first)))
    if any(line.lstrip().startswith("{") for line in text):
        return _labels(_json_rows(text))
    raise InputError(f"Neither JSON lines nor CSV whose first line names {_FORMATS}.")


def relevant_items(labels: LabelFile) -> dict[str, set[str]]:
    """Return the items that a search for an item should find, for each item that has any.

    These are the others of its group. Items that are connected by duplicate pairs form a group,
    too; of these, two items that are labelled as different are left out for each other.
    """
    groups = labels.groups or _connected(labels.pairs)
    members: dict[str, set[str]] = {}
    for item, group in groups.items():
        members.setdefault(group, set()).add(item)
    apart: dict[str, set[str]] = {}
    for pair in labels.pairs:
        if not pair.is_duplicate:
            apart.setdefault(pair.a, set()).add(pair.b)
            apart.setdefault(pair.b, set()).add(pair.a)
    found = {
        item: members[group] - {item} - apart.get(item, set()) for item, group in groups.items()
    }
    return {item: others for item, others in found.items() if others}


def _connected(pairs: Iterable[LabelledPair]) -> dict[str, str]:
    """Return a name for each group of connected duplicates, by item."""
    members: dict[str, list[str]] = {}
    group: dict[str, str] = {}
    for pair in pairs:
        if pair.is_duplicate:
            names = [group.setdefault(one, one) for one in (pair.a, pair.b)]
            # The smaller group joins the larger one, which keeps the whole in O(n log n).
            small, large = sorted(names, key=lambda name: len(members.setdefault(name, [name])))
            if small != large:
                moved = members.pop(small)
                group.update(dict.fromkeys(moved, large))
                members[large] += moved
    return group


def _labels(rows: Iterable[tuple[int, LabelRow | str]]) -> LabelFile:
    """Return the labels in some rows; a row that is text is the reason why it cannot be read."""
    firsts: dict[frozenset[str] | str, _Statement] = {}
    errors, repeated = [], 0
    for line, row in rows:
        try:
            statement = _statement(line, row)
            first = firsts.setdefault(statement.about, statement)
            _ensure_agree(statement, first)
        except InputError as error:
            errors.append((line, str(error)))
        else:
            repeated += first is not statement
    _ensure_one_form(list(firsts.values()))
    pairs = [one.pair for one in firsts.values() if one.pair]
    groups = {str(one.about): str(one.value) for one in firsts.values() if not one.pair}
    return LabelFile(pairs, groups, errors, repeated)


def _ensure_agree(statement: _Statement, first: _Statement) -> None:
    if statement.value != first.value:
        raise InputError(f"line {first.line} says otherwise, and counts")


def _ensure_one_form(statements: Sequence[_Statement]) -> None:
    pair = next((one.line for one in statements if one.pair), None)
    item = next((one.line for one in statements if not one.pair), None)
    if pair is not None and item is not None:
        raise InputError(
            f"Line {pair} labels a pair, line {item} names a group: "
            "put pairs and groups into files of their own."
        )


def _statement(line: int, row: LabelRow | str) -> _Statement:
    if isinstance(row, str):
        raise InputError(row)
    if "a" in row or "b" in row:
        a, b = _name("a", row.get("a")), _name("b", row.get("b"))
        if a == b:
            raise InputError("an item cannot be compared with itself")
        pair = LabelledPair(a, b, _is_duplicate(row))
        return _Statement(line, frozenset((a, b)), pair.is_duplicate, pair)
    if "id" in row:
        group = row.get("group", row.get("label"))
        return _Statement(line, _name("id", row["id"]), _name("group", group))
    raise InputError(f"needed are {_FORMATS}")


def _is_duplicate(row: LabelRow) -> bool:
    labels = set()
    if _is_there(label := row.get("label")):
        truth = TRUTH_VALUES.get(str(label).strip().lower())
        if truth is None:
            raise InputError(f"label is {_shortened(label)}: it must be 1, 0, true or false")
        labels.add(truth)
    if _is_there(verdict := row.get("verdict")):
        decision = str(verdict).strip().lower()
        if decision not in DECISIONS:
            raise InputError(f"verdict is {_shortened(verdict)}: it must be {', '.join(DECISIONS)}")
        labels.add(decision == "duplicate")
    if not labels:
        raise InputError("there is neither label nor verdict")
    if len(labels) > 1:
        raise InputError("label and verdict contradict each other")
    return labels.pop()


def _is_there(value: object) -> bool:
    return value is not None and value != ""


def _name(field: str, value: object) -> str:
    """Return an id or group as the import of items stores it."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not isinstance(value, str) and not is_number:
        raise InputError(f"{field} is {_shortened(value)}: it must be text")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{field} is {_shortened(value)}: it must be text")
    name = "" if value is None else safe_text(str(value)).strip()
    if not name:
        raise InputError(f"there is no {field}")
    return name


def _json_rows(lines: Iterable[str]) -> Iterator[tuple[int, LabelRow | str]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _json_fields(line)


def _json_fields(line: str) -> LabelRow | str:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at character {error.colno}"
    except (ValueError, RecursionError):
        return "not JSON: a number too long, or nested too deep"
    return value if isinstance(value, dict) else "not a JSON object"


def _csv_rows(
    lines: Iterable[str], columns: Sequence[str], delimiter: str
) -> Iterator[tuple[int, LabelRow | str]]:
    """Yield the records below the header, each with the number of its first line."""
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    is_header = True
    while True:
        line = records.line_num + 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"not CSV: {error}"
            continue
        if not any(cell.strip() for cell in cells):
            continue  # spreadsheets write empty rows as bare commas
        if is_header:
            is_header = False
        elif len(cells) == len(columns):
            yield line, dict(zip(columns, cells, strict=True))
        else:
            yield line, f"there are {len(cells)} values for {len(columns)} columns"


def _columns(line: str) -> list[str]:
    """Return the column names if a line is the header of a label file, else none."""
    try:
        cells = next(csv.reader([line], delimiter=_delimiter(line)), [])
    except csv.Error:
        return []
    names = [name.strip().lower() for name in cells]
    pairs = {"a", "b"} <= set(names) and {"label", "verdict"} & set(names)
    groups = "id" in names and {"group", "label"} & set(names)
    return names if pairs or groups else []


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _shortened(value: object) -> str:
    shown = safe_text(repr(value))
    return shown if len(shown) <= _MAX_SHOWN_LENGTH else f"{shown[:_MAX_SHOWN_LENGTH]}…"
