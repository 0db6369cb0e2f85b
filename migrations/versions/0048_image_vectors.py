"""What a model for images makes of pictures.

Revision: 0048
Follows: 0047
Created: 2026-11-29 22:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, Vector

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "image_vectors",
        sa.Column("channel_id", RowId, autoincrement=False, nullable=False),
        sa.Column("file_id", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("vector", Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_image_vectors_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "file_id", name=op.f("pk_image_vectors")),
    )
    op.create_index(
        op.f("ix_image_vectors_channel_id_image_vectors_ts"), "image_vectors", ["channel_id", "ts"]
    )
    op.create_index(op.f("ix_image_vectors_fingerprint"), "image_vectors", ["fingerprint"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("image_vectors")
