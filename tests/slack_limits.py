"""Slack's rules for messages and views: slack_sdk's block models, and the limits they do not check.

The numbers are those of Block Kit's reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

MAX_BLOCKS = 50
MAX_TEXT = 40_000
MAX_UPDATE_TEXT = 4_000
# Measured; Slack publishes no number (slackapi/bolt-js#2509).
MAX_IN_ALL = 13_200

_ACTIONS = 25
_CONTEXT = 10
_ID = 255
_LENGTHS = {"section": 3000, "header": 150, "context": 3000}
_BUTTON_TEXT, _BUTTON_VALUE, _BUTTON_URL = 75, 2000, 3000
_BUTTON_LABEL = 75
_MENU_OPTIONS, _OPTION_VALUE = 5, 150
_CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
_VIEW_BLOCKS, _VIEW_TEXT, _METADATA = 100, 24, 3000
_VIEW_TEXTS = ("title", "submit", "close")
_LABEL, _TEXT_INPUT = 2000, 3000
_OPTIONS = {"radio_buttons": 10, "checkboxes": 10, "static_select": 100, "multi_static_select": 100}
_ALT = 2000
_CARDS, _CARD = 10, {"title": 150, "subtitle": 150, "body": 200}
_ROWS, _CELLS, _TABLE = 100, 20, 10_000
_KINDS = {"section", "actions", "context", "divider", "header", "carousel", "table"}
_STYLES = {None, "primary", "danger"}


def message_error(arguments: dict[str, Any], *, max_text: int = MAX_TEXT) -> str | None:
    """Return Slack's error code for a message that it would refuse, or None."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > max_text:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        return "invalid_blocks"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) != len(ids) or any(_block_faults(blocks)) or not _is_known(blocks):
        return "invalid_blocks"
    if sum(len(found) for found in _texts(blocks)) > MAX_IN_ALL:
        return "msg_blocks_too_long"
    return None


def view_error(view: dict[str, Any]) -> str | None:
    """Return Slack's error code for a view that it would refuse, or None."""
    blocks = view.get("blocks") or []
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    inputs = [block for block in blocks if block.get("type") == "input"]
    others = [block for block in blocks if block.get("type") != "input"]
    wrong = (
        view.get("type") not in {"modal", "home"}
        or not 1 <= len(blocks) <= _VIEW_BLOCKS
        or len(set(ids)) != len(ids)
        or len(view.get("private_metadata", "")) > _METADATA
        or any(
            _bad_text(view[part], _VIEW_TEXT, plain=True) for part in _VIEW_TEXTS if part in view
        )
        or (view.get("type") == "modal" and "title" not in view)
        or (inputs and view.get("type") == "modal" and "submit" not in view)
        or any(_block_faults(others))
        or not _is_known(blocks)
        or any(_input_faults(inputs))
    )
    return "invalid_arguments" if wrong else None


def _is_known(blocks: list[dict[str, Any]]) -> bool:
    """Say whether slack_sdk's models accept the blocks, and know every field in them."""
    try:
        parsed = [Block.parse(block) for block in blocks]
        return [block.to_dict() for block in parsed if block is not None] == blocks
    except SlackObjectFormationError:
        return False


def _input_faults(blocks: list[dict[str, Any]]) -> Iterator[bool]:
    for block in blocks:
        element = block.get("element") or {}
        yield _bad_text(block.get("label"), _LABEL, plain=True)
        yield "hint" in block and _bad_text(block["hint"], _LABEL, plain=True)
        yield "placeholder" in element and _bad_text(element["placeholder"], 150, plain=True)
        yield not 1 <= len(element.get("action_id", "")) <= _ID
        yield not 0 <= element.get("max_length", 1) <= _TEXT_INPUT
        options = element.get("options")
        if options is not None:
            yield not 1 <= len(options) <= _OPTIONS[element["type"]]
            for option in options:
                yield _bad_text(option.get("text"), 75)
                yield not 1 <= len(option.get("value", "")) <= 150
                yield "description" in option and _bad_text(option["description"], 75)
        initial = element.get("initial_options") or [element.get("initial_option")]
        yield any(one is not None and one not in (options or []) for one in initial)


