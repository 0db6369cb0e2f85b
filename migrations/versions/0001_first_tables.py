"""The first tables: workspaces, channels, items, embeddings, verdicts, answers, jobs.

Revision: 0001
Follows:
Created: 2026-11-23 20:39:34.894670
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import POSTGRESQL, RowId, SafeText, UtcDateTime, Vector

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    on_postgresql = op.get_context().dialect.name == POSTGRESQL
    if on_postgresql:
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "jobs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", SafeText(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", UtcDateTime(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("error", SafeText(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'running', 'done', 'failed')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index(op.f("ix_jobs_state_jobs_run_at"), "jobs", ["state", "run_at"], unique=False)

    op.create_table(
        "workspaces",
        sa.Column("id", RowId, nullable=False),
        sa.Column("team_id", sa.String(length=64), nullable=True),
        sa.Column("name", SafeText(), nullable=True),
        sa.Column("url", SafeText(), nullable=True),
        sa.Column("bot_user_id", sa.String(length=64), nullable=True),
        sa.Column("bot_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("team_id", name=op.f("uq_workspaces_team_id")),
    )
    op.create_table(
        "channels",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("slack_id", sa.String(length=64), nullable=True),
        sa.Column("name", SafeText(), nullable=True),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("muted_at", UtcDateTime(), nullable=True),
        sa.Column("muted_by", sa.String(length=64), nullable=True),
        sa.Column("swept_ts", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_channels_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint(
            "workspace_id", "slack_id", name=op.f("uq_channels_workspace_id_slack_id")
        ),
    )
    op.create_table(
        "items",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("channel_id", RowId, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("external_id", SafeText(), nullable=False),
        sa.Column("title", SafeText(), nullable=True),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("author", SafeText(), nullable=True),
        sa.Column("url", SafeText(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("resolution", SafeText(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("thread_ts", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('ticket', 'product')", name=op.f("ck_items_kind")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_items_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_items_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint(
            "workspace_id",
            "source",
            "external_id",
            name=op.f("uq_items_workspace_id_source_external_id"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_items_channel_id_items_ts"), "items", ["channel_id", "ts"], unique=False
    )

    op.create_table(
        "answers",
        sa.Column("id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("channel_id", RowId, nullable=False),
        sa.Column("thread_ts", sa.String(length=32), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("shown_hash", sa.String(length=64), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_answers_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_answers_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint(
            "channel_id", "thread_ts", name=op.f("uq_answers_channel_id_thread_ts")
        ),
        sa.UniqueConstraint("item_id", name=op.f("uq_answers_item_id")),
    )
    op.create_table(
        "embeddings",
        sa.Column("id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("vector", Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_embeddings_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embeddings")),
        sa.UniqueConstraint(
            "item_id", "fingerprint", "chunk", name=op.f("uq_embeddings_item_id_fingerprint_chunk")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_embeddings_text_hash"), "embeddings", ["text_hash"], unique=False)
    if on_postgresql:
        op.execute(
            "CREATE INDEX ix_embeddings_vector_hnsw ON embeddings "
            "USING hnsw ((vector::vector(384)) vector_cosine_ops) "
            "WITH (m = 16, ef_construction = 128) WHERE dim = 384"
        )

    op.create_table(
        "verdicts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("item_a_id", RowId, nullable=False),
        sa.Column("item_b_id", RowId, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("decided_by", SafeText(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("undone_by", SafeText(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('duplicate', 'related', 'distinct')", name=op.f("ck_verdicts_verdict")
        ),
        sa.CheckConstraint("item_a_id < item_b_id", name=op.f("ck_verdicts_pair_ordered")),
        sa.ForeignKeyConstraint(
            ["item_a_id"],
            ["items.id"],
            name=op.f("fk_verdicts_item_a_id_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_b_id"],
            ["items.id"],
            name=op.f("fk_verdicts_item_b_id_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_verdicts_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_item_b_id"), "verdicts", ["item_b_id"], unique=False)
    op.create_index(
        "ix_verdicts_standing",
        "verdicts",
        ["item_a_id", "item_b_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )

    op.create_table(
        "matches",
        sa.Column("id", RowId, nullable=False),
        sa.Column("answer_id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["answers.id"],
            name=op.f("fk_matches_answer_id_answers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_matches_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        sa.UniqueConstraint("answer_id", "item_id", name=op.f("uq_matches_answer_id_item_id")),
    )
    op.create_index(op.f("ix_matches_item_id"), "matches", ["item_id"], unique=False)


def downgrade() -> None:
    for table in (
        "matches",
        "verdicts",
        "embeddings",
        "answers",
        "items",
        "channels",
        "workspaces",
        "jobs",
    ):
        op.drop_table(table)
