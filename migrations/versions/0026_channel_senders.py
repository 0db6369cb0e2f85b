"""Bots and forms that post in channels, and which of them open tickets.

Revision: 0026
Follows: 0025
Created: 2026-11-29 04:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CHOICES = ("ticket_senders", "ignored_senders")


def upgrade() -> None:
    """Make the table and the columns."""
    op.create_table(
        "channel_senders",
        sa.Column("channel_id", RowId, autoincrement=False, nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("is_form", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_channel_senders_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "sender", name=op.f("pk_channel_senders")),
    )
    for name in CHOICES:
        op.add_column("channels", sa.Column(name, sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Drop them."""
    for name in CHOICES:
        op.drop_column("channels", name)
    op.drop_table("channel_senders")
