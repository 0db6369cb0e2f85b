"""The terms of items, counted as they come by who may read them, and searched.

The database only retrieves; how informative a term is follows from stored document frequencies, so
that SQLite and PostgreSQL judge alike. The terms of a private or shared channel are counted apart:
no score in a public channel reveals that a word is common somewhere else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    delete,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from models import (
    MAX_STATEMENTS,
    Channel,
    Document,
    Frequency,
    Item,
    Pool,
    contains_term,
    increment,
    insert_new,
    insert_together,
)
from models.queries import in_parts
from services.channels.audience import Audience, scopes_of
from services.memory import density, pool_statistics
from services.memory.comparable_text import comparable_text, indexed_terms
from services.memory.pool_statistics import PoolState
from services.text.comparing.terms import Lexicon, rarest, trigrams

# The rarest terms of a query are looked up while this many documents at most contain one of them.
MAX_POSTINGS = 200
MAX_QUERY_TERMS = 6

# On plain tables: mapped classes cost three times as much, and every answer runs these.
_documents, _items, _pools = Document.__table__, Item.__table__, Pool.__table__
_POOLS = select(_pools.c.id, _pools.c.epoch, _pools.c.documents, _pools.c.length).order_by(
    _pools.c.id
)
_POOL = select(_pools.c.id).where(
    *(_pools.c[name] == bindparam(name) for name in ("workspace_id", "scope", "kind"))
)
_COUNT = (
    update(Pool)
    .where(_pools.c.id == bindparam("pool"))
    .values(
        documents=_pools.c.documents + bindparam("more"),
        length=_pools.c.length + bindparam("longer"),
    )
)


@dataclass(frozen=True)
class TermEntry:
    """The terms of an item as they go into the index: in order, separated by spaces."""

    item_id: int
    channel_id: int | None
    kind: str
    terms: str


def term_entry(item: Item) -> TermEntry:
    """Return the terms of an item as it is stored now."""
    terms = indexed_terms(comparable_text(item), item.kind)
    return TermEntry(item.id, item.channel_id, item.kind, " ".join(terms))


def index_items(session: Session, items: Iterable[Item], fingerprint: str) -> None:
    """Index the terms of items, and refresh the statistics of their pools for a model."""
    by_workspace: dict[int, list[TermEntry]] = defaultdict(list)
    for item in items:
        by_workspace[item.workspace_id].append(term_entry(item))
    for workspace_id, entries in sorted(by_workspace.items()):
        pools = index_terms(session, workspace_id, entries)
        pool_statistics.refresh(session, pools, fingerprint)


def index_terms(
    session: Session,
    workspace_id: int,
    entries: Sequence[TermEntry],
    added: Collection[int] = frozenset(),
) -> list[int]:
    """Store and count the terms of items in place of what was stored; return their pools.

    Nothing is stored yet of the items in `added`.
    """
    pools = []
    delete_terms(session, [one.item_id for one in entries if one.item_id not in added])
    by_pool: dict[tuple[int, str], list[TermEntry]] = defaultdict(list)
    scopes = scopes_of(session, {entry.channel_id for entry in entries})
    for entry in entries:
        if entry.terms:
            by_pool[scopes[entry.channel_id], entry.kind].append(entry)
    for (scope, kind), of_pool in sorted(by_pool.items()):
        pool_id = _ensure_pool(session, workspace_id, scope, kind)
        documents = [entry.terms.split(" ") for entry in of_pool]
        rows = [
            {
                "item_id": entry.item_id,
                "pool_id": pool_id,
                "terms": entry.terms,
                "length": len(words),
            }
            for entry, words in zip(of_pool, documents, strict=True)
        ]
        insert_together(session, Document, rows)
        _count(session, pool_id, kind, documents, 1)
        pools.append(pool_id)
    return pools


def delete_terms(session: Session, item_ids: Sequence[int]) -> None:
    """Delete the stored terms of these items, and subtract them from the counts."""
    for ids in in_parts(item_ids):
        gone: dict[tuple[int, str], list[list[str]]] = defaultdict(list)
        rows = session.execute(
            select(Document.pool_id, Pool.kind, Document.terms)
            .join(Pool, Pool.id == Document.pool_id)
            .where(Document.item_id.in_(ids))
        )
        for pool_id, kind, words in rows:
            gone[pool_id, kind].append(words.split(" "))
        session.execute(delete(Document).where(Document.item_id.in_(ids)))
        for (pool_id, kind), documents in sorted(gone.items()):
            _count(session, pool_id, kind, documents, -1)


def reindex_channel(session: Session, channel: Channel) -> None:
    """Move a channel's terms to the pools they belong to, now that its readers have changed."""
    items = session.scalars(
        select(Item)
        .join(Document, Document.item_id == Item.id)
        .where(Item.channel_id == channel.id)
        .order_by(Item.id)
    )
    before = session.scalars(_pools_of_channel(channel.id)).all()
    for some in in_parts(items.all()):
        index_terms(session, channel.workspace_id, [term_entry(item) for item in some])
    after = session.scalars(_pools_of_channel(channel.id)).all()
    moved = update(Pool).where(Pool.id.in_({*before, *after}))
    session.execute(moved.values(epoch=Pool.epoch + 1))
    # Both contain what only the channel's readers may know, or no longer do.
    pool_statistics.delete_profiles(session, before)
    density.delete_around_channel(session, channel)


