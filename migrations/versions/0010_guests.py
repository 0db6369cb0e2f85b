"""Channels that guests read: what is named there is what a guest may read.

Revision: 0010
Follows: 0009
Created: 2026-11-25 21:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Who reads the channels is looked up at the next start."""
    op.add_column(
        "channels",
        sa.Column("has_guests", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("channels", "has_guests")
