"""Bursts: tickets said in several messages. Outcomes: which answers helped elsewhere.

Resolutions follow the edits of their messages.

Revision: 0008
Follows: 0007
Created: 2026-11-25 15:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "parts",
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.Column("head_id", RowId, nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("split_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_parts_item_id_items"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["head_id"], ["items.id"], name=op.f("fk_parts_head_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_parts")),
    )
    op.create_index(op.f("ix_parts_head_id"), "parts", ["head_id"])

    op.add_column(
        "resolutions",
        sa.Column("revision", sa.String(length=32), server_default="", nullable=False),
    )
    op.create_index(op.f("ix_resolutions_ts"), "resolutions", ["ts"])

    op.create_table(
        "outcomes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("resolution_id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=True),
        sa.Column("said_by", SafeText(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("undone_by", SafeText(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resolution_id"],
            ["resolutions.id"],
            name=op.f("fk_outcomes_resolution_id_resolutions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_outcomes_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_item_id"), "outcomes", ["item_id"])
    op.create_index(
        "ix_outcomes_standing",
        "outcomes",
        ["resolution_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("outcomes")
    op.drop_index(op.f("ix_resolutions_ts"), "resolutions")
    op.drop_column("resolutions", "revision")
    op.drop_table("parts")
