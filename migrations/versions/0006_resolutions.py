"""Resolutions: what solved a ticket, who said so, and who marked it.

Revision: 0006
Follows: 0005
Created: 2026-11-25 10:35:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "resolutions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("author", SafeText(), nullable=True),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("marked_by", SafeText(), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("undone_by", SafeText(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_resolutions_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolutions")),
    )
    op.create_index(op.f("ix_resolutions_item_id"), "resolutions", ["item_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_index(op.f("ix_resolutions_item_id"), "resolutions")
    op.drop_table("resolutions")
