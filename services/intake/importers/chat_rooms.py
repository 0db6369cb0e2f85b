"""Which rooms of chats only some people read: direct messages, and private channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.importers.flags import flag
from services.text.word_lists import words

DIRECT = "direct messages"

# Types of rooms of some people, as many tools call them, without what is between their words.
_DIRECT_TYPES = words("direct directmessage dm im mpim oneonone")
# Those of channels. Mattermost has D, P, G, and none for one that its export does not list.
_PRIVATE_TYPES = _DIRECT_TYPES | words("d p g private group privatechannel") | {""}
# Fields that say of what type a room is, or that it is of some people.
_TYPES = ("room type", "chat type", "conversation kind")
_FLAGS = frozenset({"is direct", "is dm", "is im", "is mpim"})


def is_direct(fields: Mapping[str, Any]) -> bool:
    """Say whether a row is a message from one person to another, which nobody else reads.

    Names are as `normalized` writes them.
    """
    is_in_room = any(_plain(fields.get(name)) in _DIRECT_TYPES for name in _TYPES)
    # Whoever comes to a counter comes by a "direct" channel.
    is_in_channel = _plain(fields.get("channel type")) in _DIRECT_TYPES - {"direct"}
    is_told = any(flag(fields[name]) is True for name in _FLAGS & fields.keys())
    return is_in_room or is_in_channel or is_told


def is_private_type(channel_type: object) -> bool:
    """Say whether a chat's channel of this type is read by some people only, or may be."""
    return _plain(channel_type) in _PRIVATE_TYPES


def _plain(value: object) -> str:
    return str(value or "").lower().translate(_WITHOUT_SEPARATORS)


_WITHOUT_SEPARATORS = str.maketrans("", "", "_- ")
