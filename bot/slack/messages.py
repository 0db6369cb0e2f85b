"""What is sent to Slack and what is read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Slack's `event_type` of the metadata that marks our own messages.
METADATA_TYPE = "deja_message"


Blocks = list[dict[str, Any]]


@dataclass(frozen=True)
class Message:
    """What is written to Slack: blocks, the plain text for notifications, and our own mark."""

    text: str
    blocks: Blocks
    mark: str


@dataclass(frozen=True)
class FoundThread:
    """A thread as it stands: whether its parent is still there, and our message in it."""

    exists: bool
    our_ts: str | None


@dataclass(frozen=True)
class Page:
    """A piece of a channel's history, the newest message first, and whether there is more."""

    messages: list[dict[str, Any]]
    has_more: bool


def mark_of(message: dict[str, Any]) -> str | None:
    """Return our mark on a message, if it has one.

    It stands in the metadata and, for a Slack that keeps none, in the first block's id.
    """
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == METADATA_TYPE:
        return str((metadata.get("event_payload") or {}).get("mark"))
    blocks = message.get("blocks") or [{}]
    return blocks[0].get("block_id") if isinstance(blocks[0], dict) else None


def _has_mark(message: dict[str, Any], mark: str) -> bool:
    return bool(message.get("bot_id")) and mark_of(message) == mark
