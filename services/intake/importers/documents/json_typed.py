"""Values that databases write with their types: Firestore, DynamoDB, the rows of BigQuery."""

from __future__ import annotations

from typing import Any

from services.text.words.word_lists import words

# Firestore and DynamoDB: {"title": {"stringValue": "It jams"}}, {"title": {"S": "It jams"}}.
_SCALARS = words(
    "stringValue integerValue doubleValue booleanValue timestampValue referenceValue nullValue"
    " S N B BOOL NULL SS NS"
)
_LISTS = {"arrayValue": "values", "L": ""}
_OBJECTS = {"mapValue": "fields", "M": ""}
_TYPES = _SCALARS | _LISTS.keys() | _OBJECTS.keys()

# Nobody nests deeper.
_MAX_DEPTH = 20


def without_types(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its values alone; one without types comes back as it is."""
    if not any(map(_is_typed, fields.values())):
        inner = fields.get("fields")  # of a document of Firestore
        if not isinstance(inner, dict) or not any(map(_is_typed, inner.values())):
            return fields
        id_ = str(fields.get("name") or "").rpartition("/")[2]
        rest = {name: one for name, one in fields.items() if name not in ("name", "fields")}
        return {**({"id": id_} if id_ else {}), **without_types(inner), **rest}
    return {name: _value(one, _MAX_DEPTH) for name, one in fields.items()}


def cells_of(value: Any) -> Any:
    """Return a row of BigQuery, `{"f": [{"v": "T-1"}, …]}`, as a list of cells; others as is."""
    if isinstance(value, dict) and value.keys() == {"f"} and isinstance(value["f"], list):
        return [one.get("v") if isinstance(one, dict) else one for one in value["f"]]
    return value


def _is_typed(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _TYPES


def _value(value: Any, depth: int) -> Any:
    if not _is_typed(value) or depth == 0:
        return value
    [(kind, inner)] = value.items()
    if kind in _SCALARS:
        return None if kind in ("nullValue", "NULL") else inner
    part = _LISTS.get(kind) or _OBJECTS.get(kind)
    held = inner.get(part) if part and isinstance(inner, dict) else inner
    if kind in _LISTS:
        return [_value(one, depth - 1) for one in held] if isinstance(held, list) else held
    if not isinstance(held, dict):
        return held
    return {name: _value(one, depth - 1) for name, one in held.items()}
