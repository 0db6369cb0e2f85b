"""Subjects: the two sides of a comparison, with all that is known of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from models import Document, Item
from models.queries import in_parts
from services.judgement.features import ComparedText
from services.memory.density import densities
from services.memory.items import ItemStore
from services.text.cleaning import embedding_text
from services.text.terms import Lexicon, grams, terms

Floats = NDArray[np.float32]

# Made once, and of plain tables: mapped classes cost three times as much, and every answer reads
# dozens of rows.
_documents, _items = Document.__table__, Item.__table__
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_WORDS = select(_documents.c.item_id, _documents.c.terms).where(_documents.c.item_id.in_(_IDS))
_KNOWN = select(
    _items.c.id,
    _items.c.kind,
    _items.c.title,
    _items.c.text,
    _items.c.author,
    _items.c.created_at,
    _items.c.extra,
).where(_items.c.id.in_(_IDS), _items.c.deleted_at.is_(None))


@dataclass(frozen=True)
class RankedItem:
    """What an item is ranked by.

    `vectors` has shape `(chunks, dim)`; `density` is the mean cosine to the ten nearest, NaN where
    it is not known; `terms` are in order.
    """

    item_id: int | None
    kind: str
    terms: Sequence[str]
    vectors: Floats
    density: float = math.nan

    @property
    def features(self) -> Sequence[str]:
        """What words are compared by: the terms of tickets, the trigrams of products."""
        return grams(self.terms) if self.kind == "product" else self.terms


@dataclass(frozen=True)
class ComparedItem(RankedItem):
    """One side of a comparison: an item, or a text that somebody typed (`item_id` None)."""

    said: str = ""
    title: str = ""
    author: str | None = None
    created_at: datetime | None = None
    price: float | None = None

    @classmethod
    def of_text(cls, text: str, kind: str, vectors: Floats) -> ComparedItem:
        """Return a text that somebody typed."""
        return cls(None, kind, terms(embedding_text(None, text)), vectors, said=text)

    @cached_property
    def text(self) -> str:
        """What the model reads of it. Few subjects are looked at so closely that it is needed."""
        return embedding_text(self.title, self.said)

    def document(self, lexicon: Lexicon) -> ComparedText:
        """Return the subject's words, seen against the lexicon of its corpus."""
        return ComparedText(
            self.terms,
            lexicon,
            title=self.title,
            kind=self.kind,
            author=self.author,
            created_at=self.created_at,
            price=self.price,
        )


def load_compared(
    session: Session, store: ItemStore, item_ids: Iterable[int], kind: str
) -> dict[int, RankedItem]:
    """Return what items of a kind are ranked by; those without vectors of this model are left out.

    Words are read as they are stored: cutting texts to terms costs more than all else here.
    """
    found: dict[int, RankedItem] = {}
    for ids in in_parts(sorted(item_ids)):
        known = densities(session, ids, store.embedder.fingerprint)
        rows = session.connection().execute(_WORDS, {"ids": ids})
        words: dict[int, str] = {item_id: of_item for item_id, of_item in rows}
        found |= {
            item_id: RankedItem(
                item_id,
                kind,
                words[item_id].split(" ") if item_id in words else [],
                vectors,
                known.get(item_id, math.nan),
            )
            for item_id, vectors in store.vectors_of(session, ids).items()
            if len(vectors)
        }
    return found


def load_subjects(
    session: Session, store: ItemStore, item_ids: Iterable[int]
) -> dict[int, ComparedItem]:
    """Return live items as subjects, by id. Those without vectors of this model are left out."""
    return complete(session, load_compared(session, store, item_ids, ""))


def complete(session: Session, compared: Mapping[int, RankedItem]) -> dict[int, ComparedItem]:
    """Return the live ones of these items with all that is known of them, by id."""
    found: dict[int, ComparedItem] = {}
    for ids in in_parts(compared):
        rows = session.connection().execute(_KNOWN, {"ids": ids})
        found |= {row.id: _subject(row, compared[row.id]) for row in rows}
    return found


def _subject(row: Any, compared: RankedItem) -> ComparedItem:
    return ComparedItem(
        row.id,
        row.kind,
        compared.terms,
        compared.vectors,
        compared.density,
        said=row.text,
        title=row.title or "",
        author=row.author,
        created_at=row.created_at,
        price=_price(row.extra),
    )


def _price(extra: Mapping[str, Any]) -> float | None:
    said = str(extra.get("price") or "").replace(",", "").strip().lstrip("$€£")
    try:
        price = float(said)
    except ValueError:
        return None
    return price if math.isfinite(price) else None
