"""What people changed about topics, so that it can be undone.

Revision: 0040
Follows: 0039
Created: 2026-11-29 09:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("topics", sa.Column("merged_into", RowId, nullable=True))
    op.create_table(
        "topic_edits",
        sa.Column("id", RowId, nullable=False),
        *_reference("topic_edits", "workspace_id", "workspaces"),
        sa.Column("audience_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        *_reference("topic_edits", "topic_id", "topics"),
        sa.Column("other_ids", sa.JSON(), nullable=False),
        *_reference("topic_edits", "item_id", "items", nullable=True),
        sa.Column("title", SafeText(), nullable=True),
        sa.Column("previous_by", SafeText(), nullable=True),
        sa.Column("was_merged", sa.Boolean(), nullable=False),
        sa.Column("alert_ids", sa.JSON(), nullable=False),
        sa.Column("child_ids", sa.JSON(), nullable=False),
        sa.Column("made_by", SafeText(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("undone_by", SafeText(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_edits")),
    )
    op.create_index("ix_topic_edits_scope", "topic_edits", ["workspace_id", "audience_id"])
    for column in ("topic_id", "item_id"):
        op.create_index(op.f(f"ix_topic_edits_{column}"), "topic_edits", [column])
    op.create_table(
        "merged_items",
        *_reference("merged_items", "edit_id", "topic_edits"),
        *_reference("merged_items", "item_id", "items"),
        sa.Column("topic_id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("edit_id", "item_id", name=op.f("pk_merged_items")),
    )
    op.create_index(op.f("ix_merged_items_item_id"), "merged_items", ["item_id"])


def downgrade() -> None:
    """Drop them, and the topics that were merged into others: without them that is for good."""
    op.drop_table("merged_items")
    op.drop_table("topic_edits")
    op.execute(sa.text("DELETE FROM topics WHERE merged_into IS NOT NULL"))
    op.drop_column("topics", "merged_into")


def _reference(
    table: str, column: str, other: str, *, nullable: bool = False
) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_{column}_{other}")
    return (
        sa.Column(column, RowId, autoincrement=False, nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE"),
    )
