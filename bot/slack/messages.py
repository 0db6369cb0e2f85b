"""The messages that are sent to Slack and read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# The `event_type` of the metadata that marks our own messages.
METADATA_TYPE = "deja_message"

Blocks = list[dict[str, Any]]


@dataclass(frozen=True)
class Message:
    """A message to post: its blocks, the plain text for notifications, and a mark to find it by."""

    text: str
    blocks: Blocks
    mark: str


@dataclass(frozen=True)
class FoundThread:
    """Whether a thread's parent still exists, and the `ts` of our message in the thread, if any."""

    exists: bool
    our_ts: str | None


@dataclass(frozen=True)
class Page:
    """Messages of a channel's history, the newest first, and whether there are older ones."""

    messages: list[dict[str, Any]]
    has_more: bool


def mark_of(message: dict[str, Any]) -> str | None:
    """Return the mark of one of our messages, or None.

    It is in the metadata, and in the first block's id for a Slack that drops metadata.
    """
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == METADATA_TYPE:
        return str((metadata.get("event_payload") or {}).get("mark"))
    blocks = message.get("blocks") or [{}]
    return blocks[0].get("block_id") if isinstance(blocks[0], dict) else None


def has_mark(message: dict[str, Any], mark: str) -> bool:
    """Say whether a bot posted this message with that mark."""
    return bool(message.get("bot_id")) and mark_of(message) == mark
