"""Products are found by their numbers with units, too: `14w` for "14 Watt".

What a product's text says is added to its stored terms and to the counts of its pool.

Revision: 0025
Follows: 0024
Created: 2026-11-29 04:00:00
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.types import RowId
from services.text.cleaning.compared_text import embedding_text
from services.text.comparing.measures import measures
from services.text.comparing.terms import trigrams

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000

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
    """Add the numbers with units to the terms of products."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    lengths: Counter[int] = Counter()
    for rows in _products():
        for row in rows:
            words = row.terms.split(" ")
            found = _missing(row.title, row.text, words)
            if found:
                _add(row.item_id, words, found)
                lengths[row.pool_id] += len(found)
                units = {*found, *trigrams(found)} - {*words, *trigrams(words)}
                counts[row.pool_id].update(units)
    for pool_id, of_pool in sorted(counts.items()):
        _count(pool_id, of_pool)
        values = {"length": _POOLS.c.length + lengths[pool_id], "epoch": _POOLS.c.epoch + 1}
        op.execute(sa.update(_POOLS).where(_POOLS.c.id == pool_id).values(values))


def downgrade() -> None:
    """Nothing: to `0024` these are terms like others."""


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


def _missing(title: str | None, text: str, words: Sequence[str]) -> list[str]:
    known = set(words)
    found = measures(embedding_text(title, text, "product"))
    return [measure for measure in found if measure not in known]


def _add(item_id: int, words: Sequence[str], found: Sequence[str]) -> None:
    op.execute(
        sa.update(_DOCUMENTS)
        .where(_DOCUMENTS.c.item_id == item_id)
        .values(terms=" ".join([*words, *found]), length=len(words) + len(found))
    )


def _count(pool_id: int, of_pool: Counter[str]) -> None:
    for term, number in sorted(of_pool.items()):
        own = (_FREQUENCIES.c.pool_id == pool_id) & (_FREQUENCIES.c.term == term)
        is_known = op.get_bind().scalar(sa.select(sa.exists().where(own)))
        if is_known:
            more = _FREQUENCIES.c.documents + number
            op.execute(sa.update(_FREQUENCIES).where(own).values(documents=more))
        else:
            values = {"pool_id": pool_id, "term": term, "documents": number}
            op.execute(sa.insert(_FREQUENCIES).values(values))
