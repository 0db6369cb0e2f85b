"""Issues that people open in trackers from Slack.

Revision: 0042
Follows: 0041
Created: 2026-11-29 10:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the switch of a source."""
    op.add_column(
        "connections",
        sa.Column("creates_issues", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "created_issues",
        sa.Column("id", RowId, nullable=False),
        *_reference("source_id", "sources"),
        *_reference("item_id", "items"),
        sa.Column("form", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("external_id", SafeText(), nullable=True),
        sa.Column("name", SafeText(), nullable=True),
        sa.Column("url", SafeText(), nullable=True),
        sa.Column("error", SafeText(), nullable=True),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("created_by", SafeText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'done', 'failed')", name=op.f("ck_created_issues_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_created_issues")),
        sa.UniqueConstraint("form", name=op.f("uq_created_issues_form")),
    )
    op.create_index(
        op.f("ix_created_issues_source_id_external_id"),
        "created_issues",
        ["source_id", "external_id"],
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("created_issues")
    op.drop_column("connections", "creates_issues")


def _reference(column: str, table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_created_issues_{column}_{table}")
    return (
        sa.Column(column, RowId, nullable=False),
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE"),
    )
