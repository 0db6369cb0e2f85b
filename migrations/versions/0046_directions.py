"""The directions of a model with fewer dimensions, fitted on the team's own vectors.

Revision: 0046
Follows: 0045
Created: 2026-11-29 14:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table: no model has fewer dimensions yet."""
    op.create_table(
        "model_directions",
        sa.Column("fingerprint", sa.String(128), nullable=False),
        sa.Column("directions", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_model_directions")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("model_directions")
