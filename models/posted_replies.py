"""Replies to requests that stand in Slack, and follow what they name."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import RowId


class PostedReply(Base):
    """A reply that others than the bot can see for good: its message follows what it names.

    It answers a mention or a direct message `asked_ts` in the thread `thread_ts`, which Slack keeps
    and Déjà does not; or a `command`, and was shared in a channel by a button. When its asker is
    erased, it has none of both. `shown_hash` is a hash of what Slack shows.
    """

    __tablename__ = "posted_replies"
    __table_args__ = (UniqueConstraint("channel_id", "message_ts"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    asked_ts: Mapped[str | None] = mapped_column(String(32))
    message_ts: Mapped[str] = mapped_column(String(32))
    command: Mapped[str | None]
    mark: Mapped[str] = mapped_column(String(64))
    shown_hash: Mapped[str] = mapped_column(String(64))
    names_topics: Mapped[bool]
    asked_by: Mapped[str] = mapped_column(String(64))
    posted_at: Mapped[datetime]


class PostedReplyItem(Base):
    """An item that a posted reply names."""

    __tablename__ = "posted_reply_items"
    __table_args__ = (Index(None, "item_id"),)

    reply_id: Mapped[int] = mapped_column(
        RowId,
        ForeignKey("posted_replies.id", ondelete=CASCADE),
        primary_key=True,
        autoincrement=False,
    )
    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
