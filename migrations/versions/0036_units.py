"""The terms of products are read again: ranges, rates, fractions and more units.

Terms that are not what a product that is stored now would have are replaced, and counted.

Revision: 0036
Follows: 0035
Created: 2026-11-29 09:40:00
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.types import RowId
from services.text.cleaning.compared_text import embedding_text
from services.text.comparing.measures import terms_of_kind
from services.text.comparing.terms import trigrams

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
# As in `services.memory.term_index`, which later revisions may change.
_MAX_TERMS = 5_000

_ITEMS = sa.table(
    "items",
    sa.column("id", RowId),
    sa.column("kind", sa.String()),
    sa.column("title", sa.Text()),
    sa.column("text", sa.Text()),
)
_DOCUMENTS = sa.table(
    "documents",
    sa.column("item_id", RowId),
    sa.column("pool_id", RowId),
    sa.column("terms", sa.Text()),
    sa.column("length", sa.Integer()),
)
_POOLS = sa.table(
    "pools", sa.column("id", RowId), sa.column("length", sa.BigInteger()),
    sa.column("epoch", sa.Integer()),
)  # fmt: skip
_FREQUENCIES = sa.table(
    "frequencies",
    sa.column("pool_id", RowId),
    sa.column("term", sa.String()),
    sa.column("documents", sa.Integer()),
)


def upgrade() -> None:
    """Replace the terms of products that are read otherwise now."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    lengths: Counter[int] = Counter()
    for rows in _products():
        for row in rows:
            before = row.terms.split(" ")
            text = embedding_text(row.title, row.text, "product")
            after = terms_of_kind(text, "product")[:_MAX_TERMS]
            if after and after != before:
                _replace(row.item_id, after)
                lengths[row.pool_id] += len(after) - len(before)
                counts[row.pool_id].update(_units(after))
                counts[row.pool_id].subtract(_units(before))
    for pool_id, of_pool in sorted(counts.items()):
        _count(pool_id, of_pool)
        values = {"length": _POOLS.c.length + lengths[pool_id], "epoch": _POOLS.c.epoch + 1}
        op.execute(sa.update(_POOLS).where(_POOLS.c.id == pool_id).values(values))


def downgrade() -> None:
    """Nothing: to `0035` these are terms like others."""


def _products() -> Iterator[Sequence[Any]]:
    """Return the products that have terms, in batches."""
    last = 0
    while True:
        rows = op.get_bind().execute(
            sa.select(
                _DOCUMENTS.c.item_id, _DOCUMENTS.c.pool_id, _DOCUMENTS.c.terms,
                _ITEMS.c.title, _ITEMS.c.text,
            )
            .join(_ITEMS, _ITEMS.c.id == _DOCUMENTS.c.item_id)
            .where(_ITEMS.c.kind == "product", _DOCUMENTS.c.item_id > last)
            .order_by(_DOCUMENTS.c.item_id)
            .limit(_AT_ONCE)
        ).all()  # fmt: skip
        if not rows:
            return
        last = rows[-1].item_id
        yield rows


def _units(words: Sequence[str]) -> set[str]:
    """Return what is counted of terms: they and their trigrams, once each."""
    return {*words, *trigrams(words)}


def _replace(item_id: int, words: Sequence[str]) -> None:
    op.execute(
        sa.update(_DOCUMENTS)
        .where(_DOCUMENTS.c.item_id == item_id)
        .values(terms=" ".join(words), length=len(words))
    )


def _count(pool_id: int, of_pool: Counter[str]) -> None:
    for term, number in sorted(of_pool.items()):
        if not number:
            continue
        own = (_FREQUENCIES.c.pool_id == pool_id) & (_FREQUENCIES.c.term == term)
        if op.get_bind().scalar(sa.select(sa.exists().where(own))):
            more = _FREQUENCIES.c.documents + number
            op.execute(sa.update(_FREQUENCIES).where(own).values(documents=more))
        elif number > 0:
            values = {"pool_id": pool_id, "term": term, "documents": number}
            op.execute(sa.insert(_FREQUENCIES).values(values))
