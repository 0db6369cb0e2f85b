"""The words of Slack's blocks as markup: sections, rich text, tables, and kinds yet to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from services.text.slack.state_fields import without_state_lines

# Blocks nest four or five levels deep; a deeper payload does not come from Slack.
MAX_DEPTH = 12

TABLES = frozenset({"table", "data_table"})

BULLET = "• "
CELL_BREAK = " | "

# Controls: a button's label is what one may do, not what the message says. Files and canvases are
# among the message's files, with their titles.
_SILENT = frozenset(
    (
        "actions", "alert_actions", "button", "canvas", "checkboxes", "context_actions", "divider",
        "feedback_buttons", "file", "icon_button", "input", "overflow", "radio_buttons",
        "workflow_button",
    )
)  # fmt: skip
# The keys with text, in the order people read them …
_TEXT_KEYS = (
    "pretext", "title", "subtitle", "text", "description", "body", "details", "output", "fields",
    "elements", "blocks", "child_blocks", "cards", "tasks", "rows", "columns", "cells", "value",
)  # fmt: skip
# … and those whose text is nothing that is said: labels of controls, names of a sender.
_OTHER_KEYS = frozenset(
    (
        "accessory", "accessibility_label", "actions", "author_name", "confirm", "fallback",
        "footer", "hint", "label", "metadata", "options", "option_groups", "placeholder",
        "provider_name", "slack_icon", "icon",
    )
)  # fmt: skip
_OBJECTS_OF_TEXT = ("mrkdwn", "plain_text", "raw_text", "rich_text", "markdown")


def blocks_text(blocks: object) -> str:
    """Return the words of blocks as `mrkdwn`, a line for each part; `""` where there are none."""
    return "\n".join(_lines(blocks, 0)).strip()


def is_rich_text(blocks: object) -> bool:
    """Say whether all blocks are rich text: what people write, whose `text` is the same whole."""
    return isinstance(blocks, list) and all(
        isinstance(block, dict) and block.get("type") == "rich_text" for block in blocks
    )


def literal(text: str) -> str:
    """Return text that is no markup, escaped as Slack escapes it, also where it already was."""
    for sign, escaped in (("<", "&lt;"), (">", "&gt;"), ("&", "&amp;")):
        text = text.replace(escaped, sign)
    for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, escaped)
    return text


def code(text: str) -> str:
    """Return lines of code or a log as a block of code; its characters are no markup."""
    return f"```{literal(text.replace('```', ''))}```"


def _lines(node: object, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, str):
        if node.strip():
            yield node
    elif isinstance(node, list):
        for child in node:
            yield from _lines(child, depth + 1)
    elif isinstance(node, dict):
        yield from _of_kind(node, depth)


def _of_kind(node: dict[str, Any], depth: int) -> Iterator[str]:
    kind = str(node.get("type"))
    if kind in _SILENT or kind.endswith(("_select", "picker", "_input")):
        return
    if kind in _INLINE:
        yield _INLINE[kind](node)
        return
    for kinds, read in _READERS:
        if kind in kinds:
            yield from read(node, depth)
            return
    yield from _any(node, depth)


def _any(node: dict[str, Any], depth: int) -> Iterator[str]:
    found = [line for key in _TEXT_KEYS for line in _lines(node.get(key), depth + 1)]
    for key, value in node.items():
        if key not in _TEXT_KEYS and key not in _OTHER_KEYS and _holds_text(value):
            found += _lines(value, depth + 1)
    yield from found or _lines(node.get("fallback"), depth + 1)


def _holds_text(value: object) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and first.get("type") in _OBJECTS_OF_TEXT


def _text(node: dict[str, Any]) -> str:
    text = node.get("text")
    if not isinstance(text, str):
        return ""
    style = node.get("style")
    is_code = isinstance(style, dict) and style.get("code") is True
    return f"`{literal(text)}`" if is_code and text.strip() and "`" not in text else literal(text)


def _text_node(node: dict[str, Any], depth: int) -> Iterator[str]:
    """Read an element of rich text, or an object of the same name that holds something else."""
    said = _text(node)
    if said:
        yield said
    else:
        yield from _any(node, depth)


def _plain(node: dict[str, Any], depth: int) -> Iterator[str]:
    text = node.get("text")
    yield from [literal(text)] if isinstance(text, str) else _lines(text, depth + 1)


def _section(node: dict[str, Any], depth: int) -> Iterator[str]:
    """Read what an app wrote, without the fields and lines that only hold a state."""
    said = without_state_lines("\n".join(_any(node, depth)))
    yield from [said] if said else []


def _run(node: dict[str, Any], depth: int) -> Iterator[str]:
    elements = node.get("elements")
    children = elements if isinstance(elements, list) else [elements]
    yield "".join("\n".join(_lines(child, depth + 1)) for child in children).rstrip("\n")


def _preformatted(node: dict[str, Any], depth: int) -> Iterator[str]:
    said = "".join(_run(node, depth))
    # Links and mentions inside keep their form: the text is escaped already.
    yield f"```{said.replace('```', '')}```" if said.strip() else ""


def _list(node: dict[str, Any], depth: int) -> Iterator[str]:
    elements = node.get("elements")
    for child in elements if isinstance(elements, list) else []:
        said = "\n".join(_lines(child, depth + 1))
        yield f"{BULLET}{said}" if said else ""


def _table(node: dict[str, Any], depth: int) -> Iterator[str]:
    yield from _lines(node.get("caption"), depth + 1)
    rows = node.get("rows")
    for row in rows if isinstance(rows, list) else []:
        cells = row if isinstance(row, list) else _cells(row)
        texts = (" ".join(_lines(cell, depth + 2)) for cell in cells)
        yield CELL_BREAK.join(text for text in texts if text.strip())


def _cells(row: object) -> list[object]:
    cells = row.get("cells", row.get("elements")) if isinstance(row, dict) else None
    return cells if isinstance(cells, list) else [row]


def _context(node: dict[str, Any], depth: int) -> Iterator[str]:
    elements = node.get("elements")
    children = elements if isinstance(elements, list) else [elements]
    pictures = [one for one in children if isinstance(one, dict) and one.get("type") == "image"]
    yield from _section(
        {"elements": [one for one in children if one not in pictures], "text": node.get("text")},
        depth,
    )


def _image(node: dict[str, Any], depth: int) -> Iterator[str]:
    for key in ("title", "alt_text"):
        for said in _lines(node.get(key), depth + 1):
            yield literal(said) if key == "alt_text" else said


def _link(node: dict[str, Any]) -> str:
    url, label = node.get("url"), node.get("text")
    if not isinstance(url, str):
        return literal(label) if isinstance(label, str) else ""
    url = url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C")
    return f"<{url}|{literal(label)}>" if isinstance(label, str) and label else f"<{url}>"


def _date(node: dict[str, Any]) -> str:
    fallback = node.get("fallback")
    return literal(fallback) if isinstance(fallback, str) else ""


_INLINE: dict[str, Callable[[dict[str, Any]], str]] = {
    "link": _link,
    "emoji": lambda node: f":{node.get('name')}:",
    "user": lambda node: f"<@{node.get('user_id')}>",
    "usergroup": lambda node: f"<!subteam^{node.get('usergroup_id')}>",
    "channel": lambda node: f"<#{node.get('channel_id')}>",
    "broadcast": lambda node: f"<!{node.get('range')}>",
    "date": _date,
    "color": lambda node: literal(str(node.get("value") or "")),
}
_READERS: tuple[
    tuple[frozenset[str], Callable[[dict[str, Any], int], Iterator[str]]], ...
] = (
    (frozenset({"text"}), _text_node),
    (frozenset({"plain_text", "raw_text"}), _plain),
    (frozenset({"rich_text_section", "rich_text_quote"}), _run),
    (frozenset({"rich_text_preformatted"}), _preformatted),
    (frozenset({"rich_text_list"}), _list),
    (frozenset({"section"}), _section),
    (frozenset({"context"}), _context),
    (TABLES, _table),
    (frozenset({"image"}), _image),
)  # fmt: skip
