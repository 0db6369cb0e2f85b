"""The number of topics that people chose, and which pairs of topics a summary asks about.

Revision: 0045
Follows: 0044
Created: 2026-11-29 13:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: earlier runs found their number of topics and asked nothing."""
    op.add_column("topic_runs", sa.Column("fixed_k", sa.Integer(), nullable=True))
    op.add_column(
        "topic_runs", sa.Column("questions", sa.JSON(), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("topic_runs", "questions")
    op.drop_column("topic_runs", "fixed_k")
