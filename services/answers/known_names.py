"""What the filters of a search name: channels and people that the readers of the result know.

A private channel that they may not read, and people who wrote only where they may not read, are
answered like names that do not exist, and are never suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import LIVE
from services.channels.audience import Audience
from services.errors import NotFoundError
from services.phrases import Phrase, phrase
from services.text.words.nearest import nearest

# Slack writes `<#C1|name>` and `<@U1|name>`.
_REFERENCE = re.compile(r"<[#@]([A-Z0-9]{1,64})(?:\|([^<>]*))?>")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{5,}")

# Of more people, those with the most tickets are suggested.
MAX_SUGGESTED = 2000


def find_channels(session: Session, audience: Audience, typed: Iterable[str]) -> list[int]:
    """Return the ids of channels by name, by Slack id or as Slack refers to them.

    Raises `NotFoundError` for one that does not exist, or may not be named to its readers: both
    read alike, so that nobody learns of a private channel.
    """
    found = []
    for value in typed:
        known = select(Channel.id).where(audience.channels, is_channel(value))
        channel_id = session.scalar(known.order_by(Channel.id).limit(1))
        if channel_id is None:
            raise NotFoundError(_no_channel(session, audience, shown_value(value).lstrip("#@")))
        found.append(channel_id)
    return found


def ensure_people(session: Session, audience: Audience, typed: Iterable[str]) -> None:
    """Raise `NotFoundError` for somebody of whom the readers may read no ticket."""
    for value in typed:
        known = select(Item.id).where(audience.readable, LIVE, is_author(value))
        if session.scalar(known.limit(1)) is None:
            raise NotFoundError(_no_author(session, audience, value))


def is_user_id(value: str) -> bool:
    """Say whether somebody is named by their id in Slack, not by a name such as that in a file."""
    return _SLACK_USER.fullmatch(value) is not None


def is_channel(value: str) -> ColumnElement[bool]:
    """Return a condition over `Channel`: it is the one that somebody typed."""
    name = _referenced(value).removeprefix("#")
    return or_(Channel.slack_id == name, func.lower(Channel.name) == name.lower())


def is_author(value: str) -> ColumnElement[bool]:
    """Return a condition over `Item`: it is by whom somebody typed."""
    return func.lower(Item.author) == _referenced(value).removeprefix("@").lower()


def shown_value(value: str) -> str:
    """Return a filter's value as people read it: of a reference, the sign and the name."""
    reference = _REFERENCE.fullmatch(value)
    return value if reference is None else value[1] + (reference[2] or reference[1])


def _no_channel(session: Session, audience: Audience, name: str) -> Phrase:
    names = select(Channel.name).where(audience.channels, Channel.name.is_not(None))
    other = nearest(name, map(str, session.scalars(names)))
    if other is not None:
        return phrase(
            "I don't know of a channel {channel} that can be searched here. Do you mean {other}?",
            channel=f"#{name}",
            other=f"#{other}",
        )
    return phrase(
        "I don't know of a channel {channel} that can be searched here.", channel=f"#{name}"
    )


def _no_author(session: Session, audience: Audience, value: str) -> Phrase:
    name = shown_value(value).lstrip("#@")
    authors = (
        select(Item.author)
        .where(audience.readable, LIVE, Item.author.is_not(None))
        .group_by(Item.author)
        .order_by(func.count().desc(), Item.author)
        .limit(MAX_SUGGESTED)
    )
    names = [str(one) for one in session.scalars(authors) if not is_user_id(str(one))]
    other = nearest(name, names)
    if other is not None:
        return phrase(
            "I don't know of a ticket by {person} that can be searched here. Do you mean {other}?",
            person=f"@{name}",
            other=f'from:"{other}"' if " " in other else f"from:{other}",
        )
    if _REFERENCE.fullmatch(value):
        return phrase(
            "I don't know of a ticket by {person} that can be searched here.", person=f"@{name}"
        )
    return phrase(
        "I don't know of a ticket by {person} that can be searched here. To name someone in "
        "Slack, choose them from the list that opens when you type @.",
        person=f"@{name}",
    )


def _referenced(value: str) -> str:
    """Return the id in a reference of Slack's markup, anything else as it is."""
    reference = _REFERENCE.fullmatch(value)
    return reference[1] if reference else value
