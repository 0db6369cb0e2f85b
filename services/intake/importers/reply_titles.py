"""Titles of replies, which repeat that of what they answer."""

from __future__ import annotations

import re

_REPLY = re.compile(r"^\s*(?:(?:re|aw|fwd?|wg|rv)\s*:\s*)+", re.IGNORECASE)


def bare_title(title: str) -> str:
    """Return a title as titles are compared: without "Re:" before it."""
    return " ".join(_REPLY.sub("", title).split()).casefold()
