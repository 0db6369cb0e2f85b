"""Items, the messages that they are made of, and the embeddings of their chunks."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    case,
    true,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import NEVER_REUSE_IDS, FloatVector, RowId, Vector

ItemKind = Literal["ticket", "product"]


class Item(Base):
    """A ticket or a product: what is embedded and compared.

    A deleted item stays as a tombstone without its text, so that an event that arrives after the
    deletion cannot bring it back. The same goes for a message that became part of another one's
    ticket (see `Part`): `deleted_at` is when it stopped being a ticket of its own. `resolved_at`
    comes from imports; who solved a ticket in Slack, and when, is in `Resolution`.

    `created_at` orders items. Where `is_dated` is False their source names no date, and it is the
    time of the import: whatever counts or shows times uses `reported_at`.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index(None, "channel_id", "ts"),
        CheckConstraint("kind IN ('ticket', 'product')", name="kind"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str]
    title: Mapped[str | None]
    text: Mapped[str]
    author: Mapped[str | None]
    url: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(32), default="open")
    resolution: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ts: Mapped[str | None] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[str] = mapped_column(String(32), default="")
    content_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    is_dated: Mapped[bool] = mapped_column(default=True, server_default=true())
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @hybrid_property
    def reported_at(self) -> datetime | None:
        """When the item was reported; None where its source does not say."""
        return self.created_at if self.is_dated else None

    @reported_at.inplace.expression
    @classmethod
    def _reported_at(cls) -> ColumnElement[datetime | None]:
        return case((cls.is_dated, cls.created_at))

    @property
    def head_ts(self) -> str | None:
        """The `ts` of the first message of its thread; None if the item is no Slack message."""
        return self.thread_ts or self.ts


class Embedding(Base):
    """The unit-length vector of one chunk of an item. Rows are only added and deleted.

    `workspace_id` is the item's, so that one workspace's vectors are found without the others'.
    `vector` takes any dimension, so that a change of model needs no migration. On PostgreSQL there
    are HNSW indexes beside these (`services.search.indexes.pgvector`).
    """

    __tablename__ = "embeddings"
    __table_args__ = (
        UniqueConstraint("item_id", "fingerprint", "chunk"),
        Index(None, "text_hash"),
        Index(None, "workspace_id", "fingerprint"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    chunk: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(128))
    dim: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))
    vector: Mapped[FloatVector] = mapped_column(Vector)
    workspace_id: Mapped[int] = mapped_column(RowId)


class Part(Base):
    """One message of a ticket that may consist of several messages.

    `head_id` is the ticket: the item of its first message, often this one. `split_by` is who made
    this message a ticket of its own, whatever is written around it.
    """

    __tablename__ = "parts"
    __table_args__ = (Index(None, "head_id"),)

    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    head_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    text: Mapped[str]
    split_by: Mapped[str | None] = mapped_column(String(64))


class FollowUp(Base):
    """A message that follows a ticket without being one ("any news?"); its text is not stored.

    `item_id` is the ticket, None if there is none near it. `kind` is what the message says of it;
    `same` by another person counts as one more report, unless somebody undid that.
    """

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint("kind IN ('news', 'works', 'broken', 'detail', 'same')", name="kind"),
        Index(None, "item_id"),
        Index(None, "channel_id", "thread_ts"),
    )

    channel_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("channels.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    ts: Mapped[str] = mapped_column(String(32), primary_key=True)
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    author: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    revision: Mapped[str] = mapped_column(String(32), default="", server_default="")
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    undone_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[datetime | None]
