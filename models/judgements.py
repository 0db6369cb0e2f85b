"""What is decided and said about pairs of items: calibrations, verdicts, answers, resolutions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import CASCADE, Base
from models.types import (
    RowId,
    standing_index,
)


class Calibration(Base):
    """What a workspace's verdicts taught about a kind of items. The newest that stands judges."""

    __tablename__ = "calibrations"
    __table_args__ = (Index(None, "workspace_id", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(16))
    model: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    verdicts: Mapped[int]
    fitted_by: Mapped[str]
    fitted_at: Mapped[datetime]
    rolled_back_by: Mapped[str | None]
    rolled_back_at: Mapped[datetime | None]


class Verdict(Base):
    """A person's decision on a pair. At most one stands; the undone ones stay on record."""

    __tablename__ = "verdicts"
    __table_args__ = (
        CheckConstraint("item_a_id < item_b_id", name="pair_ordered"),
        CheckConstraint("verdict IN ('duplicate', 'related', 'distinct')", name="verdict"),
        standing_index("ix_verdicts_standing", "item_a_id", "item_b_id", where="undone_at IS NULL"),
        Index(None, "item_b_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    item_a_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    item_b_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    verdict: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Answer(Base):
    """The bot's one message in a thread: what it should say, and where it stands in Slack."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("channel_id", "thread_ts"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    thread_ts: Mapped[str] = mapped_column(String(32))
    message_ts: Mapped[str | None] = mapped_column(String(32))
    shown_hash: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    matches: Mapped[list[ShownMatch]] = relationship(
        order_by="ShownMatch.position", cascade="all, delete-orphan"
    )


class ShownMatch(Base):
    """A candidate as an answer shows it."""

    __tablename__ = "matches"
    __table_args__ = (UniqueConstraint("answer_id", "item_id"), Index(None, "item_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete=CASCADE))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    position: Mapped[int]
    similarity: Mapped[float]
    probability: Mapped[float | None]
    band: Mapped[str] = mapped_column(String(16))


class Question(Base):
    """A pair that a channel's digest asked about."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("channel_id", "item_id", "other_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    digest: Mapped[str] = mapped_column(String(16))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    other_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    similarity: Mapped[float]
    probability: Mapped[float | None]
    message_ts: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime]


class Resolution(Base):
    """What solved a ticket, as somebody marked it. The taken back ones stay on record.

    `ts` is the message that says it, None where it was typed, and `revision` its last edit; `text`
    is empty where a ticket was only said to be solved, and when that message was deleted.
    """

    __tablename__ = "resolutions"
    __table_args__ = (Index(None, "item_id"), Index(None, "ts"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    text: Mapped[str]
    author: Mapped[str | None]
    ts: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[str] = mapped_column(String(32), default="", server_default="")
    marked_by: Mapped[str]
    marked_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Outcome(Base):
    """Whether what solved one ticket helped with another one (`item_id`), as somebody said there.

    Of each resolution and ticket at most one stands; the undone ones stay on record. `worked` is
    None where the answer was used there, and nobody has said yet.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        standing_index(
            "ix_outcomes_standing", "resolution_id", "item_id", where="undone_at IS NULL"
        ),
        Index(None, "item_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    resolution_id: Mapped[int] = mapped_column(ForeignKey("resolutions.id", ondelete=CASCADE))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    worked: Mapped[bool | None]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
