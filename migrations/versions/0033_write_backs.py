"""Decisions that are written back to trackers and help desks.

Revision: 0033
Follows: 0032
Created: 2026-11-29 05:05:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("connections", sa.Column("writes_since", UtcDateTime(), nullable=True))
    op.create_table(
        "write_backs",
        sa.Column("id", RowId, nullable=False),
        *_reference("source_id", "sources"),
        *_reference("verdict_id", "verdicts"),
        *_reference("item_id", "items"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note_id", sa.Text(), nullable=True),
        sa.Column("link_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('begun', 'done', 'undone', 'failed')", name=op.f("ck_write_backs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_backs")),
        sa.UniqueConstraint(
            "verdict_id", "item_id", name=op.f("uq_write_backs_verdict_id_item_id")
        ),
    )


def downgrade() -> None:
    """Drop the table and the column."""
    op.drop_table("write_backs")
    op.drop_column("connections", "writes_since")


def _reference(column: str, table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_write_backs_{column}_{table}")
    return (
        sa.Column(column, RowId, nullable=False),
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE"),
    )
