"""Topics: what tickets are about, run by run.

Revision: 0012
Follows: 0011
Created: 2026-11-26 11:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime, Vector

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "topics",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("scope", RowId, nullable=False),
        sa.Column("title", SafeText(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("named_by", SafeText(), nullable=True),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("purity", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("centroid", Vector(), nullable=False),
        sa.Column("parent_id", RowId, nullable=True),
        sa.Column("is_merged", sa.Boolean(), nullable=False),
        sa.Column("hidden_by", SafeText(), nullable=True),
        sa.Column("hidden_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_topics_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["topics.id"],
            name=op.f("fk_topics_parent_id_topics"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_index(
        op.f("ix_topics_workspace_id_topics_scope"), "topics", ["workspace_id", "scope"]
    )
    op.create_table(
        "topic_items",
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.Column("scope", RowId, autoincrement=False, nullable=False),
        sa.Column("topic_id", RowId, nullable=False),
        sa.Column("fit", sa.Double(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("moved_by", SafeText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_topic_items_item_id_items"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["topics.id"],
            name=op.f("fk_topic_items_topic_id_topics"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", "scope", name=op.f("pk_topic_items")),
    )
    op.create_index(op.f("ix_topic_items_topic_id"), "topic_items", ["topic_id"])
    op.create_table(
        "topic_runs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("scope", RowId, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("unclustered", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("pools", sa.JSON(), nullable=False),
        sa.Column("made_by", SafeText(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("file_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_topic_runs_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_runs")),
    )
    op.create_index(
        op.f("ix_topic_runs_workspace_id_topic_runs_scope"), "topic_runs", ["workspace_id", "scope"]
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_topic_runs_workspace_id_topic_runs_scope"), table_name="topic_runs")
    op.drop_table("topic_runs")
    op.drop_index(op.f("ix_topic_items_topic_id"), table_name="topic_items")
    op.drop_table("topic_items")
    op.drop_index(op.f("ix_topics_workspace_id_topics_scope"), table_name="topics")
    op.drop_table("topics")
