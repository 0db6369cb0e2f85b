"""Corpora: the words of what a place may read, counted as they come, and found again.

The database only retrieves; how much a word tells is reckoned from stored document frequencies, so
that SQLite and PostgreSQL judge alike. Words of a private or shared channel are counted apart: no
score in a public place betrays that a word is common somewhere else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, delete, select, update
from sqlalchemy.orm import Session

from models import (
    Channel,
    Document,
    Frequency,
    Item,
    Pool,
    add_to,
    contains_term,
    insert_new,
)
from models.queries import in_parts
from services.channels.audience import PUBLIC, Audience
from services.memory import density, pool_statistics
from services.text.cleaning import embedding_text
from services.text.terms import Lexicon, grams, rarest, terms

# Words past this many of one item are a log, and PostgreSQL has a limit on what it indexes.
MAX_TERMS = 5_000

# The rarest words of a query are looked up until as many documents as this have one of them.
MAX_POSTINGS = 200
MAX_QUERY_TERMS = 6

# Of plain tables: mapped classes cost three times as much, and every answer runs these.
_documents, _items = Document.__table__, Item.__table__


@dataclass(frozen=True)
class TermEntry:
    """An item's words on their way into a corpus."""

    item_id: int
    channel_id: int | None
    kind: str
    terms: list[str]


def entry_of(item: Item) -> TermEntry:
    """Return the words of an item as it is stored now."""
    words = terms(embedding_text(item.title, item.text))
    return TermEntry(item.id, item.channel_id, item.kind, words[:MAX_TERMS])


def index_terms(session: Session, workspace_id: int, entries: Sequence[TermEntry]) -> list[int]:
    """Store and count the words of items in place of what was stored; return their pools."""
    pools = []
    forget(session, [entry.item_id for entry in entries])
    by_pool: dict[tuple[int, str], list[TermEntry]] = defaultdict(list)
    scopes = _scopes(session, {entry.channel_id for entry in entries})
    for entry in entries:
        if entry.terms:
            by_pool[scopes[entry.channel_id], entry.kind].append(entry)
    for (scope, kind), of_pool in sorted(by_pool.items()):
        pool_id = _pool(session, workspace_id, scope, kind)
        session.add_all(
            Document(
                item_id=entry.item_id,
                pool_id=pool_id,
                terms=" ".join(entry.terms),
                length=len(entry.terms),
            )
            for entry in of_pool
        )
        session.flush()
        _count(session, pool_id, kind, [entry.terms for entry in of_pool], 1)
        pools.append(pool_id)
    return pools


def forget(session: Session, item_ids: Sequence[int]) -> None:
    """Drop what is stored of these items' words, and count it no more."""
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
    """Count a channel's words where they belong now that who may read it has changed."""
    items = session.scalars(
        select(Item)
        .join(Document, Document.item_id == Item.id)
        .where(Item.channel_id == channel.id)
        .order_by(Item.id)
    )
    before = session.scalars(_pools_of_channel(channel.id)).all()
    for some in in_parts(items.all()):
        index_terms(session, channel.workspace_id, [entry_of(item) for item in some])
    after = session.scalars(_pools_of_channel(channel.id)).all()
    moved = update(Pool).where(Pool.id.in_({*before, *after}))
    session.execute(moved.values(epoch=Pool.epoch + 1))
    # Both figures hold what the channel's readers alone may know, or hold it no more.
    pool_statistics.forget_all(session, before)
    density.forget_all(session, channel.workspace_id)


def _pools_of_channel(channel_id: int) -> Select[int]:
    return (
        select(Document.pool_id)
        .join(Item, Item.id == Document.item_id)
        .where(Item.channel_id == channel_id)
        .distinct()
    )


def pools_of(session: Session, place: Audience, kind: str) -> list[int]:
    """Return the pools of which every reader of a place may read everything."""
    statement = select(Pool.id).where(place.pools, Pool.kind == kind).order_by(Pool.id)
    return list(session.scalars(statement))


def find(
    session: Session,
    of_terms: Sequence[str],
    lexicon: Lexicon,
    *,
    where: ColumnElement[bool],
    limit: int,
) -> list[int]:
    """Return up to `limit` ids of live items that share the rarest of these terms, best first.

    `where` is a condition over `Item`; `lexicon` that of the place that asks.
    """
    having = documents_with(bindparam("term")).where(
        # Not a join: without statistics SQLite would begin with all of the items.
        select(_items.c.id)
        .where(_items.c.id == _documents.c.item_id, _items.c.deleted_at.is_(None), where)
        .correlate(_documents)
        .exists()
    )
    connection = session.connection()
    scores: dict[int, float] = defaultdict(float)
    for term in _worth_asking(of_terms, lexicon):
        for item_id in connection.execute(having, {"term": term}).scalars():
            scores[item_id] += lexicon.rarity(term)
    return sorted(scores, key=lambda item_id: (-scores[item_id], item_id))[:limit]


def documents_with(term: ColumnElement[str]) -> Select[int]:
    """Select the ids of the documents that contain a term."""
    contains = contains_term(_documents.c.item_id, _documents.c.terms, term)
    return select(_documents.c.item_id).where(contains)


def _worth_asking(of_terms: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Return the rarest terms, as many as have few enough documents together.

    None where even the rarest has more: SQLite reads all of a word's documents before the first is
    returned, and what so many say is found by its meaning.
    """
    chosen: list[str] = []
    postings = 0
    for term in rarest(of_terms, lexicon, MAX_QUERY_TERMS):
        postings += lexicon.frequencies[term]
        if postings > MAX_POSTINGS:
            break
        chosen.append(term)
    return chosen


def _scopes(session: Session, channel_ids: Iterable[int | None]) -> dict[int | None, int]:
    apart = session.scalars(
        select(Channel.id).where(
            Channel.id.in_([one for one in channel_ids if one is not None]),
            Channel.is_private | Channel.is_shared | Channel.has_guests,
        )
    )
    own = set(apart)
    return {one: one if one is not None and one in own else PUBLIC for one in channel_ids}


def _pool(session: Session, workspace_id: int, scope: int, kind: str) -> int:
    """Return the id of a pool, made where there is none."""
    row = {
        "workspace_id": workspace_id, "scope": scope, "kind": kind, "documents": 0, "length": 0,
        "epoch": 0,
    }  # fmt: skip
    key = ["workspace_id", "scope", "kind"]
    insert_new(session, Pool, [row], unique=key)
    return session.scalars(select(Pool.id).filter_by(**{name: row[name] for name in key})).one()


def _count(
    session: Session, pool_id: int, kind: str, documents: Sequence[Sequence[str]], sign: int
) -> None:
    """Add the documents to a pool's figures, or (`sign` -1) take them away."""
    counts: Counter[str] = Counter()
    for words in documents:
        counts.update(set(words))
        if kind == "product":
            counts.update(set(grams(words)))
    # The pool first, then its terms in order: two writers at once wait, and never in a circle.
    session.execute(
        update(Pool)
        .where(Pool.id == pool_id)
        .values(
            documents=Pool.documents + sign * len(documents),
            length=Pool.length + sign * sum(map(len, documents)),
        )
    )
    rows = [
        {"pool_id": pool_id, "term": term, "documents": sign * count}
        for term, count in sorted(counts.items())
    ]
    if rows:
        add_to(session, Frequency, rows, column="documents")
