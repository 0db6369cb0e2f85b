"""What a Slack message says, in whichever of its parts it says it; the same for every way in.

That is its text or blocks, messages that it forwards, an app's attachments, and its files' titles,
descriptions and previews. Previews of links are not words: the linked page says them. Nothing is
read twice: a `text` is usually the fallback of blocks, and a file's title is often its caption.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.text.slack.blocks import MAX_DEPTH, TABLES, blocks_text, is_rich_text
from services.text.slack.files import file_texts, files_of
from services.text.slack.markup import clean_slack
from services.text.slack.state_fields import is_state_field, without_state_lines
from services.text.words.folding import fold

Message = Mapping[str, Any]

# Marks what the message repeats of another; the same in every language.
QUOTE_MARKS = ("“", "”")

_WORD = re.compile(r"[^\W_]+")
# What Slack writes where an app gave no text.
_NO_TEXT = ("[no preview available]", "this content can't be displayed.")


class PartKind(StrEnum):
    """Which part of a message says something."""

    OWN = "own"
    QUOTED = "quoted"
    ATTACHED = "attached"
    FILE = "file"


@dataclass(frozen=True)
class MessagePart:
    """What one part of a message says, in Slack's markup."""

    kind: PartKind
    text: str


def message_text(message: Message) -> str:
    """Return what a message says as Slack's markup, `""` where it has no words.

    What it quotes of other messages stands between “ and ”.
    """
    return "\n".join(_marked(part) for part in message_parts(message))


def message_parts(message: Message) -> list[MessagePart]:
    """Return the parts of a message that say something, in the order people read them."""
    found = [part for part in _parts(message, 0) if part.text.strip()]
    if len(found) <= 1:  # nothing can be said twice
        return found
    parts: list[MessagePart] = []
    said = " "
    for part in found:
        words = _spaced_words(part.text)
        is_new = f" {words} " not in said if words else not said.strip()
        if is_new:
            parts.append(part)
            said += f"{words} " if words else ""
    return parts


def _marked(part: MessagePart) -> str:
    text = part.text.strip()
    return f"{QUOTE_MARKS[0]}{text}{QUOTE_MARKS[1]}" if part.kind is PartKind.QUOTED else text


def _parts(message: Message, depth: int) -> Iterator[MessagePart]:
    own = own_text(message)
    yield MessagePart(PartKind.OWN, own)
    # People attach nothing but what they share and the tables that they paste: everything else is
    # the preview of a link.
    is_by_person = bool(own.strip() and message.get("user")) and not _is_by_app(message)
    for one in _dicts(message.get("attachments")):
        if _is_for_few(one):
            continue
        is_preview = is_unfurl(one) or (is_by_person and not _has_table(one))
        if _is_share(one) or not is_preview:
            yield from _attachment_parts(one, depth)
    for file in files_of(message):
        for text in file_texts(file):
            yield MessagePart(PartKind.FILE, text)


def is_unfurl(attachment: Mapping[str, Any]) -> bool:
    """Say whether an attachment is the preview of a link, and no message that is shared."""
    return not _is_share(attachment) and any(
        attachment.get(key)
        for key in ("from_url", "original_url", "app_unfurl_url", "is_app_unfurl")
    )


def _has_table(attachment: Mapping[str, Any]) -> bool:
    return any(one.get("type") in TABLES for one in _dicts(attachment.get("blocks")))


def _is_for_few(attachment: Mapping[str, Any]) -> bool:
    """Say whether an attachment previews a message of a private channel, which only those see.

    Whoever forwards such a message shows it to all.
    """
    return bool(attachment.get("private_channel_prompt") and not attachment.get("is_share"))


def _is_share(attachment: Mapping[str, Any]) -> bool:
    return any(attachment.get(key) for key in ("is_share", "is_msg_unfurl", "message_blocks"))


def _attachment_parts(attachment: Mapping[str, Any], depth: int) -> Iterator[MessagePart]:
    if depth > MAX_DEPTH:
        return
    if not _is_share(attachment):
        yield MessagePart(PartKind.ATTACHED, _attached_text(attachment))
        return
    texts = [part.text for part in _parts(_shared(attachment), depth + 1) if part.text.strip()]
    for text in texts or [_fallback(attachment)]:
        yield MessagePart(PartKind.QUOTED, text)


def _shared(attachment: Mapping[str, Any]) -> Message:
    """Return the message that an attachment shares, as far as Slack sends it along."""
    blocks = [
        block
        for one in _dicts(attachment.get("message_blocks"))
        for message in _dicts([one.get("message")])
        for block in _dicts(message.get("blocks"))
    ]
    return {
        "text": attachment.get("text"),
        "blocks": blocks or attachment.get("blocks"),
        "files": attachment.get("files"),
        "attachments": attachment.get("attachments"),
    }


def own_text(message: Message) -> str:
    """Return what a message itself says as Slack's markup, without what it quotes and attaches."""
    text = message.get("text")
    text = text if isinstance(text, str) else ""
    if message.get("blocks"):
        text = _text_or_blocks(text, message)
    text = without_state_lines(text) if _is_by_app(message) else text
    return "" if text.strip().lower() in _NO_TEXT else text


def _is_by_app(message: Message) -> bool:
    return bool(message.get("bot_id")) or message.get("subtype") == "bot_message"


def _text_or_blocks(text: str, message: Message) -> str:
    """Return what people see of both; where both say the same, the text as Slack wrote it."""
    said = blocks_text(message["blocks"])
    if said == text:
        return text
    ours, theirs = Counter(_words(said)), Counter(_words(text))
    if not ours or ours == theirs:
        return text or said
    if not is_rich_text(message["blocks"]) or not ours <= theirs:
        return said
    # An element that is not known says more, or a file's id stands for it.
    for file in files_of(message):
        text = text.replace(str(file.get("id") or "\0"), "")
    return text


def _attached_text(attachment: Mapping[str, Any]) -> str:
    """Return what an app's attachment says; its fallback only where there is nothing else."""
    texts = [attachment.get(key) for key in ("pretext", "title", "text")]
    lines = [text for text in texts if isinstance(text, str)]
    lines += [blocks_text(attachment.get("blocks")), *_fields(attachment.get("fields"))]
    said = without_state_lines("\n".join(line for line in lines if line.strip()))
    has_fields = bool(attachment.get("fields") or attachment.get("blocks"))
    return said or ("" if has_fields or any(lines) else _fallback(attachment))


def _fields(fields: object) -> Iterator[str]:
    for field in _dicts(fields):
        title, value = (
            str(text) if isinstance(text, str | int) else ""
            for text in (field.get("title"), field.get("value"))
        )
        if not is_state_field(title, value):
            yield "\n".join(text for text in (title, value) if text.strip())


def _dicts(listed: object) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _fallback(attachment: Mapping[str, Any]) -> str:
    fallback = attachment.get("fallback")
    if not isinstance(fallback, str) or fallback.strip().lower() in _NO_TEXT:
        return ""
    return fallback


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(clean_slack(text)))


def _spaced_words(text: str) -> str:
    return " ".join(_words(text))
