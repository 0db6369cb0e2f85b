"""Bots and forms that post in channels: who they are, and who of them was seen where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, ChannelSender, insert_new
from models.types import safe_text
from services.text.slack.files import files_of, is_mail

Message = Mapping[str, Any]

MAX_ID_LENGTH = 64
MAX_NAME_LENGTH = 80


@dataclass(frozen=True)
class Sender:
    """A bot or a form: the id that settings name it by, and what people know it as."""

    id: str
    name: str
    is_form: bool = False


def sender_of(message: Message) -> Sender | None:
    """Return the bot or form that posted a message; None for people, and where Slack names none.

    A workflow has an id of its own; all its forms may be posted by one bot.
    """
    if not is_by_bot(message) and not is_form(message):
        return None
    ids = (message.get(key) for key in ("workflow_id", "bot_id", "app_id"))
    id_ = next((one for one in ids if one and isinstance(one, str)), None)
    if id_ is None or len(id_) > MAX_ID_LENGTH:
        return None
    profile = message.get("bot_profile")
    names = (message.get("username"), profile.get("name") if isinstance(profile, dict) else None)
    name = next((one for one in names if one and isinstance(one, str)), id_)
    name = " ".join(safe_text(name).split())[:MAX_NAME_LENGTH] or id_
    return Sender(id_, name, is_form(message))


def unseen(session: Session, channel: Channel, senders: Iterable[Sender]) -> list[Sender]:
    """Return those of the senders that have not been seen in a channel."""
    stored = select(ChannelSender.sender).where(ChannelSender.channel_id == channel.id)
    known = set(session.scalars(stored))
    return [one for one in senders if one.id not in known]


def record_senders(session: Session, channel: Channel, senders: Iterable[Sender | None]) -> None:
    """Store the senders that are new in a channel, so that its settings offer them."""
    rows = [
        {"channel_id": channel.id, "sender": one.id, "name": one.name, "is_form": one.is_form}
        for one in {one.id: one for one in senders if one is not None}.values()
    ]
    insert_new(session, ChannelSender, rows, unique=["channel_id", "sender"])


def seen_senders(session: Session, channel: Channel) -> list[Sender]:
    """Return the senders that were seen in a channel, forms first, by name."""
    rows = session.scalars(select(ChannelSender).where(ChannelSender.channel_id == channel.id))
    seen = [Sender(one.sender, one.name, one.is_form) for one in rows]
    return sorted(seen, key=lambda one: (not one.is_form, one.name.casefold(), one.id))


def is_by_bot(message: Message) -> bool:
    """Say whether a message is marked as coming from a bot or an app."""
    return bool(message.get("bot_id")) or message.get("subtype") == "bot_message"


def is_form(message: Message) -> bool:
    """Say whether a message is a form that a person filled in and a workflow posted."""
    profile = message.get("bot_profile")
    return bool(message.get("workflow_id")) or (
        isinstance(profile, dict) and profile.get("is_workflow_bot") is True
    )


def is_sent_mail(message: Message) -> bool:
    """Say whether a message is a mail that somebody sent to the channel's address."""
    return any(map(is_mail, files_of(message)))
