"""Trackers and help desks whose tickets are fetched.

Revision: 0029
Follows: 0028
Created: 2026-11-29 04:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and allow sources that have no secret."""
    with op.batch_alter_table("sources") as sources:
        sources.drop_constraint(op.f("ck_sources_kind"), type_="check")
        sources.create_check_constraint(
            op.f("ck_sources_kind"), "kind IN ('webhook', 'github', 'jira', 'zendesk')"
        )
        sources.alter_column("secret", existing_type=sa.Text(), nullable=True)
    op.create_table(
        "connections",
        sa.Column("source_id", RowId, autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("read_until", UtcDateTime(), nullable=True),
        sa.Column("next_poll_at", UtcDateTime(), nullable=False),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name=op.f("fk_connections_source_id_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_connections")),
    )


def downgrade() -> None:
    """Drop the table, and the sources whose tickets were fetched; the tickets stay."""
    op.drop_table("connections")
    op.execute("DELETE FROM sources WHERE kind <> 'webhook'")
    with op.batch_alter_table("sources") as sources:
        sources.drop_constraint(op.f("ck_sources_kind"), type_="check")
        sources.create_check_constraint(op.f("ck_sources_kind"), "kind IN ('webhook')")
        sources.alter_column("secret", existing_type=sa.Text(), nullable=False)
