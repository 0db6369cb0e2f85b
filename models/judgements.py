"""What people and the bot said about items: verdicts, models, answers, resolutions, outcomes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import CASCADE, Base
from models.types import RowId, partial_index

# In place of a band where a person named the other ticket and nothing was judged.
MARKED = "marked"


class Calibration(Base):
    """A model fitted to a workspace's verdicts on one kind of items.

    The newest one that was not rolled back is in use, of those made of the vectors of the embedding
    model in use, `fingerprint`. `verdicts` is how many it learned from.
    """

    __tablename__ = "calibrations"
    __table_args__ = (Index(None, "workspace_id", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(16))
    model: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    fingerprint: Mapped[str | None] = mapped_column(String(128))
    verdicts: Mapped[int]
    fitted_by: Mapped[str]
    fitted_at: Mapped[datetime]
    rolled_back_by: Mapped[str | None]
    rolled_back_at: Mapped[datetime | None]


class Verdict(Base):
    """A person's decision on a pair. At most one is current; undone ones stay on record."""

    __tablename__ = "verdicts"
    __table_args__ = (
        CheckConstraint("item_a_id < item_b_id", name="pair_ordered"),
        CheckConstraint("verdict IN ('duplicate', 'related', 'distinct')", name="verdict"),
        partial_index(
            "ix_verdicts_standing",
            "item_a_id",
            "item_b_id",
            where="undone_at IS NULL",
            unique=True,
        ),
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
    """The bot's one message in a thread: the matches it should show, and where it is posted.

    `message_ts` is None until it is posted; `shown_hash` is a hash of what Slack shows. `display`
    is how much it shows: the "best" match, "all", or one line because somebody hid it ("hidden").
    """

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("channel_id", "thread_ts"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    thread_ts: Mapped[str] = mapped_column(String(32))
    message_ts: Mapped[str | None] = mapped_column(String(32))
    shown_hash: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    display: Mapped[str] = mapped_column(String(8), default="best", server_default="best")
    created_at: Mapped[datetime]
    matches: Mapped[list["ShownMatch"]] = relationship(
        order_by="ShownMatch.position", cascade="all, delete-orphan"
    )


class ShownMatch(Base):
    """A match as an answer shows it."""

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
    """A pair that a channel's digest asked about; `digest` is the digest's week."""

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
    """What solved a ticket, as somebody marked it. Undone ones stay on record.

    `ts` is the message that contains it, None if it was typed into a form or a command; `revision`
    is that message's last edit. `text` is empty if a ticket was only marked as solved, or the
    message was deleted.
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
    """Whether the solution of one ticket helped with another one (`item_id`).

    At most one outcome of a resolution and a ticket is current; undone ones stay on record.
    `worked` is None if the solution was used there and nobody has reported back yet.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        partial_index(
            "ix_outcomes_standing",
            "resolution_id",
            "item_id",
            where="undone_at IS NULL",
            unique=True,
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
