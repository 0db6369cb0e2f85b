"""Margins: whether another item of a product's source fits a candidate of another source better.

In two catalogs a product is once each, so a candidate that another item fits better is probably not
this one's. It takes a search of its own, for the best candidates alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from models import Item
from services.channels.audience import Audience
from services.judgement.bands import merge_chunks
from services.judgement.compared_items import (
    Floats,
    RankedItem,
    lexical_units,
    load_ranked_items,
)
from services.judgement.product_ranking import product_scores, similarities_as_candidate
from services.judgement.ranking import best_chunk_pairs, centred
from services.memory.idf_cache import IdfCache
from services.memory.item_vectors import ItemVectors
from services.memory.pool_statistics import PoolState
from services.search.indexes.contract import VectorIndex
from services.text.comparing.term_matrix import TermMatrix

# How many candidates are measured, and against how many items by meaning. More of either changes
# nothing (MAP by less than 0.001).
MEASURED, NEAREST = 10, 10

# How similar a candidate is to other items, by their ids.
Fits = Mapping[int, float]


@dataclass(frozen=True)
class CatalogReader:
    """Where products are read from."""

    session: Session
    vectors: ItemVectors
    index: VectorIndex
    frequencies: IdfCache


@dataclass(frozen=True)
class Catalogs:
    """The products that may be read, to measure whether a candidate fits another one better.

    `pools` are those behind the document frequencies, and `centre`, shape `(dim,)`, what the
    products' vectors have in common.
    """

    reader: CatalogReader
    audience: Audience
    pools: Sequence[PoolState]
    centre: Floats
    _fits: dict[tuple[str, int], Fits] = field(default_factory=dict, repr=False)

    def scores(
        self,
        query: RankedItem,
        candidates: Sequence[RankedItem],
        similarity: Floats,
        density: Floats,
    ) -> Floats:
        """Return what orders the candidates of a product, shape `(n,)`.

        `similarity` and `density` have that shape, too. A typed text has no source, and its
        candidates are ordered by their similarity.
        """
        source = query.source
        if source is None or not candidates:
            return similarity
        is_own = np.array([one.source == source for one in candidates], dtype=np.bool_)
        margins = np.full(len(candidates), np.nan, dtype=np.float32)
        order = np.argsort(-similarity, kind="stable").tolist()
        for n in [n for n in order if not is_own[n]][:MEASURED]:
            fits = self._fits_of(source, candidates[n])
            others = [value for item_id, value in fits.items() if item_id != query.item_id]
            margins[n] = similarity[n] - max(others) if others else 0.0
        return product_scores(similarity, density, is_own, margins)

    def _fits_of(self, source: str, candidate: RankedItem) -> Fits:
        """Return how similar a candidate is to its nearest items of a source, by their ids."""
        key = source, candidate.item_id or 0
        if key not in self._fits:
            self._fits[key] = self._measure(source, candidate)
        return self._fits[key]

    def _measure(self, source: str, candidate: RankedItem) -> Fits:
        items = [candidate, *self._nearest(source, candidate)]
        if len(items) == 1:
            return {}
        reader, texts = self.reader, [one.terms for one in items]
        lexicon = reader.frequencies.lexicon(
            reader.session, self.pools, lexical_units(items, "product")
        )
        words = TermMatrix.of([one.term_counts for one in items], lexicon)
        similar = similarities_as_candidate(texts, words, self._cosines(items), lexicon)
        return {
            one.item_id or 0: value for one, value in zip(items[1:], similar.tolist(), strict=True)
        }

    def _nearest(self, source: str, candidate: RankedItem) -> Iterable[RankedItem]:
        """Return the items of a source nearest to a candidate by meaning."""
        reader = self.reader
        where = self.audience.readable & (Item.kind == "product") & (Item.source == source)
        found = reader.index.search(
            candidate.vectors,
            workspace_id=self.audience.workspace_id,
            limit=NEAREST + 1,  # one more than asked for: the query itself does not count
            where=where,
        )
        ids = [one.item_id for one in merge_chunks(found)[: NEAREST + 1]]
        return load_ranked_items(reader.session, reader.vectors, ids, "product").values()

    def _cosines(self, items: Sequence[RankedItem]) -> Floats:
        """Return the centred cosines of the first item to the others, shape `(n - 1,)`."""
        starts = np.cumsum([0, *(len(one.vectors) for one in items[:-1])])
        rows = centred(np.concatenate([one.vectors for one in items]), self.centre)
        return best_chunk_pairs(rows, starts)[0, 1:]
