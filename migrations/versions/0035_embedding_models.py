"""Embedding models: which of them is in use, and neighbourhoods for each of them.

Revision: 0035
Follows: 0034
Created: 2026-11-29 04:15:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import POSTGRESQL, RowId, UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and let an item have a neighbourhood by each model."""
    op.create_table(
        "embedding_models",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("switches", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'preparing')", name=op.f("ck_embedding_models_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding_models")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_embedding_models_fingerprint")),
        sa.UniqueConstraint("state", name=op.f("uq_embedding_models_state")),
    )
    _set_key(["item_id", "fingerprint"])


def downgrade() -> None:
    """Drop the table, and keep one neighbourhood of each item."""
    op.execute(
        "DELETE FROM neighbourhoods WHERE fingerprint <> (SELECT max(other.fingerprint) "
        "FROM neighbourhoods AS other WHERE other.item_id = neighbourhoods.item_id)"
    )
    _set_key(["item_id"])
    op.drop_table("embedding_models")


def _set_key(columns: list[str]) -> None:
    """Change the primary key of the neighbourhoods; SQLite can only copy the table for that."""
    if op.get_bind().dialect.name == POSTGRESQL:
        op.drop_constraint("pk_neighbourhoods", "neighbourhoods", type_="primary")
        op.create_primary_key("pk_neighbourhoods", "neighbourhoods", columns)
        return
    op.create_table(
        "neighbourhoods_copy",
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("nearest", sa.JSON(), nullable=False),
        sa.Column("density", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_neighbourhoods_item_id_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*columns, name=op.f("pk_neighbourhoods")),
    )
    op.execute(
        "INSERT INTO neighbourhoods_copy SELECT item_id, fingerprint, nearest, density "
        "FROM neighbourhoods"
    )
    op.drop_table("neighbourhoods")
    op.rename_table("neighbourhoods_copy", "neighbourhoods")
