"""Which rooms of chats only some people read: direct messages, and private channels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.intake.importers.audience.private_texts import is_title_of_team
from services.intake.importers.entries import RowError
from services.intake.importers.records import Record, normalized
from services.intake.importers.vocabulary.flags import flag
from services.text.words.word_lists import words

DIRECT = "direct messages"
PRIVATE_ROOM = "messages of private channels and groups"

# Types of rooms of some people, as many tools call them, without what is between their words.
_DIRECT_TYPES = words("direct directmessage dm im mpim oneonone")
# Whoever comes to a counter comes by a "direct" channel.
_DIRECT_CHANNELS = _DIRECT_TYPES - {"direct"}
# Those of channels. Mattermost has D, P, G, and none for one that its export does not list.
_PRIVATE_TYPES = _DIRECT_TYPES | words("d p g private group privatechannel") | {""}
# Types of chats in Telegram and in exports of Discord; no other tool uses these words.
_DIRECT_CHATS = words("personalchat savedmessages botchat directtextchat directgrouptextchat")
_PRIVATE_CHATS = words("privategroup privatesupergroup privatechannel")
# Types of chats in Microsoft Teams that only their members read.
_OF_MEMBERS = words("group meeting")
# Objects and fields around messages that say of what type their room is.
_ROOMS = ("channel", "chat", "room", "conversation")
_ROOM_TYPES = frozenset({"type", "chat type", "room type", "conversation type"})
# Lists of direct messages in an export of a person's data.
_DIRECT_LISTS = frozenset(
    {"direct messages", "dms", "dm", "private messages", "direct message", "direct conversations",
     "private chats", "direktnachrichten", "privatnachrichten", "mensajes directos",
     "mensajes privados", "messages directs", "messages prives"}
)  # fmt: skip
# What a record says of its room once that is known. The "room type" of a hotel may be "private".
_ROOM = "chat_type"
# What messages of Facebook and Instagram have, of which nobody else reads any.
_OF_PERSON = "is geoblocked for viewer"
# What Discourse calls a topic of direct messages.
_OF_DISCOURSE = "private_message"
# Fields that say of what type a room is, or that it is of some people.
_TYPES = ("room type", "chat type", "conversation kind")
_FLAGS = frozenset({"is direct", "is dm", "is im", "is mpim"})
_PRIVATE_FLAGS = frozenset({"is private"})
# All fields that tell of a direct message; most tables have none of them.
_OF_DIRECT = _FLAGS | {
    *_TYPES, "channel type", _OF_PERSON, "archetype", "display recipient", "type"
}  # fmt: skip
# What an object has that tells of the room of its messages.
_OF_ROOM = _ROOM_TYPES | _OF_DIRECT | {*_ROOMS}


def is_direct(fields: Mapping[str, Any]) -> bool:
    """Say whether a row is a message from one person to another, which nobody else reads.

    Names are as `normalized` writes them.
    """
    if _OF_DIRECT.isdisjoint(fields):
        return False
    is_in_room = any(_plain(fields.get(name)) in _DIRECT_TYPES for name in _TYPES)
    is_in_channel = _plain(fields.get("channel type")) in _DIRECT_CHANNELS
    is_told = _has_flag(fields, _FLAGS)
    is_person = (
        _OF_PERSON in fields
        or fields.get("archetype") == _OF_DISCOURSE
        or isinstance(fields.get("display recipient"), list)
    )
    is_chat = _is_direct_chat(fields.get("type"))
    return is_in_room or is_in_channel or is_told or is_person or is_chat


def is_direct_file(file: str) -> bool:
    """Say whether a file has the messages of two people, as Google Chat calls it: "DM 5Zx/…"."""
    return _DIRECT_FILE.search(file) is not None


_DIRECT_FILE = re.compile(r"(?:^|/)DM [^/]+/messages\.json$")


def is_in_private_room(fields: Mapping[str, Any]) -> bool:
    """Say whether a row is a message of a channel or group that only its members read."""
    return _plain(fields.get("chat type")) in _OF_MEMBERS | {"private"}


def _is_direct_chat(kind: object) -> bool:
    """Say whether a row is such a chat; a ticket of the type "Bot chat" is written for people."""
    return _plain(kind) in _DIRECT_CHATS and " " not in str(kind)


@dataclass(frozen=True)
class Room:
    """A room of a chat: `kind` is "direct" or "private", None for any other.

    `id` is that of a room which numbers its messages by itself, as those of Telegram do.
    """

    kind: str | None = None
    id: str | None = None


def tells_room(around: Mapping[str, Any]) -> bool:
    """Say whether an object has told, before its messages, what room they are of."""
    return any(normalized(name) in _OF_ROOM for name in around)


def room_of(around: Mapping[str, Any], name: str, depth: int) -> Room:
    """Return the room of what an object has in its list `name`.

    The object is the room, or has it beside its messages; it names fields as its tool does.
    """
    id_ = around.get("id")
    is_room = name == "messages" and isinstance(id_, int | str) and "type" in around
    return Room(_kind_of_room(around, name, depth), str(id_) if is_room else None)


def _kind_of_room(around: Mapping[str, Any], name: str, depth: int) -> str | None:
    """Return whether a room is direct or private.

    Whoever exports a single group of Telegram (`depth` 0) means it; all chats of an account have
    others.
    """
    if normalized(name) in _DIRECT_LISTS:
        return "direct"
    if is_title_of_team(name):  # "internal_tickets"
        return "private"
    own, *inner = (_named(one) for one in (around, *(around.get(room) for room in _ROOMS)))
    rooms = (own, *inner)
    types = {_plain(one.get(type_)) for one in rooms for type_ in _ROOM_TYPES}
    if any(map(is_direct, rooms)) or types & (_DIRECT_CHATS | _DIRECT_CHANNELS):
        return "direct"
    is_flagged = any(_has_flag(one, _PRIVATE_FLAGS) for one in inner)
    is_private = depth > 0 and (is_flagged or types & _PRIVATE_CHATS)
    is_of_members = _plain(own.get("chat type")) in _OF_MEMBERS
    return "private" if is_private or is_of_members else None


def _named(value: object) -> dict[str, Any]:
    """Return the fields of an object by their names as `normalized`; none of anything else."""
    fields = value if isinstance(value, Mapping) else {}
    return {normalized(name): one for name, one in fields.items()}


def _has_flag(fields: Mapping[str, Any], names: frozenset[str]) -> bool:
    return any(flag(fields[name]) is True for name in names & fields.keys())


def in_room(entries: Iterable[Record | RowError], room: Room) -> Iterator[Record | RowError]:
    """Yield the records with what is known of their room, and all errors."""
    for entry in entries:
        if isinstance(entry, RowError) or room == _ANY:
            yield entry
        else:
            yield replace(entry, values=_told(entry.values, room))


def of_room(objects: list[Any], room: Room) -> list[Any]:
    """Return objects with what is known of their room."""
    return objects if room == _ANY else [_told(one, room) for one in objects]


_ANY = Room()


def _told(message: Mapping[str, Any], room: Room) -> dict[str, Any]:
    kind = {} if room.kind is None else {_ROOM: room.kind}
    if room.id is None:
        return {**message, **kind}
    # A reply to what was said in another room is none here.
    left = _IN_OTHER_ROOM if _OTHER_ROOM in message else frozenset()
    own = {name: one for name, one in message.items() if name not in left}
    ids = {
        name: f"{room.id}/{own[name]}" for name in _MESSAGE_NUMBERS if type(own.get(name)) is int
    }
    return {**own, **kind, **ids}


# Lists that hold a conversation's messages as often as records by themselves.
MESSAGES = words("messages posts conversations")
_MESSAGE_NUMBERS = ("id", "reply_to_message_id")
_OTHER_ROOM = "reply_to_peer_id"
_IN_OTHER_ROOM = frozenset({_OTHER_ROOM, "reply_to_message_id"})


def is_private_type(channel_type: object) -> bool:
    """Say whether a chat's channel of this type is read by some people only, or may be."""
    return _plain(channel_type) in _PRIVATE_TYPES


def _plain(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return value.lower().translate(_WITHOUT_SEPARATORS)


_WITHOUT_SEPARATORS = str.maketrans("", "", "_- ")
