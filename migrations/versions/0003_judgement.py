"""Judgement: profiles and neighbourhoods, calibrations, budgets, questions, changes on record.

Revision: 0003
Follows: 0002
Created: 2026-11-25 01:48:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText, UtcDateTime, Vector

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("verdicts", sa.Integer(), nullable=False),
        sa.Column("fitted_by", SafeText(), nullable=False),
        sa.Column("fitted_at", UtcDateTime(), nullable=False),
        sa.Column("rolled_back_by", SafeText(), nullable=True),
        sa.Column("rolled_back_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_calibrations_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
    )
    op.create_index(
        op.f("ix_calibrations_workspace_id_calibrations_kind"),
        "calibrations",
        ["workspace_id", "kind"],
        unique=False,
    )

    op.create_table(
        "changes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("channel_id", RowId, nullable=True),
        sa.Column("setting", sa.String(length=32), nullable=False),
        sa.Column("before", SafeText(), nullable=False),
        sa.Column("after", SafeText(), nullable=False),
        sa.Column("changed_by", SafeText(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_changes_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_changes_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_workspace_id"), "changes", ["workspace_id"], unique=False)

    op.create_table(
        "profiles",
        sa.Column("pool_id", RowId, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("median_length", sa.Double(), nullable=False),
        sa.Column("centre", Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name=op.f("fk_profiles_pool_id_pools"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pool_id", "fingerprint", name=op.f("pk_profiles")),
    )
    op.create_table(
        "neighbourhoods",
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("nearest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_neighbourhoods_item_id_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_neighbourhoods")),
    )
    op.create_table(
        "questions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("channel_id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("other_id", RowId, nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_questions_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_questions_item_id_items"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["items.id"], name=op.f("fk_questions_other_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint(
            "channel_id",
            "item_id",
            "other_id",
            name=op.f("uq_questions_channel_id_item_id_other_id"),
        ),
    )
    op.add_column(
        "channels", sa.Column("noise_budget", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        "channels", sa.Column("digest", sa.Boolean(), server_default=sa.true(), nullable=False)
    )

    op.add_column("pools", sa.Column("epoch", sa.Integer(), server_default="0", nullable=False))
    op.add_column("matches", sa.Column("probability", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("matches", "probability")
    op.drop_column("pools", "epoch")

    op.drop_column("channels", "digest")
    op.drop_column("channels", "noise_budget")

    op.drop_table("questions")
    op.drop_table("neighbourhoods")
    op.drop_table("profiles")
    op.drop_index(op.f("ix_changes_workspace_id"), "changes")

    op.drop_table("changes")
    op.drop_index(op.f("ix_calibrations_workspace_id_calibrations_kind"), "calibrations")

    op.drop_table("calibrations")
