"""Replies that somebody shared in a channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import RowId


class Share(Base):
    """A reply to a command, as it was shared in a channel: its message follows what it names.

    `shown_hash` is a hash of what Slack shows.
    """

    __tablename__ = "shares"
    __table_args__ = (UniqueConstraint("channel_id", "message_ts"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    message_ts: Mapped[str] = mapped_column(String(32))
    command: Mapped[str]
    mark: Mapped[str] = mapped_column(String(64))
    shown_hash: Mapped[str] = mapped_column(String(64))
    shared_by: Mapped[str] = mapped_column(String(64))
    shared_at: Mapped[datetime]


class SharedItem(Base):
    """An item that a shared reply names."""

    __tablename__ = "shared_items"
    __table_args__ = (Index(None, "item_id"),)

    share_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("shares.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
