"""Messages that follow a ticket without being one.

Revision: 0022
Follows: 0021
Created: 2026-11-28 22:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "follow_ups",
        sa.Column("channel_id", RowId, autoincrement=False, nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("thread_ts", sa.String(length=32), nullable=True),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.String(length=32), server_default="", nullable=False),
        sa.Column("item_id", RowId, nullable=True),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('news', 'works', 'broken', 'detail', 'same')",
            name=op.f("ck_follow_ups_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_follow_ups_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_follow_ups_item_id_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "ts", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_item_id"), "follow_ups", ["item_id"])
    op.create_index(
        op.f("ix_follow_ups_channel_id_follow_ups_thread_ts"),
        "follow_ups",
        ["channel_id", "thread_ts"],
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("follow_ups")
