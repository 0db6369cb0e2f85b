"""Tokens and secrets are encrypted, which makes them longer, and a source may have its own.

Revision: 0038
Follows: 0037
Created: 2026-11-29 09:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import SealedText

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_TOKENS = ("bot_token", "bot_refresh_token")


def upgrade() -> None:
    """Widen the columns and add one; `deja db upgrade` encrypts what they hold."""
    with op.batch_alter_table("slack_bots") as bots:
        for name in _TOKENS:
            bots.alter_column(
                name,
                existing_type=sa.String(length=200),
                type_=SealedText(),
                existing_nullable=True,
            )
    op.add_column("connections", sa.Column("credentials", SealedText(), nullable=True))


def downgrade() -> None:
    """Drop the column. Encrypted tokens are of no use to the older version, so they are dropped."""
    op.drop_column("connections", "credentials")
    op.execute("DELETE FROM slack_bots WHERE bot_token LIKE 'deja1:%'")
    op.execute("UPDATE sources SET secret = NULL, old_secret = NULL")
    with op.batch_alter_table("slack_bots") as bots:
        for name in _TOKENS:
            bots.alter_column(
                name, existing_type=sa.Text(), type_=sa.String(length=200), existing_nullable=True
            )
