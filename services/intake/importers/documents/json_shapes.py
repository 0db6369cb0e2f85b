"""Tickets in the JSON shapes of certain tools, brought into one: each field under its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.intake.importers.documents.github_archive import as_of_api
from services.intake.importers.documents.json_api import as_fields
from services.intake.importers.documents.json_typed import without_types
from services.intake.importers.documents.trello import as_card
from services.intake.importers.documents.zulip import with_topic
from services.intake.importers.records import is_empty
from services.intake.importers.replies.reply_objects import is_reply, parts_of_text
from services.intake.importers.tables.delimited import column_names
from services.text.words.word_lists import words

# Texts that chats write as a list of parts, in the order in which they are looked for.
_TEXTS = ("message_parts", "messageParts", "content", "parts")

# Lists of fields that a ticket has beside its own: those of a tool's user, answers to a form.
_FIELD_LISTS = words(
    "customFields custom_fields customfields fields answers form_fields formFields responses"
    " field_values fieldValues additional_fields"
)
_NAMES = ("title", "name", "label", "question", "ref", "key")
_VALUES = ("value", "answer")
# What the object of a value calls the value.
_SHOWN = ("name", "label", "text", "presentation", "localizedName", "value")


def reshaped(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object with a ticket's fields under names; most are returned as they are."""
    fields = as_card(as_of_api(as_fields(without_types(fields))))
    return with_topic(_with_text(_with_named_fields(fields)))


def _with_text(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a message whose text is a list of parts with them as one text."""
    for name in _TEXTS:
        value = fields.get(name)
        if isinstance(value, list) and (parts := parts_of_text(value)) and is_reply(fields):
            return {**fields, name: "\n".join(parts)}
    return fields


def _with_named_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the fields that it lists under their names.

    YouTrack writes `"customFields": [{"name": "State", "value": {"name": "Open"}}]`, Typeform
    `"answers": [{"field": {"ref": "problem"}, "type": "text", "text": "It jams."}]`. What the
    object has itself stands.
    """
    found: dict[str, Any] = {}
    for name in _FIELD_LISTS & fields.keys():
        listed = fields[name]
        if isinstance(listed, list) and listed and all(isinstance(one, dict) for one in listed):
            found |= dict(_pairs(listed))
    own = {name.lower() for name in fields}
    new = {name: value for name, value in found.items() if name.lower() not in own}
    return {**fields, **new} if new else fields


def _pairs(listed: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for one in listed:
        field, kind = one.get("field"), str(one.get("type"))
        is_answer = isinstance(field, dict) and kind in one
        name = _first(field if isinstance(field, dict) else one, _NAMES)
        value = one[kind] if is_answer else _first(one, _VALUES)
        if isinstance(value, dict):
            value = _first(value, _SHOWN)
        if isinstance(name, str) and isinstance(value, str | int | float) and not is_empty(value):
            yield name.strip(), value


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Return the first value that is there."""
    return next((fields[name] for name in names if not is_empty(fields.get(name))), None)


def names_beside(fields: dict[str, Any]) -> list[str]:
    """Return the names of columns that stand beside rows, as pandas and databases write them."""
    schema = fields.get("schema")
    beside = {**schema, **fields} if isinstance(schema, dict) else fields
    listed = next((beside[one] for one in _HEADERS if beside.get(one)), None)
    names = [_name_in(one) for one in listed] if isinstance(listed, list) else []
    return column_names([name or "" for name in names]) if names and None not in names else []


_HEADERS = ("columns", "headers", "fields", "cols")


def _name_in(column: object) -> str | None:
    """Return what a column is called, which may be an object that says more of it."""
    if isinstance(column, dict):
        names = (column.get(name) for name in ("display_name", "name", "label", "title", "field"))
        column = next((name for name in names if name), None)
    return column if isinstance(column, str) else None
