"""Embeddings name their workspace; PostgreSQL has an HNSW index for each large workspace.

Revision: 0049
Follows: 0048
Created: 2026-11-30 01:40:00
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

from models.types import RowId

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

# What `services.search.indexes.pgvector` indexes: workspaces of more vectors, and no more
# dimensions.
MIN_ROWS, MAX_DIM = 4_000, 2_000

_LARGE = (
    "SELECT workspace_id, fingerprint, MIN(dim) FROM embeddings"
    " GROUP BY workspace_id, fingerprint HAVING COUNT(*) > :rows AND MIN(dim) <= :dim"
)
_HNSW = (
    "SELECT indexname FROM pg_indexes WHERE tablename = 'embeddings'"
    " AND indexname LIKE 'ix\\_embeddings\\_vector\\_hnsw%'"
)


def upgrade() -> None:
    """Add the column, fill it, and index by it."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        _drop_hnsw()  # or every row that is filled is indexed once more
    op.add_column(
        "embeddings", sa.Column("workspace_id", RowId, nullable=False, server_default="0")
    )
    op.execute(
        "UPDATE embeddings SET workspace_id ="
        " (SELECT workspace_id FROM items WHERE items.id = embeddings.item_id)"
    )
    op.create_index(
        op.f("ix_embeddings_workspace_id_embeddings_fingerprint"),
        "embeddings",
        ["workspace_id", "fingerprint"],
    )
    if on_postgresql:
        op.alter_column("embeddings", "workspace_id", server_default=None)
        _index_large_workspaces()


def downgrade() -> None:
    """Forget the column; PostgreSQL has an HNSW index for all vectors of 384 dimensions."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        _drop_hnsw()
    op.drop_index(op.f("ix_embeddings_workspace_id_embeddings_fingerprint"), "embeddings")
    op.execute("ALTER TABLE embeddings DROP COLUMN workspace_id")
    if on_postgresql:
        _create_hnsw("ix_embeddings_vector_hnsw", 384, "dim = 384")


def _drop_hnsw() -> None:
    for name in op.get_bind().scalars(sa.text(_HNSW)).all():
        op.execute(f'DROP INDEX "{name}"')


def _index_large_workspaces() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text(_LARGE), {"rows": MIN_ROWS, "dim": MAX_DIM}).all()
    for workspace_id, fingerprint, dim in found:
        key = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        quoted = fingerprint.replace("'", "''")
        _create_hnsw(
            f"ix_embeddings_vector_hnsw_{key}_{workspace_id}",
            dim,
            f"workspace_id = {workspace_id} AND fingerprint = '{quoted}'",
        )


def _create_hnsw(name: str, dim: int, where: str) -> None:
    op.get_bind().exec_driver_sql(
        f"CREATE INDEX {name} ON embeddings USING hnsw ((vector::vector({dim})) vector_cosine_ops)"
        f" WITH (m = 16, ef_construction = 128) WHERE {where}".replace("%", "%%")
    )
