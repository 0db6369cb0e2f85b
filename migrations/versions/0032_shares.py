"""Replies that somebody shared in a channel, and the items that they name.

Revision: 0032
Follows: 0031
Created: 2026-11-29 04:56:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shares",
        sa.Column("id", RowId, nullable=False),
        sa.Column("channel_id", RowId, nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("shown_hash", sa.String(length=64), nullable=False),
        sa.Column("shared_by", sa.String(length=64), nullable=False),
        sa.Column("shared_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_shares_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint(
            "channel_id", "message_ts", name=op.f("uq_shares_channel_id_message_ts")
        ),
    )
    op.create_table(
        "shared_items",
        sa.Column("share_id", RowId, autoincrement=False, nullable=False),
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"],
            ["shares.id"],
            name=op.f("fk_shared_items_share_id_shares"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_shared_items_item_id_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("share_id", "item_id", name=op.f("pk_shared_items")),
    )
    op.create_index(op.f("ix_shared_items_item_id"), "shared_items", ["item_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("shared_items")
    op.drop_table("shares")
