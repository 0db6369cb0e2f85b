"""Slack's messages as items: which are tickets, and what is kept; alike live and in an export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models import Channel, Item, Part
from models.queries import LIVE
from models.types import safe_text
from services.memory.items import NewItem
from services.phrases import Phrase, phrase
from services.text.slack_markup import clean_slack, message_text
from services.text.small_talk import why_chitchat

SLACK_SOURCE = "slack"

# What people say, as opposed to what Slack notes ("X joined the channel").
SAID = {None, "file_share", "thread_broadcast", "me_message", "bot_message"}

# Why a message is no ticket.
NOTE = phrase("joins, topics and the like")
BOT = phrase("messages of bots")
REPLY = phrase("replies in threads")
NO_WORDS = phrase("messages without words")

Message = Mapping[str, Any]

_TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,9}")


@dataclass(frozen=True)
class SlackTicket:
    """What is kept of a message: who said what when, in Slack's markup, and its last edit.

    `joins` where it may be one of several that are one ticket: a person said it, in no thread.
    """

    ts: str
    thread_ts: str | None
    user: str | None
    text: str
    revision: str
    joins: bool = False

    def item(self, channel: str, *, channel_id: int | None, team_url: str | None) -> NewItem:
        """Return the item that the message is, in the channel of that Slack id."""
        return NewItem(
            source=SLACK_SOURCE,
            external_id=external_id(channel, self.ts),
            text=clean_slack(self.text),
            created_at=datetime.fromtimestamp(float(self.ts), UTC),
            channel_id=channel_id,
            author=self.user,
            url=permalink(team_url, channel, self.ts, self.thread_ts),
            ts=self.ts,
            thread_ts=self.thread_ts,
            revision=self.revision,
            joins=self.joins,
        )


def external_id(channel: str, ts: str) -> str:
    """Return the id of a Slack message as an item: the same live, swept and in an export."""
    return f"{channel}/{ts}"


def find_ticket(session: Session, channel: Channel, ts: str) -> Item | None:
    """Return the ticket that a message of a channel is, or is part of; None for others."""
    message = _message(channel, ts)
    part_of = select(Part.head_id).join(Item, Item.id == Part.item_id).where(message)
    own = select(Item.id).where(message)
    return session.scalar(
        select(Item).where(LIVE, or_(Item.id.in_(own), Item.id.in_(part_of))).limit(1)
    )


def find_part(session: Session, channel: Channel, ts: str) -> Part | None:
    """Return what is known of a message as a part of a ticket; None of what can be none."""
    own = select(Part).join(Item, Item.id == Part.item_id).where(_message(channel, ts))
    return session.scalar(own)


def _message(channel: Channel, ts: str) -> ColumnElement[bool]:
    return (
        (Item.workspace_id == channel.workspace_id)
        & (Item.source == SLACK_SOURCE)
        & (Item.external_id == external_id(str(channel.slack_id), ts))
    )


def permalink(team_url: str | None, channel: str, ts: str, thread_ts: str | None) -> str | None:
    """Return the address of a message, as Slack builds it."""
    if not team_url:
        return None
    address = f"{team_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        address += f"?thread_ts={thread_ts}&cid={channel}"
    return address


def is_ts(value: object) -> TypeGuard[str]:
    """Say whether `value` is one of Slack's time stamps, such as "1700000000.000100"."""
    return isinstance(value, str) and _TS.fullmatch(value) is not None


def reason_not_a_persons_message(
    message: Message, bot_user_id: str | None, ticket_bots: frozenset[str] = frozenset()
) -> Phrase | None:
    """Return why no person says this (`NOTE`, `BOT`), or None where one does.

    Forms that people fill in count, and so do the bots, apps or users in `ticket_bots`; what the
    bot itself (`bot_user_id`) says never does.
    """
    subtype = message.get("subtype")
    if not (subtype is None or isinstance(subtype, str)) or subtype not in SAID:
        return NOTE
    if message.get("hidden") is True:
        return NOTE
    if bot_user_id and message.get("user") == bot_user_id:
        return BOT
    if not _is_by_bot(message):
        return None
    ids = {str(message.get(key)) for key in ("bot_id", "app_id", "user")}
    return None if _is_form(message) or ticket_bots & ids else BOT


def read_ticket(message: Message) -> SlackTicket | Phrase:
    """Return what is kept of something said, or why it is no ticket (`REPLY`, `NO_WORDS`)."""
    ts, thread_ts = message.get("ts"), message.get("thread_ts")
    if not is_ts(ts):
        return NOTE
    is_reply = is_ts(thread_ts) and thread_ts != ts
    if is_reply and message.get("subtype") != "thread_broadcast":
        return REPLY
    text = message_text(message)
    revision = edit_of(message)
    if not text and not revision:
        return NO_WORDS
    names = (message.get(key) for key in ("user", "username", "bot_id"))
    return SlackTicket(
        ts=ts,
        thread_ts=thread_ts if is_reply else None,
        user=next((safe_text(name) for name in names if name and isinstance(name, str)), None),
        text=text,
        revision=revision,
        joins=not is_reply and isinstance(message.get("user"), str) and not _is_by_bot(message),
    )


def edit_of(message: Message) -> str:
    """Return when a message was last edited, like a `ts`; "" where it was not."""
    edited = message.get("edited")
    revision = edited.get("ts") if isinstance(edited, dict) else None
    return revision if is_ts(revision) else ""


def mentions(message: Message, user_id: str | None) -> bool:
    """Say whether a message calls that user by `@`."""
    return user_id is not None and f"<@{user_id}>" in message_text(message)


def _is_by_bot(message: Message) -> bool:
    return bool(message.get("bot_id")) or message.get("subtype") == "bot_message"


def _is_form(message: Message) -> bool:
    """Say whether a workflow posted this: a form that a person filled in."""
    profile = message.get("bot_profile")
    return bool(message.get("workflow_id")) or (
        isinstance(profile, dict) and profile.get("is_workflow_bot") is True
    )


OFF = phrase("I am off in this channel")


PRODUCTS = phrase("in this channel products are asked for")


def read_kept(
    message: Mapping[str, Any],
    channel: Channel,
    bot_user_id: str | None,
    ticket_bots: frozenset[str],
) -> SlackTicket | Phrase:
    """Return the ticket that a message of a channel is, or why it is none."""
    said_by = reason_not_a_persons_message(message, bot_user_id, ticket_bots)
    ticket = said_by or read_ticket(message)
    if isinstance(ticket, Phrase):
        return phrase("I leave out {what}", what=ticket)
    return why_not_kept(channel, clean_slack(ticket.text)) or ticket


def why_not_kept(channel: Channel, text: str) -> Phrase | None:
    """Return why a message of a channel is not remembered, or None where it is."""
    if channel.mode == "off":
        return OFF
    if channel.kind == "products":
        return PRODUCTS
    return why_chitchat(text, channel.ignored)
