"""The time zone and the quiet hours of workspaces and channels.

Revision: 0028
Follows: 0027
Created: 2026-11-29 04:36:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("workspaces", "channels")
COLUMNS = {"time_zone": 64, "quiet_hours": 8}


def upgrade() -> None:
    """Add the columns: empty, so that what holds above them holds."""
    for table in TABLES:
        for name, length in COLUMNS.items():
            column = sa.Column(name, sa.String(length=length), server_default="", nullable=False)
            op.add_column(table, column)


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        for name in COLUMNS:
            op.drop_column(table, name)
