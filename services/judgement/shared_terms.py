"""What has rare terms in common with a query, or an error that a program printed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.channels.audience import Audience
from services.judgement.compared_items import RankedItem
from services.memory import term_index
from services.memory.idf_cache import IdfCache
from services.memory.pool_statistics import PoolState

# Of those with one error in common, the best ones.
MAX_WITH_ERROR = 10


@dataclass(frozen=True)
class TermReader:
    """Finds what an audience may read by its terms, whose frequencies are those of `pools`."""

    session: Session
    frequencies: IdfCache
    audience: Audience
    pools: Sequence[PoolState]

    def with_terms_of(self, queries: Sequence[RankedItem], limit: int) -> list[set[int]]:
        """Return the ids of what shares the rarest terms of each query."""
        return self._find([(query, query.terms) for query in queries], limit)

    def with_errors_of(self, queries: Sequence[RankedItem]) -> list[set[int]]:
        """Return the ids of what shows an error of each query, whatever its words are."""
        if not any(query.errors for query in queries):
            return [set() for _ in queries]
        return self._find([(query, query.errors) for query in queries], MAX_WITH_ERROR)

    def _find(
        self, asked: Sequence[tuple[RankedItem, Collection[str]]], limit: int
    ) -> list[set[int]]:
        distinct = {term for _, terms in asked for term in terms}
        lexicon = self.frequencies.lexicon(self.session, self.pools, distinct)
        where = self.audience.items
        found = [
            # One more than asked for: an item finds itself.
            (query, term_index.find_by_terms(
                self.session, list(terms), lexicon, where=where, limit=limit + 1
            ))
            for query, terms in asked
        ]  # fmt: skip
        return [{*own} - {query.item_id} for query, own in found]
