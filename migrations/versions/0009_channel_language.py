"""In which language a channel is spoken to, and whether tickets or products are asked for there.

Revision: 0009
Follows: 0008
Created: 2026-11-25 14:25:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. What was there is spoken to in English, and is for tickets."""
    with op.batch_alter_table("channels") as channels:
        channels.add_column(
            sa.Column("language", sa.String(length=8), server_default="en", nullable=False)
        )
        channels.add_column(
            sa.Column("kind", sa.String(length=16), server_default="tickets", nullable=False)
        )
        channels.create_check_constraint(
            op.f("ck_channels_language"), "language IN ('en', 'de', 'es')"
        )
        channels.create_check_constraint(
            op.f("ck_channels_kind"), "kind IN ('tickets', 'products')"
        )


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("channels") as channels:
        channels.drop_constraint(op.f("ck_channels_kind"), type_="check")
        channels.drop_constraint(op.f("ck_channels_language"), type_="check")
        channels.drop_column("kind")
        channels.drop_column("language")
