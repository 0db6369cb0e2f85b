"""Which tickets there were when a run was made, whatever date they bear.

Revision: 0016
Follows: 0015
Created: 2026-11-26 22:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier runs nobody knows, they show what there is by now."""
    op.add_column("topic_runs", sa.Column("newest_item", RowId, nullable=False, server_default="0"))
    runs, items = (
        sa.table("topic_runs", sa.column("newest_item")),
        sa.table("items", sa.column("id")),
    )
    newest = sa.select(sa.func.coalesce(sa.func.max(items.c.id), 0)).scalar_subquery()
    op.execute(sa.update(runs).values(newest_item=newest))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("topic_runs", "newest_item")
