"""The record of erasures: who had what erased, and how much; never what it said."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import NEVER_REUSE_IDS, RowId


class Erasure(Base):
    """Something that was erased for good, or is being erased.

    `subject` is what was named: a person, an item, a channel; while it goes on a channel's id in
    Slack, as its name may become that of another one. When the rows are without text, at
    `emptied_at`, a person's name or id is replaced by their pseudonym, such as `erased-7`, so that
    the record does not keep what was to be erased. At `finished_at` the files were without it, too.
    `counts` is how many of each surface.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'item', 'channel', 'age')", name="kind"),
        Index(None, "workspace_id"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    emptied_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class RetentionRule(Base):
    """How long tickets are kept: those of a channel, or (None) of all others.

    `state` says of which tickets it is: solved ones, by when they were solved, or open ones, by
    when they were written. After `days` they are erased; None: never.
    """

    __tablename__ = "retention_rules"
    __table_args__ = (
        CheckConstraint("state IN ('solved', 'open')", name="state"),
        Index(None, "workspace_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    state: Mapped[str] = mapped_column(String(16))
    days: Mapped[int | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
