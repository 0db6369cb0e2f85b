"""Titles of replies, which repeat that of what they answer."""

from __future__ import annotations

import re

# What mail programs write before the subject, in English, German, Spanish, French, Dutch and
# Nordic languages, also counted ("Re[2]:"); firms add where a mail is from.
_COUNT = r"(?:\s*[\[(]\d{1,3}[\])])?\s*:"
_FORWARD = r"(?:fwd?|wg|rv|tr)"
_MARK = rf"(?:re|aw|antw|sv|{_FORWARD}){_COUNT}"
_OUTSIDE = r"\[ext(?:ern(?:al|o|e)?)?\]:?"
_REPLY = re.compile(rf"^\s*(?:(?:{_MARK}|{_OUTSIDE})\s*)+", re.IGNORECASE)
_IS_FORWARD = re.compile(rf"^\s*(?:{_OUTSIDE}\s*)*{_FORWARD}{_COUNT}", re.IGNORECASE)
_IS_REPLY = re.compile(rf"^\s*(?:{_OUTSIDE}\s*)*{_MARK}", re.IGNORECASE)


def bare_title(title: str) -> str:
    """Return a title as titles are compared: without "Re:" before it."""
    return " ".join(_REPLY.sub("", title).split()).casefold()


def is_reply_title(title: str) -> bool:
    """Say whether a title says of itself that it repeats another one."""
    return _IS_REPLY.match(title) is not None


def is_forward_title(title: str) -> bool:
    """Say whether a title says of itself that it hands another one on."""
    return _IS_FORWARD.match(title) is not None
