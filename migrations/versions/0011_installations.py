"""Many workspaces: their tokens, and whose a job is.

Revision: 0011
Follows: 0010
Created: 2026-11-26 11:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; jobs there were the only workspace's."""
    op.add_column("workspaces", sa.Column("installed_at", UtcDateTime(), nullable=True))
    op.create_table(
        "slack_bots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("enterprise_name", sa.String(length=200), nullable=True),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("team_name", sa.String(length=200), nullable=True),
        sa.Column("bot_token", sa.String(length=200), nullable=True),
        sa.Column("bot_id", sa.String(length=32), nullable=True),
        sa.Column("bot_user_id", sa.String(length=32), nullable=True),
        sa.Column("bot_scopes", sa.String(length=1000), nullable=True),
        sa.Column("bot_refresh_token", sa.String(length=200), nullable=True),
        sa.Column("bot_token_expires_at", sa.DateTime(), nullable=True),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("installed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_bots")),
    )
    op.create_index(
        "slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"]
    )
    op.create_table(
        "slack_oauth_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("expire_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_oauth_states")),
    )

    op.add_column("jobs", sa.Column("workspace_id", RowId, nullable=True))
    op.execute(
        "UPDATE jobs SET workspace_id ="
        " (SELECT id FROM workspaces WHERE team_id IS NOT NULL ORDER BY id LIMIT 1)"
    )
    op.execute("DELETE FROM jobs WHERE workspace_id IS NULL")
    with op.batch_alter_table("jobs") as jobs:
        jobs.alter_column("workspace_id", existing_type=RowId, nullable=False)
        jobs.create_foreign_key(
            op.f("fk_jobs_workspace_id_workspaces"),
            "workspaces",
            ["workspace_id"],
            ["id"],
            ondelete="CASCADE",
        )
        jobs.drop_constraint(op.f("uq_jobs_key"), type_="unique")
        jobs.create_unique_constraint(op.f("uq_jobs_workspace_id_key"), ["workspace_id", "key"])


def downgrade() -> None:
    """Drop the tables. Of jobs of the same key one stays: the one that came first."""
    op.execute("DELETE FROM jobs WHERE id NOT IN (SELECT min(id) FROM jobs GROUP BY key)")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("uq_jobs_workspace_id_key"), type_="unique")
        jobs.create_unique_constraint(op.f("uq_jobs_key"), ["key"])
        jobs.drop_constraint(op.f("fk_jobs_workspace_id_workspaces"), type_="foreignkey")
        jobs.drop_column("workspace_id")
    op.drop_table("slack_oauth_states")
    op.drop_index("slack_bots_idx", table_name="slack_bots")
    op.drop_table("slack_bots")
    op.drop_column("workspaces", "installed_at")