def _pools_of_channel(channel_id: int) -> Select[int]:
    return (
        select(Document.pool_id)
        .join(Item, Item.id == Document.item_id)
        .where(Item.channel_id == channel_id)
        .distinct()
    )


def readable_pools(session: Session, audience: Audience, kind: str) -> list[PoolState]:
    """Return the pools that everybody in the audience may read in full."""
    statement = _pools_of(audience.pools, kind)
    return [PoolState(*row) for row in session.connection().execute(statement).all()]


@lru_cache(MAX_STATEMENTS)
def _pools_of(readable: ColumnElement[bool], kind: str) -> Select[int, int, int, int]:
    """Return the statement for what passes a condition, which is kept with it."""
    return _POOLS.where(readable, _pools.c.kind == kind)


def find_by_terms(
    session: Session,
    query: Sequence[str],
    lexicon: Lexicon,
    *,
    where: ColumnElement[bool],
    limit: int,
) -> list[int]:
    """Return up to `limit` ids of live items that share the rarest terms of a query, best first.

    `where` is a condition over `Item`; `lexicon` is that of the audience that asks.
    """
    chosen = _selective_terms(query, lexicon)
    if not chosen:
        return []
    having = _having_any(where, len(chosen))
    known = {f"term_{n}": term for n, term in enumerate(chosen)}
    scores: dict[int, float] = defaultdict(float)
    for item_id, n in session.connection().execute(having, known).all():
        scores[item_id] += lexicon.idf(chosen[n])
    return sorted(scores, key=lambda item_id: (-scores[item_id], item_id))[:limit]


@lru_cache(MAX_STATEMENTS * MAX_QUERY_TERMS)
def _having_any(where: ColumnElement[bool], number: int) -> CompoundSelect[int, int]:
    """Return the statement for what has one of so many terms, which is kept with its condition.

    It gives ids and the numbers of the terms. One statement: each costs more than what it finds.
    """
    # Not a join: without statistics SQLite would begin with all of the items.
    live = (
        select(_items.c.id)
        .where(_items.c.id == _documents.c.item_id, _items.c.deleted_at.is_(None), where)
        .correlate(_documents)
        .exists()
    )
    return union_all(
        *(
            documents_with(bindparam(f"term_{n}")).add_columns(literal_column(str(n))).where(live)
            for n in range(number)
        )
    )


def documents_with(term: ColumnElement[str]) -> Select[int]:
    """Select the ids of the documents that contain a term."""
    contains = contains_term(_documents.c.item_id, _documents.c.terms, term)
    return select(_documents.c.item_id).where(contains)


def _selective_terms(query: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Return the rarest terms, as long as few enough documents contain them altogether.

    None where even the rarest is in more: SQLite reads all documents of a term before it returns
    the first, and what that many people write is found by its meaning.
    """
    chosen: list[str] = []
    postings = 0
    for term in rarest(query, lexicon, MAX_QUERY_TERMS):
        postings += lexicon.frequencies[term]
        if postings > MAX_POSTINGS:
            break
        chosen.append(term)
    return chosen


def _ensure_pool(session: Session, workspace_id: int, scope: int, kind: str) -> int:
    """Return the id of a pool; one that does not exist yet is added."""
    row = {
        "workspace_id": workspace_id, "scope": scope, "kind": kind, "documents": 0, "length": 0,
        "epoch": 0,
    }  # fmt: skip
    found: int | None = session.connection().scalar(_POOL, row)
    if found is None:
        insert_new(session, Pool, [row], unique=["workspace_id", "scope", "kind"])
        found = session.connection().scalars(_POOL, row).one()
    return found


def _count(
    session: Session, pool_id: int, kind: str, documents: Sequence[Sequence[str]], sign: int
) -> None:
    """Add the documents to a pool's counts, or subtract them (`sign` -1)."""
    counts = Counter(chain.from_iterable(map(set, documents)))
    if kind == "product":
        counts.update(chain.from_iterable(set(trigrams(words)) for words in documents))
    # The pool first, then its terms in order, so that two concurrent writers cannot deadlock.
    more = {"more": sign * len(documents), "longer": sign * sum(map(len, documents))}
    session.connection().execute(_COUNT, {"pool": pool_id, **more})
    rows = [
        {"pool_id": pool_id, "term": term, "documents": sign * count}
        for term, count in sorted(counts.items())
    ]
    increment(session, Frequency, rows, column="documents")
