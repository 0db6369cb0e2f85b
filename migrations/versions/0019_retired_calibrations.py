"""Calibrations of earlier versions are out of use: what they learned cannot be read any more.

They stay on record, as rolled back by the upgrade. The bot learns again from the same verdicts.

Revision: 0019
Follows: 0018
Created: 2026-11-28 17:00:00
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_CALIBRATIONS = sa.table(
    "calibrations",
    sa.column("rolled_back_by", sa.Text()),
    sa.column("rolled_back_at", sa.DateTime(timezone=True)),
)
_BY, _AT = _CALIBRATIONS.c.rolled_back_by, _CALIBRATIONS.c.rolled_back_at
# No person's name: those of Slack are ids, those of the command line are chosen by who runs it.
_UPGRADE = "upgrade 0019"


def upgrade() -> None:
    """Roll back the calibrations in use."""
    rolled_back = {"rolled_back_by": _UPGRADE, "rolled_back_at": datetime.now(UTC)}
    op.execute(sa.update(_CALIBRATIONS).where(_AT.is_(None)).values(rolled_back))


def downgrade() -> None:
    """Use them again, and delete the newer ones, which the earlier version cannot read."""
    op.execute(sa.delete(_CALIBRATIONS).where(_AT.is_(None)))
    in_use = {"rolled_back_by": None, "rolled_back_at": None}
    op.execute(sa.update(_CALIBRATIONS).where(_BY == _UPGRADE).values(in_use))
