"""Calibrations say of which embedding model's vectors they were made.

Those there are were made of the only model's, where there is only one; of several it is not known,
and the verdicts are learned from again.

Revision: 0037
Follows: 0036
Created: 2026-11-29 04:35:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_CALIBRATIONS = sa.table("calibrations", sa.column("fingerprint", sa.String(length=128)))
_EMBEDDINGS = sa.table("embeddings", sa.column("fingerprint", sa.String(length=128)))


def upgrade() -> None:
    """Add the column, filled where there is no doubt."""
    op.add_column("calibrations", sa.Column("fingerprint", sa.String(length=128), nullable=True))
    found = op.get_bind().scalars(sa.select(_EMBEDDINGS.c.fingerprint).distinct().limit(2)).all()
    if len(found) == 1:
        op.execute(sa.update(_CALIBRATIONS).values(fingerprint=found[0]))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("calibrations", "fingerprint")
