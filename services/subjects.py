"""Subjects: the two sides of a comparison, with all that is known of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from services.evidence import Document
from services.items import ItemStore
from services.lexical import Lexicon, grams, terms
from services.neighbourhoods import densities
from services.text import embedding_text

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """An item, or a text that somebody typed (`item_id` None).

    `vectors` has shape `(chunks, dim)`; `density` is the mean cosine to the ten nearest, NaN where
    it is not known.
    """

    item_id: int | None
    kind: str
    text: str
    vectors: Floats
    title: str = ""
    author: str | None = None
    created_at: datetime | None = None
    price: float | None = None
    density: float = math.nan

    @cached_property
    def terms(self) -> list[str]:
        """The terms in order."""
        return terms(self.text)

    @cached_property
    def features(self) -> list[str]:
        """What words are compared by: the terms of tickets, the trigrams of products."""
        return grams(self.terms) if self.kind == "product" else self.terms

    def document(self, lexicon: Lexicon) -> Document:
        """Return the subject's words, seen against the lexicon of its corpus."""
        return Document(
            self.text,
            lexicon,
            title=self.title,
            kind=self.kind,
            author=self.author,
            created_at=self.created_at,
            price=self.price,
        )


def load_subjects(
    session: Session, store: ItemStore, item_ids: Sequence[int]
) -> dict[int, Subject]:
    """Return live items as subjects, by id. Those without vectors of this model are left out."""
    vectors = store.vectors_of(session, item_ids)
    known = densities(session, item_ids, store.embedder.fingerprint)
    rows = session.execute(
        select(
            Item.id, Item.kind, Item.title, Item.text, Item.author, Item.created_at, Item.extra
        ).where(Item.id.in_(item_ids), Item.deleted_at.is_(None))
    )
    return {
        row.id: Subject(
            item_id=row.id,
            kind=row.kind,
            text=embedding_text(row.title, row.text),
            vectors=vectors[row.id],
            title=row.title or "",
            author=row.author,
            created_at=row.created_at,
            price=_price(row.extra),
            density=known.get(row.id, math.nan),
        )
        for row in rows
        if len(vectors[row.id])
    }


def _price(extra: Mapping[str, Any]) -> float | None:
    said = str(extra.get("price") or "").replace(",", "").strip().lstrip("$€£")
    try:
        price = float(said)
    except ValueError:
        return None
    return price if math.isfinite(price) else None
