"""Channels that want topics once a week, or alerts on rises; and the alerts.

Revision: 0013
Follows: 0012
Created: 2026-11-26 12:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, off, and make the table."""
    with op.batch_alter_table("channels") as channels:
        for name in ("weekly_topics", "topic_alerts"):
            channels.add_column(
                sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
            )
    op.create_table(
        "topic_alerts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("topic_id", RowId, nullable=True),
        sa.Column("channel_id", RowId, nullable=False),
        sa.Column("run_id", RowId, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["topics.id"],
            name=op.f("fk_topic_alerts_topic_id_topics"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_topic_alerts_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["topic_runs.id"],
            name=op.f("fk_topic_alerts_run_id_topic_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_alerts")),
    )
    op.create_index(
        op.f("ix_topic_alerts_channel_id_topic_alerts_topic_id"),
        "topic_alerts",
        ["channel_id", "topic_id"],
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_index(
        op.f("ix_topic_alerts_channel_id_topic_alerts_topic_id"), table_name="topic_alerts"
    )
    op.drop_table("topic_alerts")
    with op.batch_alter_table("channels") as channels:
        channels.drop_column("topic_alerts")
        channels.drop_column("weekly_topics")
