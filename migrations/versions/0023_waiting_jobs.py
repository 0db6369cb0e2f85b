"""Jobs that wait for Slack, and jobs that were dropped.

Revision: 0023
Follows: 0022
Created: 2026-11-28 22:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_STATES = "state IN ('ready', 'running', 'done', 'failed'{more})"


def upgrade() -> None:
    """Add the column, and allow the new state."""
    op.add_column("jobs", sa.Column("waiting_since", UtcDateTime(), nullable=True))
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("ck_jobs_state"), type_="check")
        jobs.create_check_constraint(op.f("ck_jobs_state"), _STATES.format(more=", 'dropped'"))


def downgrade() -> None:
    """Drop the column; jobs that were dropped are done."""
    op.execute("UPDATE jobs SET state = 'done' WHERE state = 'dropped'")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("ck_jobs_state"), type_="check")
        jobs.create_check_constraint(op.f("ck_jobs_state"), _STATES.format(more=""))
        jobs.drop_column("waiting_since")
