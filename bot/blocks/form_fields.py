"""Forms, their fields, and what was sent in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks.parts import Block, plain
from bot.i18n.texts import Texts

NAME = "Déjà"

# What a field's state is called, by what it is called in the form that opens.
_STATES = {
    "initial_option": "selected_option",
    "initial_options": "selected_options",
    "initial_users": "selected_users",
    "initial_value": "value",
}


def modal(blocks: Sequence[Block], *, title: str = NAME, **more: Any) -> Block:
    """Return a view of these blocks that opens above the conversation."""
    return {"type": "modal", "title": plain(title), "blocks": list(blocks), **more}


def form(
    callback_id: str,
    about: str,
    blocks: Sequence[Block],
    say: Texts,
    *,
    submit: str,
    title: str = NAME,
) -> Block:
    """Return a form that can be sent or cancelled; Slack sends `about` back with it."""
    return modal(
        blocks,
        title=title,
        callback_id=callback_id,
        private_metadata=about,
        submit=plain(submit),
        close=plain(say("Cancel")),
    )


def text_input(max_length: int, initial: str = "", **more: Any) -> Block:
    """Return the element for a text, with what stands in it at first."""
    filled = {"initial_value": initial} if initial else {}
    return {"type": "plain_text_input", "max_length": max_length, **filled, **more}


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


def form_values(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of each field of a submitted form, by block.

    A client that cannot draw a field sends no state for it; then it stays as the form showed it.
    """
    shown = {
        block["block_id"]: {block["block_id"]: _as_shown(block["element"])}
        for block in view.get("blocks") or ()
        if block.get("type") == "input"
    }
    return {**shown, **view["state"]["values"]}


def _as_shown(element: Block) -> Block:
    return {state: element[key] for key, state in _STATES.items() if key in element}


def sent(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the state of a field, empty where there is none."""
    return next(iter((values.get(name) or {}).values()), None) or {}


def ticked(values: Mapping[str, Any], name: str) -> set[str]:
    """Return the values of the options that were ticked."""
    options = sent(values, name).get("selected_options") or ()
    return {str(one["value"]) for one in options}


def chosen(values: Mapping[str, Any], name: str) -> str | None:
    """Return the value of the option that was chosen, None without one."""
    one = sent(values, name).get("selected_option")
    return str(one["value"]) if one else None
