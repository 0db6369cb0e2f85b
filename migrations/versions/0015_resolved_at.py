"""When a ticket was solved, as its source tells it.

Revision: 0015
Follows: 0014
Created: 2026-11-26 20:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("items", sa.Column("resolved_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("items", "resolved_at")
