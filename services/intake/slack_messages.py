"""Slack's messages as items: what is kept of a ticket, and how a message finds its ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from models import Channel, Item, Part
from models.queries import LIVE, SLACK_SOURCE
from models.types import safe_text
from services.intake.senders import Sender, is_by_bot, sender_of
from services.memory.new_items import NewItem
from services.text.slack.images import ImageFile, images_of, with_image_texts
from services.text.slack.markup import ticket_text
from services.text.slack.message import message_text, own_text
from services.text.slack.times import is_ts, sent_at

Message = Mapping[str, Any]


@dataclass(frozen=True)
class SlackTicket:
    """What is kept of a message; `text` is in Slack's markup, `revision` its last edit.

    `joins` is True if the message may be part of a burst: by a person, not from a thread.
    `by_person` is False for bots, apps and forms, of which `sender` says who they are. `images` are
    pictures whose words are no part of `text` yet.
    """

    ts: str
    thread_ts: str | None
    user: str | None
    text: str
    revision: str
    joins: bool = False
    by_person: bool = False
    sender: Sender | None = None
    images: tuple[ImageFile, ...] = ()

    @classmethod
    def of(cls, message: Message) -> SlackTicket:
        """Return what is kept of a message that has a time stamp."""
        ts, thread_ts = str(message["ts"]), message.get("thread_ts")
        from_thread = is_ts(thread_ts) and thread_ts != ts
        user = message.get("user")
        names = (user, message.get("username"), message.get("bot_id"))
        by_person = isinstance(user, str) and not is_by_bot(message)
        return cls(
            ts=ts,
            thread_ts=thread_ts if from_thread else None,
            user=next((safe_text(name) for name in names if name and isinstance(name, str)), None),
            text=message_text(message),
            revision=edit_of(message),
            joins=by_person and not from_thread,
            by_person=by_person,
            sender=sender_of(message),
            images=images_of(message),
        )

    def with_image_texts(self, read: Mapping[str, str]) -> SlackTicket:
        """Return the message with what was read in its pictures, given by file id, in its text."""
        texts = [read[one.id] for one in self.images if one.id in read]
        return replace(self, text=with_image_texts(self.text, texts)) if texts else self

    def item(self, channel: str, *, channel_id: int | None, team_url: str | None) -> NewItem:
        """Return the message as an item; `channel` is the Slack id of its channel."""
        return NewItem(
            source=SLACK_SOURCE,
            external_id=external_id(channel, self.ts),
            text=ticket_text(self.text),
            created_at=sent_at(self.ts),
            channel_id=channel_id,
            author=self.user,
            url=permalink(team_url, channel, self.ts, self.thread_ts),
            ts=self.ts,
            thread_ts=self.thread_ts,
            revision=self.revision,
            joins=self.joins,
        )


def external_id(channel: str, ts: str) -> str:
    """Return the external id of a Slack message, which is the same for every way in."""
    return f"{channel}/{ts}"


def find_ticket(session: Session, channel: Channel, ts: str) -> Item | None:
    """Return the ticket that a message is, or is part of; None for other messages."""
    return session.scalar(_TICKET, _message(channel, ts))


def find_part(session: Session, channel: Channel, ts: str) -> Part | None:
    """Return the `Part` of a message; None if the message can never join a burst."""
    return session.scalar(_PART, _message(channel, ts))


# Built once: an import asks for each thread with an answer.
_IS_MESSAGE = (
    (Item.workspace_id == bindparam("workspace"))
    & (Item.source == SLACK_SOURCE)
    & (Item.external_id == bindparam("message"))
)
_PART = select(Part).join(Item, Item.id == Part.item_id).where(_IS_MESSAGE)
_TICKET = (
    select(Item)
    .where(
        LIVE,
        or_(
            Item.id.in_(select(Item.id).where(_IS_MESSAGE)),
            Item.id.in_(_PART.with_only_columns(Part.head_id)),
        ),
    )
    .limit(1)
)


def _message(channel: Channel, ts: str) -> dict[str, Any]:
    """Return the values of a statement about a message."""
    message = external_id(str(channel.slack_id), ts)
    return {"workspace": channel.workspace_id, "message": message}


def permalink(team_url: str | None, channel: str, ts: str, thread_ts: str | None) -> str | None:
    """Return the URL of a message, as Slack builds it."""
    if not team_url:
        return None
    address = f"{team_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        address += f"?thread_ts={thread_ts}&cid={channel}"
    return address


def is_reply(message: Message) -> bool:
    """Say whether a message is in a thread, and was not sent to the channel as well."""
    ts, thread_ts = message.get("ts"), message.get("thread_ts")
    in_thread = is_ts(ts) and is_ts(thread_ts) and thread_ts != ts
    return in_thread and message.get("subtype") != "thread_broadcast"


def edit_of(message: Message) -> str:
    """Return when a message was last edited, as a `ts`; "" if never."""
    edited = message.get("edited")
    revision = edited.get("ts") if isinstance(edited, dict) else None
    return revision if is_ts(revision) else ""


def mentions(message: Message, user_id: str | None) -> bool:
    """Say whether a message itself mentions that user (`@name`); a message it shares may, too."""
    if user_id is None:
        return False
    written = (message.get("text"), message.get("blocks"))
    return user_id in str(written) and f"<@{user_id}>" in own_text(message)


def question_in(message: Message, user_id: str | None) -> str:
    """Return what a message asks the bot with that user, in Slack's markup, without its mention.

    What it shares or attaches is the question where it asks nothing itself.
    """
    mention = f"<@{user_id}>"
    asked, whole = (one(message).replace(mention, " ").strip() for one in (own_text, message_text))
    return asked or whole
