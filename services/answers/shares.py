"""Replies that were shared in channels, and which of them name an item."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from models import Channel, Share, SharedItem
from models.queries import in_parts

# The commands whose replies name topics. Nobody looks at more of them, nor at older ones.
TOPIC_COMMANDS = ("topics", "trends")
MAX_TOPIC_SHARES = 20


@dataclass(frozen=True)
class NewShare:
    """A reply that was just posted in a channel: who shared it, and the command that it answers."""

    channel_id: int
    message_ts: str
    command: str
    mark: str
    shown_hash: str
    shared_by: str


def record_share(session: Session, new: NewShare, item_ids: Collection[int], now: datetime) -> None:
    """Store a shared reply and the items that it names; the same one again changes only these."""
    share = session.scalar(
        select(Share).where(Share.channel_id == new.channel_id, Share.message_ts == new.message_ts)
    )
    if share is None:
        share = Share(
            channel_id=new.channel_id,
            message_ts=new.message_ts,
            command=new.command,
            mark=new.mark,
            shown_hash=new.shown_hash,
            shared_by=new.shared_by,
            shared_at=now,
        )
        session.add(share)
        session.flush()
    save_shared_items(session, share.id, item_ids)


def save_shared_items(session: Session, share_id: int, item_ids: Collection[int]) -> None:
    """Store which items a shared reply names now."""
    session.execute(delete(SharedItem).where(SharedItem.share_id == share_id))
    rows = [{"share_id": share_id, "item_id": item_id} for item_id in sorted(set(item_ids))]
    if rows:
        session.execute(insert(SharedItem), rows)


def shares_of_topics(session: Session, workspace_id: int) -> list[int]:
    """Return the newest shared lists of topics and trends in a workspace."""
    of_topics = or_(*(Share.command.istartswith(word) for word in TOPIC_COMMANDS))
    return list(
        session.scalars(
            select(Share.id)
            .join(Channel, Channel.id == Share.channel_id)
            .where(Channel.workspace_id == workspace_id, of_topics)
            .order_by(Share.id.desc())
            .limit(MAX_TOPIC_SHARES)
        )
    )


def shares_in(session: Session, channel_id: int) -> list[int]:
    """Return the replies that were shared in a channel."""
    return list(session.scalars(select(Share.id).where(Share.channel_id == channel_id)))


def shares_about(session: Session, item_ids: Iterable[int]) -> list[int]:
    """Return the shared replies that name one of these items."""
    found: set[int] = set()
    for part in in_parts(set(item_ids)):
        of_them = select(SharedItem.share_id).where(SharedItem.item_id.in_(part))
        found.update(session.scalars(of_them))
    return sorted(found)