def _block_faults(blocks: list[dict[str, Any]]) -> Iterator[bool]:
    for block in blocks:
        kind = block.get("type")
        yield kind not in _KINDS
        yield "block_id" in block and not 1 <= len(block["block_id"]) <= _ID
        if kind in {"section", "header"}:
            yield _bad_text(block.get("text"), _LENGTHS[kind], plain=kind == "header")
            if "accessory" in block:
                yield _bad_accessory(block["accessory"])
        elif kind == "actions":
            elements = block.get("elements") or []
            yield not 1 <= len(elements) <= _ACTIONS
            yield any(_bad_element(element) for element in elements)
            actions = [element.get("action_id") for element in elements]
            yield len(set(actions)) != len(actions)
        elif kind == "context":
            elements = block.get("elements") or []
            yield not 1 <= len(elements) <= _CONTEXT
            yield any(_bad_text(element, _LENGTHS["context"]) for element in elements)
        elif kind == "carousel":
            cards = block.get("elements") or []
            yield not 1 <= len(cards) <= _CARDS
            yield any(_bad_card(card) for card in cards)
        elif kind == "table":
            yield _bad_table(block)
    yield sum(block.get("type") == "table" for block in blocks) > 1


def _bad_table(table: dict[str, Any]) -> bool:
    rows = table.get("rows") or []
    texts = [cell.get("text", "") for row in rows for cell in row]
    return (
        not 1 <= len(rows) <= _ROWS
        or any(not 1 <= len(row) <= _CELLS for row in rows)
        or len(table.get("column_settings") or []) > _CELLS
        or any(cell.get("type") != "raw_text" for row in rows for cell in row)
        or not all(texts)
        or sum(map(len, texts)) > _TABLE
    )


def _bad_card(card: dict[str, Any]) -> bool:
    return (
        card.get("type") != "card"
        or not {"title", "body", "hero_image", "actions"} & set(card)
        or any(_bad_text(card[part], length) for part, length in _CARD.items() if part in card)
        or ("hero_image" in card and _bad_accessory(card["hero_image"]))
    )


def _bad_accessory(accessory: dict[str, Any]) -> bool:
    if accessory.get("type") != "image":
        return _bad_element(accessory)
    return not (
        1 <= len(accessory.get("image_url", "")) <= _BUTTON_URL
        and 1 <= len(accessory.get("alt_text", "")) <= _ALT
    )


def _bad_element(element: dict[str, Any]) -> bool:
    kind = element.get("type")
    if kind == "static_select":
        return _bad_select(element)
    return _bad_menu(element) if kind == "overflow" else _bad_button(element)


def _bad_select(select: dict[str, Any]) -> bool:
    options = select.get("options") or []
    return (
        not 1 <= len(options) <= _OPTIONS["static_select"]
        or not 1 <= len(select.get("action_id", "")) <= _ID
        or _bad_text(select.get("placeholder"), _OPTION_VALUE, plain=True)
        or any(_bad_option(option) for option in options)
    )


def _bad_option(option: dict[str, Any]) -> bool:
    return (
        _bad_text(option.get("text"), _BUTTON_TEXT, plain=True)
        or not 1 <= len(option.get("value", "")) <= _OPTION_VALUE
    )


def _bad_menu(menu: dict[str, Any]) -> bool:
    options = menu.get("options") or []
    return not 1 <= len(options) <= _MENU_OPTIONS or any(map(_bad_option, options))


def _bad_button(button: dict[str, Any]) -> bool:
    confirm = button.get("confirm")
    return (
        button.get("type") != "button"
        or _bad_text(button.get("text"), _BUTTON_TEXT, plain=True)
        or not 1 <= len(button.get("action_id", "")) <= _ID
        or len(button.get("value", "")) > _BUTTON_VALUE
        or len(button.get("url", "")) > _BUTTON_URL
        or button.get("style") not in _STYLES
        or len(button.get("accessibility_label", "")) > _BUTTON_LABEL
        or (confirm is not None and _bad_confirm(confirm))
    )


def _bad_confirm(confirm: dict[str, Any]) -> bool:
    return any(_bad_text(confirm.get(part), length) for part, length in _CONFIRM.items())


def _bad_text(text: object, max_length: int, *, plain: bool = False) -> bool:
    """Say whether Slack refuses a text object: of the wrong type, empty or too long."""
    if not isinstance(text, dict):
        return True
    kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
    return text.get("type") not in kinds or not 1 <= len(text.get("text", "")) <= max_length


def _texts(node: object) -> Iterator[str]:
    """Return every text in a message's blocks."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        if isinstance(child, str):
            yield child
        else:
            yield from _texts(child)
