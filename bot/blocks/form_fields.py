"""Fields of forms, and what was sent in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.blocks.parts import Block, plain


def choice(type_: str, options: list[Block], chosen: str) -> Block:
    """Return a choice among options, with one of them preselected."""
    initial = next(one for one in options if one["value"] == chosen)
    return {"type": type_, "options": options, "initial_option": initial}


def checkboxes(boxes: Mapping[str, tuple[str, bool]]) -> Block:
    """Return checkboxes: the text of each value, and whether it is ticked already."""
    options = [option(text, value) for value, (text, _) in boxes.items()]
    ticked = [one for one in options if boxes[one["value"]][1]]
    initial = {"initial_options": ticked} if ticked else {}
    return {"type": "checkboxes", "options": options, **initial}


def input_field(
    name: str, label: str, element: Block, *, hint: str | None = None, optional: bool = False
) -> Block:
    """Return a field whose block and action have its name."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {**element, "action_id": name},
        "optional": optional,
        **({"hint": plain(hint)} if hint else {}),
    }


def option(text: str, value: str, description: str | None = None) -> Block:
    """Return one of the options of a field."""
    more = {"description": plain(description)} if description else {}
    return {"text": plain(text), "value": value, **more}


def sent(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the state of a field; clients that cannot show the field send none."""
    return next(iter((values.get(name) or {}).values()), None) or {}


def ticked(values: Mapping[str, Any], name: str) -> set[str]:
    """Return the values of the options that were ticked."""
    options = sent(values, name).get("selected_options") or ()
    return {str(one["value"]) for one in options}


def chosen(values: Mapping[str, Any], name: str) -> str | None:
    """Return the value of the option that was chosen, None without one."""
    one = sent(values, name).get("selected_option")
    return str(one["value"]) if one else None
