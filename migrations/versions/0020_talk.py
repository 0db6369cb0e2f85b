"""Tickets that say nothing of a matter ("Support request", "+1") are no longer compared.

Their vectors and terms go; the tickets stay. The vectors of all others hold, also of what somebody
made a ticket by a reaction: that is noted in `extra`.

Revision: 0020
Follows: 0019
Created: 2026-11-28 16:00:00
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

from models.types import RowId
from services.text.cleaning.compared_text import embedding_text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000

_ITEMS = sa.table(
    "items",
    sa.column("id", RowId),
    sa.column("kind", sa.String()),
    sa.column("title", sa.Text()),
    sa.column("text", sa.Text()),
    sa.column("content_hash", sa.String()),
    sa.column("channel_id", RowId),
    sa.column("ts", sa.String()),
    sa.column("extra", sa.JSON()),
)
_OVERRIDES = sa.table(
    "message_overrides",
    sa.column("channel_id", RowId),
    sa.column("ts", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("undone_at", sa.DateTime()),
)
_DOCUMENTS = sa.table(
    "documents",
    sa.column("item_id", RowId),
    sa.column("pool_id", RowId),
    sa.column("terms", sa.Text()),
    sa.column("length", sa.Integer()),
)
_POOLS = sa.table(
    "pools", sa.column("id", RowId), sa.column("documents", sa.Integer()),
    sa.column("length", sa.BigInteger()), sa.column("epoch", sa.Integer()),
)  # fmt: skip
_FREQUENCIES = sa.table(
    "frequencies",
    sa.column("pool_id", RowId),
    sa.column("term", sa.String()),
    sa.column("documents", sa.Integer()),
)


def upgrade() -> None:
    """Delete what was stored to compare such tickets."""
    _note_pinned()
    for ids in _talk():
        _forget_terms(ids)
        for name in ("embeddings", "neighbourhoods"):
            table = sa.table(name, sa.column("item_id", RowId))
            op.execute(sa.delete(table).where(table.c.item_id.in_(ids)))
        op.execute(sa.update(_ITEMS).where(_ITEMS.c.id.in_(ids)).values(content_hash=None))


def downgrade() -> None:
    """Nothing: `0018` embeds such a ticket when its source reports it again."""


def _note_pinned() -> None:
    pinned = sa.select(_ITEMS.c.id, _ITEMS.c.extra).join(
        _OVERRIDES,
        (_OVERRIDES.c.channel_id == _ITEMS.c.channel_id)
        & (_OVERRIDES.c.ts == _ITEMS.c.ts)
        & (_OVERRIDES.c.kind == "ticket")
        & _OVERRIDES.c.undone_at.is_(None),
    )
    for row in op.get_bind().execute(pinned).all():
        extra = {**row.extra, "pinned": True}
        op.execute(sa.update(_ITEMS).where(_ITEMS.c.id == row.id).values(extra=extra))


def _talk() -> Iterator[list[int]]:
    """Return the ids of tickets that have vectors and say nothing of a matter, in batches."""
    connection, last = op.get_bind(), 0
    while True:
        rows = connection.execute(
            sa.select(_ITEMS.c.id, _ITEMS.c.title, _ITEMS.c.text, _ITEMS.c.extra)
            .where(
                _ITEMS.c.id > last, _ITEMS.c.kind == "ticket", _ITEMS.c.content_hash.is_not(None)
            )
            .order_by(_ITEMS.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        ids = [
            row.id
            for row in rows
            if not row.extra.get("pinned") and not embedding_text(row.title, row.text)
        ]
        if ids:
            yield ids


def _forget_terms(ids: Sequence[int]) -> None:
    """Delete the terms of items and subtract them from the counts of their pools."""
    own = _DOCUMENTS.c.item_id.in_(ids)
    documents = op.get_bind().execute(sa.select(_DOCUMENTS).where(own)).all()
    op.execute(sa.delete(_DOCUMENTS).where(own))
    for pool_id in sorted({row.pool_id for row in documents}):
        of_pool = [row for row in documents if row.pool_id == pool_id]
        op.execute(
            sa.update(_POOLS)
            .where(_POOLS.c.id == pool_id)
            .values(
                documents=_POOLS.c.documents - len(of_pool),
                length=_POOLS.c.length - sum(row.length for row in of_pool),
                epoch=_POOLS.c.epoch + 1,
            )
        )
        counts = Counter(term for row in of_pool for term in set(row.terms.split(" ")))
        for term, count in sorted(counts.items()):
            op.execute(
                sa.update(_FREQUENCIES)
                .where(_FREQUENCIES.c.pool_id == pool_id, _FREQUENCIES.c.term == term)
                .values(documents=_FREQUENCIES.c.documents - count)
            )
