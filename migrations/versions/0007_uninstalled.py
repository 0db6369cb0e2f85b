"""Uninstalled: since when a workspace's app is gone.

Revision: 0007
Follows: 0006
Created: 2026-11-25 10:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("workspaces", sa.Column("uninstalled_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("workspaces", "uninstalled_at")
