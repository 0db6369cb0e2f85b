"""Slack's markup and blocks as plain text, for live messages and for exports."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.text.cleaning import plain_text
from services.text.patterns import SOMEBODY
from services.text.talk import is_courtesy

# Blocks nest three or four levels deep; a deeper payload does not come from Slack.
MAX_DEPTH = 12

_MENTION = re.compile(r"<@\w+>")
_CLAUSE_END = re.compile(r"[.!?,:;\n]")
_GOES_ON = re.compile(r"[ '’]*\w")
_REFERENCE = re.compile(r"<([^<>\n]*)>")
# The length is bounded so that a message of 40,000 asterisks costs no more than another.
_STYLE = re.compile(r"(?<![\w`])([*_~])(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w`])")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_QUOTE = re.compile(r"^(?:&gt;)+ ?", re.MULTILINE)

# The keys with text, in the order people read them.
_TEXT_KEYS = (
    "pretext", "title", "text", "fields", "elements", "blocks", "rows", "columns", "value",
)  # fmt: skip


def clean_slack(text: str) -> str:
    """Return Slack's `mrkdwn` as the plain text people see.

    Links become their label (or address), channels and groups their name; mentions of people are
    removed; `*bold*` and the like lose their marks outside code; `&amp; &lt; &gt;` are unescaped.
    """
    parts = _CODE.split(text)
    for index, part in enumerate(parts):
        if index % 2:  # code: the group that the split captured
            parts[index] = _REFERENCE.sub(_reference, part).strip("`")
        else:
            parts[index] = _without_styles(_REFERENCE.sub(_reference, _QUOTE.sub("", part)))
    # Only the three entities that Slack escapes; `html.unescape` knows hundreds more.
    joined = "".join(parts)
    for escaped in ("&lt;", "&gt;", "&amp;"):
        joined = joined.replace(escaped, html.unescape(escaped))
    return plain_text(joined)


def ticket_text(text: str) -> str:
    """Return what is kept of a ticket's `mrkdwn`: `clean_slack`, with `SOMEBODY` for some mentions.

    Those are the ones amid a sentence: "give @… access to the wiki". Who is addressed, before or
    after it, is left out.
    """
    return clean_slack(_MENTION.sub(_mention, text))


def _mention(match: re.Match[str]) -> str:
    before = _CLAUSE_END.split(match.string[: match.start()])[-1]
    has_words = any(map(str.isalnum, _MENTION.sub("", before)))
    is_amid = has_words and not is_courtesy(before) and _GOES_ON.match(match.string, match.end())
    return SOMEBODY if is_amid else match.group()


def message_text(message: Mapping[str, Any]) -> str:
    """Return a Slack message's markup: its `text`, or else the text of its blocks or attachments.

    Workflow forms and many integrations leave `text` empty and put everything into blocks.
    """
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    for key in ("blocks", "attachments"):
        found = "\n".join(_texts(message.get(key), depth=0)).strip()
        if found:
            return found
    return ""


def _without_styles(text: str) -> str:
    for _ in "*_~":  # each may be nested in the others
        text = _STYLE.sub(r"\2", text)
    return text


def _reference(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith("@"):
        return f"@{label}" if label else ""
    if target.startswith("#"):
        return f"#{label}" if label else ""
    if target.startswith("!"):
        return label.removeprefix("@") if label else ""
    return label or target


def _texts(node: object, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child, depth + 1)
    elif isinstance(node, dict):
        yield from _block_texts(node, depth)


def _block_texts(node: dict[str, Any], depth: int) -> Iterator[str]:
    kind = str(node.get("type"))
    if kind in _INLINE:
        yield _INLINE[kind](node)
    elif kind == "rich_text_section" or kind in {"rich_text_preformatted", "rich_text_quote"}:
        yield "".join(_texts(node.get("elements"), depth + 1))
    elif kind not in {"actions", "input", "image"}:  # controls are not text
        found = [text for key in _TEXT_KEYS for text in _texts(node.get(key), depth + 1)]
        yield from found or _texts(node.get("fallback"), depth + 1)


def _link(node: dict[str, Any]) -> str:
    url, label = node.get("url"), node.get("text")
    return f"<{url}|{label}>" if label else f"<{url}>"


_INLINE: dict[str, Callable[[dict[str, Any]], str]] = {
    "link": _link,
    "emoji": lambda node: f":{node.get('name')}:",
    "user": lambda node: f"<@{node.get('user_id')}>",
    "usergroup": lambda node: f"<!subteam^{node.get('usergroup_id')}>",
    "channel": lambda node: f"<#{node.get('channel_id')}>",
    "broadcast": lambda node: f"<!{node.get('range')}>",
}
