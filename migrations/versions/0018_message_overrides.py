"""Emoji that make a message a ticket or not, by channel, and where people used them.

Revision: 0018
Follows: 0017
Created: 2026-11-28 15:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_EMOJI = {"ticket_emoji": "pushpin", "ignore_emoji": "no_bell"}


def upgrade() -> None:
    """Add the columns with the default emoji, and create the table."""
    for name, default in _EMOJI.items():
        column = sa.Column(name, sa.String(length=100), server_default=default, nullable=False)
        op.add_column("channels", column)
    op.create_table(
        "message_overrides",
        sa.Column("channel_id", RowId, autoincrement=False, nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("emoji", sa.String(length=100), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('ticket', 'ignored')", name=op.f("ck_message_overrides_kind")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_message_overrides_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "channel_id", "ts", "emoji", "set_by", name=op.f("pk_message_overrides")
        ),
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("message_overrides")
    for name in _EMOJI:
        op.drop_column("channels", name)
