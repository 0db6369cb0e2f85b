"""PostgreSQL puts the words of new items into their index at once, not into a list beside it.

Until the next vacuum, every search read that list, and with some thousands of tickets PostgreSQL
preferred to read all documents.

Revision: 0050
Follows: 0049
Created: 2026-11-30 13:00:00
"""

from __future__ import annotations

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Have no such list, and empty it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_documents_words SET (fastupdate = off)")
        op.execute("SELECT gin_clean_pending_list('ix_documents_words')")


def downgrade() -> None:
    """Have the list again, as PostgreSQL does by itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_documents_words RESET (fastupdate)")
