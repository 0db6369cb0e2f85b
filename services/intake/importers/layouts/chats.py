"""Chats: Microsoft Teams, Discord."""

from __future__ import annotations

from services.intake.importers.layouts.layout import Layout, Values, marks
from services.intake.importers.synonyms import Field

SYSTEM = "messages that the chat wrote itself"

# Messages of people in Discord, as its API numbers them and as exports name them.
_OF_PEOPLE = frozenset({"0", "19", "Default", "Reply", "ThreadCreated"})


def _skip_of_teams(values: Values) -> str | None:
    return None if values.get("messageType") in (None, "message") else SYSTEM


def _skip_of_discord(values: Values) -> str | None:
    return None if str(values.get("type")) in _OF_PEOPLE else SYSTEM


def _skip_of_rocket_chat(values: Values) -> str | None:
    return SYSTEM if values.get("t") else None


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
LAYOUTS = (TEAMS, DISCORD, ROCKET_CHAT)
