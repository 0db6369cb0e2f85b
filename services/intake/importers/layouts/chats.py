"""Chats: Microsoft Teams, Discord."""

from __future__ import annotations

from services.intake.importers.layouts.layout import Layout, Values, marks

SYSTEM = "messages that the chat wrote itself"

# Messages of people in Discord, as its API numbers them and as exports name them.
_OF_PEOPLE = frozenset({"0", "19", "Default", "Reply", "ThreadCreated"})


def _is_of_teams(values: Values) -> str | None:
    return None if values.get("messageType") in (None, "message") else SYSTEM


def _is_of_discord(values: Values) -> str | None:
    return None if str(values.get("type")) in _OF_PEOPLE else SYSTEM


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
        "resolved": (),
        "answer": (),
        "status": (),
        "channel": (),
    },
    markup="html",
    skip=_is_of_teams,
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
        "resolved": (),
        "answer": (),
        "status": (),
        "channel": (),
    },
    markup="markdown",
    skip=_is_of_discord,
)
LAYOUTS = (TEAMS, DISCORD)
