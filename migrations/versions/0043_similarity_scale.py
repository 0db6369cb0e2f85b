"""What was learned of an embedding model's cosines: which are as rare as the default model's.

Revision: 0043
Follows: 0042
Created: 2026-11-29 10:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a scale is learned by the next worker."""
    op.add_column("embedding_models", sa.Column("similarity_scale", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("embedding_models", "similarity_scale")
