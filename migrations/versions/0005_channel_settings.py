"""Channel settings: how Déjà behaves in a channel, who decides, what is no ticket.

Revision: 0005
Follows: 0004
Created: 2026-11-25 10:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MODES = "mode IN ('off', 'request', 'quiet', 'full')"


def upgrade() -> None:
    """Add the columns. Where the bot has answered until now it goes on."""
    with op.batch_alter_table("channels") as channels:
        channels.add_column(
            sa.Column("mode", sa.String(length=16), server_default="off", nullable=False)
        )
        channels.add_column(sa.Column("deciders", sa.JSON(), server_default="[]", nullable=False))
        channels.add_column(sa.Column("ignored", sa.JSON(), server_default="[]", nullable=False))
        channels.add_column(sa.Column("creator", sa.String(length=64), nullable=True))
        channels.add_column(sa.Column("invited_by", sa.String(length=64), nullable=True))
        channels.add_column(sa.Column("asked_ts", sa.String(length=32), nullable=True))
        channels.create_check_constraint(op.f("ck_channels_mode"), MODES)
    op.execute("UPDATE channels SET mode = 'full' WHERE slack_id IS NOT NULL")


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("channels") as channels:
        channels.drop_constraint(op.f("ck_channels_mode"), type_="check")
        for name in ("asked_ts", "invited_by", "creator", "ignored", "deciders", "mode"):
            channels.drop_column(name)
