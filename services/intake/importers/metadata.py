"""What is kept with a ticket beside its fields: further columns, and replies."""

from __future__ import annotations

import math
from typing import Any

from models.types import safe_text
from services.errors import InputError
from services.intake.importers.replies import TicketReply

# Metadata is nearly flat; deeper nesting could exhaust the stack of a reader.
MAX_DEPTH = 20

# Of the replies, what is kept with a ticket: enough to read how it went on.
MAX_KEPT_REPLIES = 50
MAX_REPLY_LENGTH = 4000


def metadata(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a JSON value that every database can store.

    Raises `InputError`, which says what is wrong with it.
    """
    if depth == 0:
        raise InputError("is nested too deep")
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError("is not a number")
    if isinstance(value, list):
        return [metadata(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {safe_text(key): metadata(one, depth - 1) for key, one in value.items()}
    return value


def kept_reply(reply: TicketReply) -> dict[str, Any]:
    """Return a reply as it is kept with its ticket."""
    kept: dict[str, Any] = {"text": safe_text(reply.text[:MAX_REPLY_LENGTH])}
    if reply.author:
        kept["author"] = safe_text(reply.author)
    if reply.at:
        kept["created"] = reply.at.isoformat()
    if not reply.is_public:
        kept["public"] = False
    return kept
