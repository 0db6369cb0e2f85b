"""Words: the terms of items, how many documents have each, and the index to find them by.

Revision: 0002
Follows: 0001
Created: 2026-11-24 17:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import POSTGRESQL, RowId, SafeText

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Terms are folded already and hold no spaces: whatever is no space belongs to a term. The index
# keeps no copy of the terms and no places within them.
WORDS_ON_SQLITE = (
    """
    CREATE VIRTUAL TABLE document_words USING fts5(
        terms, content='documents', content_rowid='item_id', detail='none',
        tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
    )
    """,
    """
    CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
        INSERT INTO document_words (rowid, terms) VALUES (new.item_id, new.terms);
    END
    """,
    """
    CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
        INSERT INTO document_words (document_words, rowid, terms)
        VALUES ('delete', old.item_id, old.terms);
    END
    """,
    """
    CREATE TRIGGER documents_changed AFTER UPDATE OF terms ON documents BEGIN
        INSERT INTO document_words (document_words, rowid, terms)
        VALUES ('delete', old.item_id, old.terms);
        INSERT INTO document_words (rowid, terms) VALUES (new.item_id, new.terms);
    END
    """,
)
WORDS_ON_POSTGRESQL = """
    CREATE INDEX ix_documents_words ON documents
    USING gin (array_to_tsvector(string_to_array(terms, ' ')))
"""


def upgrade() -> None:
    op.create_table(
        "pools",
        sa.Column("id", RowId, nullable=False),
        sa.Column("workspace_id", RowId, nullable=False),
        sa.Column("scope", RowId, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_pools_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint(
            "workspace_id", "scope", "kind", name=op.f("uq_pools_workspace_id_scope_kind")
        ),
    )
    op.create_table(
        "documents",
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.Column("pool_id", RowId, nullable=False),
        sa.Column("terms", SafeText(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_documents_item_id_items"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name=op.f("fk_documents_pool_id_pools"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_pool_id"), "documents", ["pool_id"], unique=False)
    op.create_table(
        "frequencies",
        sa.Column("pool_id", RowId, autoincrement=False, nullable=False),
        sa.Column("term", sa.String(length=64), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name=op.f("fk_frequencies_pool_id_pools"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pool_id", "term", name=op.f("pk_frequencies")),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == POSTGRESQL:
        op.execute(WORDS_ON_POSTGRESQL)
    else:
        for statement in WORDS_ON_SQLITE:
            op.execute(statement)


def downgrade() -> None:
    if op.get_context().dialect.name != POSTGRESQL:
        op.execute("DROP TABLE document_words")
    for table in ("frequencies", "documents", "pools"):
        op.drop_table(table)
