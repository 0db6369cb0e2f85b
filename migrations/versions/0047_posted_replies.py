"""Shared replies become posted replies: those to mentions and direct messages follow, too.

Revision: 0047
Follows: 0046
Created: 2026-11-29 16:55:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and move the rows."""
    _make("posted_replies", "posted_reply_items", "reply_id", "asked_by", "posted_at", thread=True)
    op.execute(
        "INSERT INTO posted_replies (id, channel_id, message_ts, command, mark, shown_hash,"
        " names_topics, asked_by, posted_at) SELECT id, channel_id, message_ts,"
        " NULLIF(command, ''), mark, shown_hash, LOWER(command) LIKE 'topics%'"
        " OR LOWER(command) LIKE 'trends%', shared_by, shared_at FROM shares"
    )
    op.execute(
        "INSERT INTO posted_reply_items (reply_id, item_id) SELECT share_id, item_id"
        " FROM shared_items"
    )
    _count_on("posted_replies")
    op.drop_table("shared_items")
    op.drop_table("shares")


def downgrade() -> None:
    """Keep the shared ones; those in threads are forgotten."""
    _make("shares", "shared_items", "share_id", "shared_by", "shared_at", thread=False)
    op.execute(
        "INSERT INTO shares (id, channel_id, message_ts, command, mark, shown_hash,"
        " shared_by, shared_at) SELECT id, channel_id, message_ts, COALESCE(command, ''), mark,"
        " shown_hash, asked_by, posted_at FROM posted_replies WHERE thread_ts IS NULL"
    )
    op.execute(
        "INSERT INTO shared_items (share_id, item_id) SELECT reply_id, item_id"
        " FROM posted_reply_items WHERE reply_id IN (SELECT id FROM shares)"
    )
    _count_on("shares")
    op.drop_table("posted_reply_items")
    op.drop_table("posted_replies")


def _make(table: str, items: str, reference: str, person: str, time: str, *, thread: bool) -> None:
    in_threads = [
        sa.Column("thread_ts", sa.String(length=32), nullable=True),
        sa.Column("asked_ts", sa.String(length=32), nullable=True),
        sa.Column("names_topics", sa.Boolean(), nullable=False),
    ]
    op.create_table(
        table,
        sa.Column("id", RowId, nullable=False),
        sa.Column("channel_id", RowId, nullable=False),
        *(in_threads if thread else []),
        sa.Column("message_ts", sa.String(length=32), nullable=False),
        sa.Column("command", sa.Text(), nullable=thread),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("shown_hash", sa.String(length=64), nullable=False),
        sa.Column(person, sa.String(length=64), nullable=False),
        sa.Column(time, UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f(f"fk_{table}_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "channel_id", "message_ts", name=op.f(f"uq_{table}_channel_id_message_ts")
        ),
    )
    op.create_table(
        items,
        sa.Column(reference, RowId, autoincrement=False, nullable=False),
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            [reference],
            [f"{table}.id"],
            name=op.f(f"fk_{items}_{reference}_{table}"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f(f"fk_{items}_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(reference, "item_id", name=op.f(f"pk_{items}")),
    )
    op.create_index(op.f(f"ix_{items}_item_id"), items, ["item_id"])


def _count_on(table: str) -> None:
    """Let PostgreSQL give out ids above those that were copied."""
    if op.get_bind().dialect.name == "postgresql":
        last = sa.func.coalesce(sa.func.max(sa.table(table, sa.column("id")).c.id), 0)
        sequence = sa.func.pg_get_serial_sequence(table, "id")
        op.execute(sa.select(sa.func.setval(sequence, last + 1, False)))
