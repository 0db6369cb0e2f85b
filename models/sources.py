"""Where tickets come from besides Slack: the connected help desks, trackers and other programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import NEVER_REUSE_IDS, RowId


class Source(Base):
    """A program that sends tickets to a workspace. `name` is the source of its items, too.

    `channel_id` is the channel whose readers may see its tickets; None: all full members. If that
    channel is deleted so is the source: its tickets must not become visible to more people.

    A message is signed with `secret`, or until `old_until` with `old_secret`. Both are stored as
    they are, because checking a signature needs them.
    """

    __tablename__ = "sources"
    __table_args__ = (CheckConstraint("kind IN ('webhook')", name="kind"), NEVER_REUSE_IDS)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    # Unique in the database, not in a workspace: it is the address that a program sends to.
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
