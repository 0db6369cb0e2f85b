"""The two sides of a comparison, with everything that is known about them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, String, bindparam, case, select
from sqlalchemy.orm import Session

from models import Document, Embedding, Item, Neighbourhood, is_among, many_ids
from models.queries import in_parts
from services.judgement.features import ComparedText
from services.memory.item_vectors import ItemVectors
from services.text.cleaning.compared_text import readable_text
from services.text.comparing.identifiers import Identifiers, identifiers
from services.text.comparing.measures import typed_terms
from services.text.comparing.terms import Lexicon, trigrams
from services.text.stack_traces.traces import MARK
from services.text.words.function_words import ALL_NEUTRAL
from services.text.words.stems import is_form_of

Floats = NDArray[np.float32]

# Built once, on plain tables: mapped classes cost three times as much, and every answer reads
# dozens of rows.
_documents, _items = Document.__table__, Item.__table__
_embeddings, _neighbourhoods = Embedding.__table__, Neighbourhood.__table__
_IDS = many_ids("ids")

# An item that lacks more words of a text has other words, not other forms of these.
MAX_MISSING = 3

_FINGERPRINT = bindparam("fingerprint", type_=String())
# All in one: what a statement costs is mostly its many ids.
_RANKED = (
    select(
        _embeddings.c.item_id, _embeddings.c.vector, _documents.c.terms, _neighbourhoods.c.density
    )
    .outerjoin(_documents, _documents.c.item_id == _embeddings.c.item_id)
    .outerjoin(
        _neighbourhoods,
        (_neighbourhoods.c.item_id == _embeddings.c.item_id)
        & (_neighbourhoods.c.fingerprint == _FINGERPRINT),
    )
    .where(is_among(_embeddings.c.item_id, _IDS), _embeddings.c.fingerprint == _FINGERPRINT)
    .order_by(_embeddings.c.item_id, _embeddings.c.chunk)
)
_SOURCES = select(_items.c.id, _items.c.source).where(is_among(_items.c.id, _IDS))
_DETAILS = select(
    _items.c.id,
    _items.c.source,
    _items.c.kind,
    _items.c.title,
    _items.c.text,
    _items.c.author,
    _items.c.created_at,
    _items.c.is_dated,
    _items.c.extra,
    _items.c.resolution.is_not(None).label("is_answered"),
).where(is_among(_items.c.id, _IDS), _items.c.deleted_at.is_(None))


@dataclass(frozen=True)
class RankedItem:
    """What an item is ranked by.

    `vectors` has shape `(chunks, dim)`; `density` is the mean cosine to the ten nearest items, NaN
    where it is unknown; `terms` are in order. `source` is that of a stored product: the catalog.
    """

    item_id: int | None
    kind: str
    terms: Sequence[str]
    vectors: Floats
    density: float = math.nan
    source: str | None = None

    @cached_property
    def term_counts(self) -> Counter[str]:
        """How often it has which term."""
        return Counter(self.terms)

    @cached_property
    def typed_words(self) -> frozenset[str]:
        """The words of a text that somebody typed, without function words; of an item none."""
        return frozenset(self.terms if self.item_id is None else ()) - ALL_NEUTRAL

    def is_typed_in(self, item: RankedItem) -> bool:
        """Say whether an item has each word of this text that somebody typed, in any form."""
        missing = self.typed_words - item.term_counts.keys()
        return (
            bool(self.typed_words)
            and len(missing) <= MAX_MISSING
            and all(any(is_form_of(word, term) for term in item.term_counts) for word in missing)
        )

    @cached_property
    def errors(self) -> frozenset[str]:
        """Those of its terms that stand for errors which programs printed."""
        return frozenset(term for term in self.terms if term.startswith(MARK))


@dataclass(frozen=True)
class ComparedItem(RankedItem):
    """One side of a comparison: an item, or a text that somebody typed (`item_id` None)."""

    body: str = ""
    title: str = ""
    author: str | None = None
    created_at: datetime | None = None
    price: float | None = None
    is_answered: bool = False

    @classmethod
    def of_text(cls, text: str, kind: str, vectors: Floats) -> ComparedItem:
        """Return a text that somebody typed, as one side of a comparison."""
        return cls(None, kind, typed_terms(readable_text(None, text), kind), vectors, body=text)

    def looking_for(self, kind: str) -> ComparedItem:
        """Return it as a query for items of a kind; for another kind, as if its text were typed."""
        if kind == self.kind:
            return self
        words = typed_terms(self.text, kind)
        return replace(self, kind=kind, terms=words, density=math.nan, source=None)

    @cached_property
    def text(self) -> str:
        """What the model reads of the item; few are compared so closely that it is needed."""
        return readable_text(self.title, self.body)

    @property
    def arrival(self) -> tuple[datetime, int]:
        """What puts stored items in order of arrival."""
        return self.created_at or datetime.min.replace(tzinfo=UTC), self.item_id or 0

    @cached_property
    def identifiers(self) -> Identifiers:
        """The codes, versions and names in the text."""
        return identifiers(self.text)

    def compared_text(self, lexicon: Lexicon) -> ComparedText:
        """Return the item's words, seen against the lexicon of its corpus."""
        return ComparedText(
            self.terms,
            lexicon,
            title=self.title,
            kind=self.kind,
            price=self.price,
        )


