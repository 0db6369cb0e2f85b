"""Density: an item's own, beside the cosines it is the mean of.

Revision: 0004
Follows: 0003
Created: 2026-11-25 09:35:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and let every neighbourhood be measured again."""
    op.execute("DELETE FROM neighbourhoods")
    op.add_column("neighbourhoods", sa.Column("density", sa.Double(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("neighbourhoods", "density")
