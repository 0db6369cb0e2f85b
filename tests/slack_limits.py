"""Slack's limits on messages, as Slack checks them; see Block Kit's reference for each number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_BLOCKS = 50
MOST_TEXT = 40_000
MOST_UPDATE_TEXT = 4_000
# In practice; Slack publishes no number (slackapi/bolt-js#2509).
MOST_IN_ALL = 13_200

_ACTIONS = 25
_CONTEXT = 10
_ID = 255
_LENGTHS = {"section": 3000, "header": 150, "context": 3000}
_BUTTON_TEXT, _BUTTON_VALUE, _BUTTON_URL = 75, 2000, 3000
_CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
_STYLES = {None, "primary", "danger"}


def message_error(arguments: dict[str, Any], *, most_text: int = MOST_TEXT) -> str | None:
    """Return Slack's error code for a message that it would refuse, or None."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > most_text:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS:
        return "invalid_blocks"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) != len(ids) or any(_block_faults(blocks)):
        return "invalid_blocks"
    if sum(len(found) for found in _texts(blocks)) > MOST_IN_ALL:
        return "msg_blocks_too_long"
    return None


def _block_faults(blocks: list[dict[str, Any]]) -> Iterator[bool]:
    for block in blocks:
        kind = block.get("type")
        yield kind not in {"section", "actions", "context", "divider", "header"}
        yield "block_id" in block and not 1 <= len(block["block_id"]) <= _ID
        if kind in {"section", "header"}:
            yield _bad_text(block.get("text"), _LENGTHS[kind], plain=kind == "header")
            if "accessory" in block:
                yield _bad_button(block["accessory"])
        elif kind == "actions":
            elements = block.get("elements") or []
            yield not 1 <= len(elements) <= _ACTIONS
            yield any(_bad_button(element) for element in elements)
            actions = [element.get("action_id") for element in elements]
            yield len(set(actions)) != len(actions)
        elif kind == "context":
            elements = block.get("elements") or []
            yield not 1 <= len(elements) <= _CONTEXT
            yield any(_bad_text(element, _LENGTHS["context"]) for element in elements)


def _bad_button(button: dict[str, Any]) -> bool:
    confirm = button.get("confirm")
    return (
        button.get("type") != "button"
        or _bad_text(button.get("text"), _BUTTON_TEXT, plain=True)
        or not 1 <= len(button.get("action_id", "")) <= _ID
        or len(button.get("value", "")) > _BUTTON_VALUE
        or len(button.get("url", "")) > _BUTTON_URL
        or button.get("style") not in _STYLES
        or (confirm is not None and _bad_confirm(confirm))
    )


def _bad_confirm(confirm: dict[str, Any]) -> bool:
    return any(_bad_text(confirm.get(part), length) for part, length in _CONFIRM.items())


def _bad_text(text: object, most: int, *, plain: bool = False) -> bool:
    """Say whether Slack refuses a text object: of another kind, empty or too long."""
    if not isinstance(text, dict):
        return True
    kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
    return text.get("type") not in kinds or not 1 <= len(text.get("text", "")) <= most


def _texts(node: object) -> Iterator[str]:
    """Return every text of a message's blocks."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        if isinstance(child, str):
            yield child
        else:
            yield from _texts(child)