def came_before(query: ComparedItem) -> ColumnElement[bool]:
    """Select the items that were there before a stored one: by id where a date is not known."""
    has_lower_id, at = Item.id < query.item_id, query.created_at
    if at is None:
        return has_lower_id
    is_older = (Item.created_at < at) | ((Item.created_at == at) & has_lower_id)
    return case((Item.is_dated, is_older), else_=has_lower_id)


def lexical_units(items: Iterable[RankedItem], kind: str) -> set[str]:
    """Return what items of a kind are compared by: terms, and of products their trigrams, too."""
    found = set[str]().union(*(item.term_counts for item in items))
    return found.union(trigrams(found)) if kind == "product" else found


def load_ranked_items(
    session: Session, vectors: ItemVectors, item_ids: Iterable[int], kind: str
) -> dict[int, RankedItem]:
    """Return what items of a kind are ranked by, by id; items without vectors are left out.

    Terms are read as they are stored: splitting texts again would cost more than everything else.
    """
    found: dict[int, RankedItem] = {}
    for ids in in_parts(sorted(item_ids)):
        known = {"ids": ids, "fingerprint": vectors.embedder.fingerprint}
        rows = session.connection().execute(_RANKED, known).all()
        sources = _sources(session, ids) if kind == "product" else {}
        for item_id, chunks in groupby(rows, key=itemgetter(0)):
            (_, vector, words, density), *more = chunks
            found[item_id] = RankedItem(
                item_id,
                kind,
                words.split(" ") if words else [],
                np.stack([vector, *(row[1] for row in more)]) if more else vector[None, :],
                math.nan if density is None else density,
                sources.get(item_id),
            )
    return found


def _sources(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    return {row.id: row.source for row in session.connection().execute(_SOURCES, {"ids": item_ids})}


def load_compared_items(
    session: Session, vectors: ItemVectors, item_ids: Iterable[int]
) -> dict[int, ComparedItem]:
    """Return live items, ready to be compared, by id; items without vectors are left out."""
    return load_details(session, load_ranked_items(session, vectors, item_ids, ""))


def load_details(session: Session, ranked: Mapping[int, RankedItem]) -> dict[int, ComparedItem]:
    """Return those of these items that are live, with everything that is known of them, by id."""
    found: dict[int, ComparedItem] = {}
    for ids in in_parts(ranked):
        rows = session.connection().execute(_DETAILS, {"ids": ids}).all()
        found |= {row.id: _compared_item(row, ranked[row.id]) for row in rows}
    return found


def _compared_item(row: Any, ranked: RankedItem) -> ComparedItem:
    return ComparedItem(
        row.id,
        row.kind,
        ranked.terms,
        ranked.vectors,
        ranked.density,
        row.source if row.kind == "product" else None,
        body=row.text,
        title=row.title or "",
        author=row.author,
        created_at=row.created_at if row.is_dated else None,
        price=_price(row.extra),
        is_answered=row.is_answered,
    )


def _price(extra: Mapping[str, Any]) -> float | None:
    written = str(extra.get("price") or "").replace(",", "").strip().lstrip("$€£")
    try:
        price = float(written)
    except ValueError:
        return None
    return price if math.isfinite(price) else None
