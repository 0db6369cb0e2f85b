"""Chats: Microsoft Teams, Discord, Rocket.Chat, Mattermost, Zulip."""

from __future__ import annotations

from dataclasses import replace

from services.intake.importers.audience.chat_rooms import is_private_type
from services.intake.importers.layouts.layout import Layout, Values, marks
from services.intake.importers.vocabulary.synonyms import Field

SYSTEM = "messages that the chat wrote itself"
PRIVATE = "direct messages, and those of private channels"
DELETED = "messages that were deleted"
_PRIVATE_UNKNOWN = "messages do not say which channels are private: all of the file's are read"

# Messages of people in Discord, as its API numbers them and as exports name them.
_OF_PEOPLE = frozenset({"0", "19", "Default", "Reply", "ThreadCreated"})


def _skip_of_teams(values: Values) -> str | None:
    # A message of a channel names it; one of a chat is read by its members alone.
    if values.get("chatId") and not values.get("channelIdentity.channelId"):
        return PRIVATE
    return None if values.get("messageType") in (None, "message") else SYSTEM


def _skip_of_discord(values: Values) -> str | None:
    return None if str(values.get("type")) in _OF_PEOPLE else SYSTEM


def _skip_of_rocket_chat(values: Values) -> str | None:
    return SYSTEM if values.get("t") else None


def _skip_of_mattermost(values: Values) -> str | None:
    # A type says who may read a channel. Those of tools that name columns alike have other types.
    if is_private_type(values.get("channel_type", "O")):
        return PRIVATE
    if values.get("delete_at"):
        return DELETED
    return SYSTEM if str(values.get("type") or "").startswith("system_") else None


def _skip_of_zulip(values: Values) -> str | None:
    is_channel, topic = values.get("is_channel_message"), values.get("subject")
    is_direct = is_channel is False or values.get("type") in ("private", "direct")
    has_people = isinstance(values.get("display_recipient"), list)
    # Before version 10 only these had no topic, and nothing else says what they are.
    is_old = is_channel is None and not topic and values.get("type") not in ("stream", "channel")
    return PRIVATE if is_direct or has_people or is_old or topic == _DIRECT_TOPIC else None


# What Zulip's database has in place of a topic in direct messages.
_DIRECT_TOPIC = "\x07"

# What no chat has: columns with such names are something else.
_NOT_IN_CHATS: dict[Field, tuple[str, ...]] = {
    "resolved": (),
    "answer": (),
    "status": (),
    "channel": (),
}
TEAMS = Layout(
    "teams",
    "Microsoft Teams",
    (marks("id", "message type", "body.content"),),
    {
        "id": ("id",),
        "title": ("subject",),
        "text": ("body.content",),
        "created": ("created date time",),
        "author": ("from.user.display name", "from.application.display name"),
        "url": ("web url",),
        "parent": ("reply to id",),
        "replies": ("replies",),
        **_NOT_IN_CHATS,
    },
    markup="html",
    skip=_skip_of_teams,
)
DISCORD = Layout(
    "discord",
    "Discord",
    (marks("id", "type", "content", "timestamp", "author.id"),),
    {
        "id": ("id",),
        "title": (),
        "text": ("content",),
        "created": ("timestamp",),
        "author": ("author.global name", "author.nickname", "author.name", "author.username"),
        "parent": ("reference.message id", "message reference.message id"),
        "replies": (),
        **_NOT_IN_CHATS,
    },
    markup="markdown",
    skip=_skip_of_discord,
)
ROCKET_CHAT = Layout(
    "rocketchat",
    "Rocket.Chat",
    (marks("id", "rid", "msg"),),
    {
        "id": ("id",),
        "title": (),
        "text": ("msg",),
        "created": ("ts",),
        "author": ("u.name", "u.username"),
        "parent": ("tmid",),
        "replies": (),
        **_NOT_IN_CHATS,
    },
    markup="markdown",
    skip=_skip_of_rocket_chat,
)
MATTERMOST = Layout(
    "mattermost",
    "Mattermost",
    (marks("user", "message", "create at", "channel type"),),
    {
        "id": ("id",),
        "title": (),
        "text": ("message",),
        "created": ("create at",),
        "author": ("user", "user id"),
        "parent": ("root id",),
        "replies": ("replies",),
        **_NOT_IN_CHATS,
    },
    markup="markdown",
    skip=_skip_of_mattermost,
)
MATTERMOST_API = replace(
    MATTERMOST,
    marks=(marks("id", "user id", "channel id", "message", "create at", "root id"),),
    warning=_PRIVATE_UNKNOWN,
)
ZULIP = Layout(
    "zulip",
    "Zulip",
    (
        marks("topic id", "subject", "content", "recipient", "date sent"),
        marks("topic id", "subject", "content", "recipient id", "timestamp"),
    ),
    {
        "id": ("topic id",),
        "title": ("subject",),
        "text": ("content", "rendered content"),
        "created": ("date sent", "timestamp"),
        "author": ("sender full name", "sender email", "sender"),
        "parent": (),
        "replies": (),
        **_NOT_IN_CHATS,
        "status": ("topic state",),
    },
    markup="markdown",
    skip=_skip_of_zulip,
    warning=_PRIVATE_UNKNOWN,
)
LAYOUTS = (TEAMS, DISCORD, ROCKET_CHAT, MATTERMOST, MATTERMOST_API, ZULIP)
