"""Whether a ticket's date is known; without it, it takes part in no trend.

Revision: 0021
Follows: 0020
Created: 2026-11-28 19:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: what is stored counts as dated."""
    op.add_column(
        "items", sa.Column("is_dated", sa.Boolean(), server_default=sa.true(), nullable=False)
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("items", "is_dated")
