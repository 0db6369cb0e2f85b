"""Perceptual hashes of pictures.

Revision: 0039
Follows: 0038
Created: 2026-11-29 09:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("image_texts", sa.Column("picture_hash", sa.String(length=64)))
    op.add_column("image_texts", sa.Column("same_as", sa.String(length=64)))
    op.create_index(
        op.f("ix_image_texts_channel_id_image_texts_ts"), "image_texts", ["channel_id", "ts"]
    )
    op.create_index(op.f("ix_image_texts_same_as"), "image_texts", ["same_as"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_image_texts_same_as"), table_name="image_texts")
    op.drop_index(op.f("ix_image_texts_channel_id_image_texts_ts"), table_name="image_texts")
    op.drop_column("image_texts", "same_as")
    op.drop_column("image_texts", "picture_hash")
