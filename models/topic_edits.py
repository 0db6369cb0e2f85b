"""What people changed about topics, with what it takes to undo it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.topics import KIND, TopicKind
from models.types import RowId

TopicAction = Literal["rename", "hide", "unhide", "merge", "split", "move", "unmove", "apart"]


class TopicEdit(Base):
    """One change of a topic by a person (`made_by`), and who undid it, if anybody did.

    `topic_id` is the topic that was changed, into which others were merged or a ticket moved;
    `other_ids` are the topics that were merged into it, the one that was split off from it, the one
    that people said is another topic ("apart"), or the one that the ticket `item_id` came from.
    `title` and `previous_by` are what a renamed topic was called and who had named it, or who had
    moved the ticket before; `was_merged` is `Topic.is_merged` before a merge. `alert_ids` are the
    alerts on merged topics, and `child_ids` the topics that had been split off from them, both as
    pairs with the topic before the merge.
    """

    __tablename__ = "topic_edits"
    __table_args__ = (Index("ix_topic_edits_scope", "workspace_id", "audience_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    audience_id: Mapped[int] = mapped_column(RowId)
    kind: Mapped[TopicKind] = mapped_column(KIND)
    action: Mapped[TopicAction] = mapped_column(String(16))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete=CASCADE), index=True)
    other_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("items.id", ondelete=CASCADE), index=True
    )
    title: Mapped[str | None]
    previous_by: Mapped[str | None]
    was_merged: Mapped[bool] = mapped_column(default=False)
    alert_ids: Mapped[list[tuple[int, int]]] = mapped_column(JSON, default=list)
    child_ids: Mapped[list[tuple[int, int]]] = mapped_column(JSON, default=list)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class MergedItem(Base):
    """A ticket that was in the topic `topic_id` when that was merged into another one."""

    __tablename__ = "merged_items"

    edit_id: Mapped[int] = mapped_column(
        ForeignKey("topic_edits.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    item_id: Mapped[int] = mapped_column(
        ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False, index=True
    )
    topic_id: Mapped[int] = mapped_column(RowId)
