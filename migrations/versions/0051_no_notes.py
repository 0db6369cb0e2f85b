"""Tickets keep no notes of the team: replies that are not public, as imports kept them.

Revision: 0051
Follows: 0050
Created: 2026-12-01 00:10:00
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# Tickets that are rewritten at once.
BATCH = 500

_ITEMS = sa.table("items", sa.column("id", sa.BigInteger), sa.column("extra", sa.JSON))
_HAS_NOTES = sa.cast(_ITEMS.c.extra, sa.Text).like('%"public": false%')


def upgrade() -> None:
    """Take them out; which columns a ticket came with stays as it is."""
    connection, last = op.get_bind(), 0
    while True:
        found = connection.execute(
            sa.select(_ITEMS.c.id, _ITEMS.c.extra)
            .where(_ITEMS.c.id > last, _HAS_NOTES)
            .order_by(_ITEMS.c.id)
            .limit(BATCH)
        ).all()
        if not found:
            return
        for item_id, extra in found:
            last = item_id
            own = _ITEMS.c.id == item_id
            connection.execute(sa.update(_ITEMS).where(own).values(extra=_without_notes(extra)))


def _without_notes(extra: dict[str, Any]) -> dict[str, Any]:
    replies = extra.get("replies")
    if not isinstance(replies, list):
        return extra
    public = [one for one in replies if not isinstance(one, dict) or one.get("public") is not False]
    rest = {name: value for name, value in extra.items() if name != "replies"}
    return {**rest, "replies": public} if public else rest


def downgrade() -> None:
    """Leave them out; they are nowhere else."""
