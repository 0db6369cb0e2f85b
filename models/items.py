"""Items with the messages they are made of, and the embeddings of their chunks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import (
    NEVER_REUSE_IDS,
    RowId,
    Vector,
)


class Item(Base):
    """What is embedded and compared: a ticket or a product.

    A deleted item stays as a tombstone without its text, so that an event that arrives after the
    deletion cannot bring it back. So does a message that is part of another's ticket (see `Part`):
    `deleted_at` is since when it is no ticket of its own. `resolved_at` is when it was solved,
    where an import says so; who solved a ticket in Slack, and when, is in `Resolution`.
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
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def head_ts(self) -> str | None:
        """The message that heads this one's thread, perhaps itself; None for what is no message."""
        return self.thread_ts or self.ts


class Embedding(Base):
    """One chunk of an item as a unit-length vector. Rows are only added and deleted.

    The column takes every dimension, so that a change of model needs no migration. On PostgreSQL
    the migrations add an HNSW index over the default model's 384.
    """

    __tablename__ = "embeddings"
    __table_args__ = (
        UniqueConstraint("item_id", "fingerprint", "chunk"),
        Index(None, "text_hash"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    chunk: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(128))
    dim: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))
    vector: Mapped[NDArray[np.float32]] = mapped_column(Vector)


class Part(Base):
    """What a person said in one message, which may be one of several that are one ticket.

    `head_id` is that ticket, the item of the first of them: often the message itself. `split_by`
    said that this one is a ticket of its own whatever is said around it.
    """

    __tablename__ = "parts"
    __table_args__ = (Index(None, "head_id"),)

    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    head_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    text: Mapped[str]
    split_by: Mapped[str | None] = mapped_column(String(64))
