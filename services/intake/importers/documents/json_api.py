"""JSON:API: resources with their fields under `attributes`, and those that they name beside them.

The format: https://jsonapi.org/format/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from services.intake.importers.documents.json_lists import holds_all
from services.intake.importers.documents.json_people import name_of_person
from services.intake.importers.replies.reply_objects import fields_of, text_of

# What a resource has.
_PARTS = frozenset({"id", "type", "attributes", "relationships", "links", "meta"})
_INNER = frozenset({"attributes", "relationships"})
_MARKS = tuple(re.compile(mark) for mark in (rb'"included"\s*:\s*\[', rb'"attributes"\s*:\s*\{'))

_Resource = Mapping[str, Any]


def may_be_compound(open_: Callable[[], BinaryIO]) -> bool:
    """Say whether a file may hold documents with resources beside the tickets."""
    return holds_all(open_, _MARKS)


def as_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with its attributes as its own fields; any other object as it is.

    What it names once is under its name, as an object with an id.
    """
    if not _is_resource(fields):
        return fields
    lists = _lists_in(fields)
    named = {name: _as_object(ref) for name, ref in _references(fields) if name not in lists}
    listed = {
        name: resources
        for name, data in _data_of(fields)
        if isinstance(data, list)
        and (resources := [as_fields(dict(one)) for one in data if _is_resource(one)])
    }
    rest = {name: one for name, one in fields.items() if name not in _INNER}
    return {**named, **listed, **fields["attributes"], **rest}


def _as_object(ref: _Resource) -> dict[str, Any]:
    """Return what is named: its id, and the attributes that HackerOne writes with it."""
    attributes = ref.get("attributes")
    return {**(attributes if isinstance(attributes, dict) else {}), "id": ref["id"]}


def compound_records(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of a document with those of its `included` that they name.

    Texts become replies, in lists, and people their names. None for any other object.
    """
    data, included = page.get("data"), page.get("included")
    listed: list[Any] = data if isinstance(data, list) else [data]
    resources = [one for one in listed if _is_resource(one)]
    if not resources or not isinstance(included, list):
        return []
    beside = {_key(one): one for one in included if _is_resource(one)}
    above = _named_above(beside)
    return [_joined(one, beside, above.get(_key(one), [])) for one in resources]


def _joined(
    resource: _Resource, beside: Mapping[tuple[str, str], _Resource], below: list[_Resource]
) -> dict[str, Any]:
    """Return a resource as fields, with what it names, and what names it, in place of their ids."""
    people: dict[str, Any] = {}
    lists: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    are_lists = _lists_in(resource)
    for name, ref in _references(resource):
        other = beside.get(_key(ref))
        if other is None:
            continue
        if name in are_lists and _has_text(other):
            lists.setdefault(name, {})[_key(other)] = _as_reply(other, beside)
        elif name not in are_lists and (person := _person(other)):
            people[name] = person
    known = {key for one in lists.values() for key in one}
    for other in below:
        if _key(other) not in known and _has_text(other):
            lists.setdefault(str(other.get("type")), {})[_key(other)] = _as_reply(other, beside)
    replies = {name: list(one.values()) for name, one in lists.items()}
    return {**as_fields(dict(resource)), **people, **replies}


def _as_reply(resource: _Resource, beside: Mapping[tuple[str, str], _Resource]) -> dict[str, Any]:
    people = {
        name: person
        for name, ref in _references(resource)
        if (other := beside.get(_key(ref))) and (person := _person(other))
    }
    return {**as_fields(dict(resource)), **people}


def _named_above(
    beside: Mapping[tuple[str, str], _Resource],
) -> dict[tuple[str, str], list[_Resource]]:
    """Return the resources that name another one, by what they name."""
    found: dict[tuple[str, str], list[_Resource]] = {}
    for one in beside.values():
        for _, ref in _references(one):
            found.setdefault(_key(ref), []).append(one)
    return found


def _is_resource(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("attributes"), dict):
        return False
    return "id" in value and value.keys() <= _PARTS


def _references(resource: _Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what a resource names, each under the name of the relationship."""
    for name, data in _data_of(resource):
        for ref in data if isinstance(data, list) else [data]:
            if isinstance(ref, dict) and "id" in ref:
                yield name, ref


def _lists_in(resource: _Resource) -> set[str]:
    return {name for name, data in _data_of(resource) if isinstance(data, list)}


def _data_of(resource: _Resource) -> Iterator[tuple[str, Any]]:
    relationships = resource.get("relationships")
    for name, one in relationships.items() if isinstance(relationships, dict) else ():
        if isinstance(one, dict) and one.get("data"):
            yield name, one["data"]


def _key(resource: _Resource) -> tuple[str, str]:
    return str(resource.get("type")), str(resource.get("id"))


def _has_text(resource: _Resource) -> bool:
    return text_of(fields_of(resource["attributes"])) is not None


def _person(resource: _Resource) -> dict[str, Any]:
    """Return who a resource is, or what it is called; nothing if it has no name."""
    name = name_of_person(resource["attributes"])
    return {"id": resource["id"], "name": name} if name else {}
