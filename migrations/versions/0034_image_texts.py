"""What was read in pictures, and whether a channel's pictures are read.

Revision: 0034
Follows: 0033
Created: 2026-11-29 04:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "image_texts",
        sa.Column("channel_id", RowId, autoincrement=False, nullable=False),
        sa.Column("file_id", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_image_texts_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "file_id", name=op.f("pk_image_texts")),
    )
    op.add_column(
        "channels",
        sa.Column("reads_images", sa.Boolean(), server_default=sa.true(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("channels", "reads_images")
    op.drop_table("image_texts")
