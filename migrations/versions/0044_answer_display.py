"""How much of an answer its message shows.

Revision: 0044
Follows: 0043
Created: 2026-11-29 09:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: messages in Slack change to the new form when they are next updated."""
    op.add_column(
        "answers",
        sa.Column("display", sa.String(length=8), server_default="best", nullable=False),
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("answers", "display")
