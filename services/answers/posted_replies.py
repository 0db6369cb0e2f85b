"""Replies that stand in Slack, and which of them name an item."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models import Channel, PostedReply, PostedReplyItem
from models.queries import in_parts
from services.text.words.plain import first_word

# The commands whose replies name topics.
TOPIC_COMMANDS = frozenset({"topics", "trends"})
# Nobody looks at more of them, nor at older ones.
MAX_REPLIES_OF_TOPICS = 20


@dataclass(frozen=True)
class NewReply:
    """A reply that was just posted: see `PostedReply`."""

    channel_id: int
    message_ts: str
    mark: str
    shown_hash: str
    asked_by: str
    names_topics: bool
    command: str | None = None
    thread_ts: str | None = None
    asked_ts: str | None = None


def record_reply(session: Session, new: NewReply, item_ids: Collection[int], now: datetime) -> int:
    """Store a posted reply and the items that it names, and return its id.

    The same one again changes only these.
    """
    reply = session.scalar(
        select(PostedReply).where(
            PostedReply.channel_id == new.channel_id, PostedReply.message_ts == new.message_ts
        )
    )
    if reply is None:
        reply = PostedReply(**asdict(new), posted_at=now)
        session.add(reply)
        session.flush()
    save_named_items(session, reply.id, item_ids)
    return reply.id


def save_named_items(session: Session, reply_id: int, item_ids: Collection[int]) -> None:
    """Store which items a posted reply names now."""
    session.execute(delete(PostedReplyItem).where(PostedReplyItem.reply_id == reply_id))
    rows = [{"reply_id": reply_id, "item_id": item_id} for item_id in sorted(set(item_ids))]
    if rows:
        session.execute(insert(PostedReplyItem), rows)


def names_topics(command: str) -> bool:
    """Say whether the reply to a command names topics."""
    return first_word(command)[0].lower() in TOPIC_COMMANDS


def replies_of_topics(session: Session, workspace_id: int) -> list[int]:
    """Return the newest posted lists of topics and trends in a workspace."""
    return list(
        session.scalars(
            select(PostedReply.id)
            .join(Channel, Channel.id == PostedReply.channel_id)
            .where(Channel.workspace_id == workspace_id, PostedReply.names_topics)
            .order_by(PostedReply.id.desc())
            .limit(MAX_REPLIES_OF_TOPICS)
        )
    )


def replies_in(session: Session, channel_id: int) -> list[int]:
    """Return the replies that were posted in a channel."""
    return list(session.scalars(select(PostedReply.id).where(PostedReply.channel_id == channel_id)))


def replies_about(session: Session, item_ids: Iterable[int]) -> list[int]:
    """Return the posted replies that name one of these items."""
    found: set[int] = set()
    for part in in_parts(set(item_ids)):
        of_them = select(PostedReplyItem.reply_id).where(PostedReplyItem.item_id.in_(part))
        found.update(session.scalars(of_them))
    return sorted(found)
