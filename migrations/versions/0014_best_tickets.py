"""An index over the tickets that show their topics best.

Revision: 0014
Follows: 0013
Created: 2026-11-26 17:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    ranked = sa.text("rank IS NOT NULL")
    op.create_index(
        "ix_topic_items_best",
        "topic_items",
        ["scope", "rank"],
        sqlite_where=ranked,
        postgresql_where=ranked,
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_topic_items_best", "topic_items")
