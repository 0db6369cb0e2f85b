"""Topics: what tickets are about, the same from run to run, with what people made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import RowId, Vector


class Topic(Base):
    """What some tickets of a scope are about.

    `scope` is 0: what everybody in the workspace reads; or a channel's id: what its readers may
    read; of looks at these, whose topics are their own, it is -1 less that. `named_by` is who gave
    the title, None where it was taken from the tickets. `parent_id` is the topic that people split
    it off from; `is_merged` where they joined others to it. `centroid` is the mean of its tickets'
    vectors (of the model `fingerprint`), unit length. `quality` and `purity` are shares, 0 to 1.
    """

    __tablename__ = "topics"
    __table_args__ = (Index(None, "workspace_id", "scope"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    scope: Mapped[int] = mapped_column(RowId)
    title: Mapped[str]
    terms: Mapped[list[str]]
    named_by: Mapped[str | None]
    quality: Mapped[float]
    purity: Mapped[float]
    fingerprint: Mapped[str] = mapped_column(String(128))
    centroid: Mapped[NDArray[np.float32]] = mapped_column(Vector)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    is_merged: Mapped[bool] = mapped_column(default=False)
    hidden_by: Mapped[str | None]
    hidden_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


# Of many tickets a few have a rank; without it all are read to find those that show topics best.
_RANKED = text("rank IS NOT NULL")
_BEST = Index(
    "ix_topic_items_best", "scope", "rank", sqlite_where=_RANKED, postgresql_where=_RANKED
)


class TopicItem(Base):
    """In which topic of a scope a ticket is.

    `rank` is its place among those that show the topic best, 0 the exemplar, None for most;
    `moved_by` who put it there, None where a run did.
    """

    __tablename__ = "topic_items"
    __table_args__ = (Index(None, "topic_id"), _BEST)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    scope: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete=CASCADE))
    fit: Mapped[float]
    rank: Mapped[int | None]
    moved_by: Mapped[str | None]


class TopicRun(Base):
    """One grouping of a scope's tickets: which it took, and what became of each topic.

    It shows the tickets since `since`, up to the `newest_item` (an id) that there was: what is
    imported may bear any date.

    `pools` are the counts of the pools of words it read (`Pool.epoch` by id): where one has changed
    since, who reads what has changed, and what was made of it is void. `changes` are the `topics`,
    by id, what their `themes` are called, by number, and topics that are `gone`; with the digest of
    what the run is `made_of`, the `job` that made it, and what topics are called where it is
    `shown`. `message_ts` is where it was posted in a channel (Slack's id), `file_id` its picture.
    """

    __tablename__ = "topic_runs"
    __table_args__ = (Index(None, "workspace_id", "scope"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    scope: Mapped[int] = mapped_column(RowId)
    since: Mapped[datetime | None]
    newest_item: Mapped[int] = mapped_column(RowId, default=0, server_default="0")
    channels: Mapped[list[str]]
    tickets: Mapped[int]
    unclustered: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    pools: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    channel: Mapped[str | None] = mapped_column(String(64))
    message_ts: Mapped[str | None] = mapped_column(String(32))
    file_id: Mapped[str | None] = mapped_column(String(64))


class TopicAlert(Base):
    """An incident: a topic that is asked about more than usual, of which a channel was told.

    There is one from the first message on; `last_seen_at` is when it was last a rise. `run_id` is
    the run that the message shows, `message_ts` where it stands, None once it was taken back.
    `topic_id` is None where the topic is gone.
    """

    __tablename__ = "topic_alerts"
    __table_args__ = (Index(None, "channel_id", "topic_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    run_id: Mapped[int] = mapped_column(ForeignKey("topic_runs.id", ondelete=CASCADE))
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    message_ts: Mapped[str | None] = mapped_column(String(32))
