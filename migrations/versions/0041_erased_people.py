"""The record of erasures has no digests of people, which could be guessed.

Revision: 0041
Follows: 0040
Created: 2026-11-29 10:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_ERASURES = sa.table(
    "erasures",
    sa.column("id", RowId),
    sa.column("kind", sa.String()),
    sa.column("subject", SafeText()),
    sa.column("emptied_at", sa.DateTime()),
)


def upgrade() -> None:
    """Put the pseudonym, such as `erased-7`, in place of each digest."""
    connection = op.get_bind()
    done = sa.select(_ERASURES.c.id).where(
        _ERASURES.c.kind == "person", _ERASURES.c.emptied_at.is_not(None)
    )
    for erasure_id in connection.scalars(done).all():
        change = sa.update(_ERASURES).where(_ERASURES.c.id == erasure_id)
        connection.execute(change.values(subject=f"erased-{erasure_id}"))


def downgrade() -> None:
    """Leave the pseudonyms: an older version reads them, too."""
