"""Judging: candidates found by meaning and by words, ranked in their corpus, and compared.

Meaning finds what is written in other words; words find codes and names. Both together are ranked
(`ranking`), and the best are compared feature by feature (`features`) and judged: by the team's own
model where verdicts have trained one, otherwise by the strict rule for a new team (`bands`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy.orm import Session

from models import Item
from services.channels.audience import Audience
from services.issues.groups import PairIds
from services.judgement import ranking
from services.judgement.bands import SIMILAR_SIMILARITY, Match, merge_chunks
from services.judgement.calibration import DEFAULT_THRESHOLD, Model
from services.judgement.calibration_store import current_model
from services.judgement.compared_items import (
    ComparedItem,
    RankedItem,
    load_compared_items,
    load_details,
    load_ranked_items,
)
from services.judgement.features import PairFeatures
from services.judgement.scoring import (
    Corpus,
    ScoredCandidate,
    features_of,
    judge_candidates,
    rank_candidates,
)
from services.memory import term_index
from services.memory.density import NEAREST, density
from services.memory.idf_cache import IdfCache
from services.memory.item_vectors import ItemVectors
from services.memory.pool_statistics import statistics_of_pools
from services.search.contract import Candidate, VectorIndex


@dataclass(frozen=True)
class CandidateLimits:
    """How many candidates meaning and words each give, and how many of the best are compared.

    With `min_similarity`, candidates with a lower cosine are left out before there is a model, and
    so are those that only words find: an answer would not show them.
    """

    by_meaning: int
    by_words: int
    compared: int
    min_similarity: float | None = None


# Wider lists rank a little better (benchmarks/README.md); an answer shows three matches at most.
ANSWER_LIMITS = CandidateLimits(
    by_meaning=40, by_words=20, compared=6, min_similarity=SIMILAR_SIMILARITY
)


def limits_for_list(limit: int) -> CandidateLimits:
    """Return the limits for a list of `limit` items that somebody asked for."""
    return CandidateLimits(max(100, limit), 100, limit)


@dataclass(frozen=True)
class RankedMatches:
    """What was found for an item: its matches, best first, and the nearest by meaning alone."""

    matches: list[Match]
    nearest: list[Candidate]


@dataclass(frozen=True)
class Judge:
    """Finds, ranks and judges what may be the same as an item."""

    vectors: ItemVectors
    index: VectorIndex
    frequencies: IdfCache = field(default_factory=IdfCache)

    def rank(
        self,
        session: Session,
        queries: Sequence[ComparedItem],
        audience: Audience,
        limits: CandidateLimits,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> list[RankedMatches]:
        """Return what is found for each query, all of one kind, of what the audience may read.

        `threshold` is the probability from which a match is called a duplicate.
        """
        if not queries:
            return []
        kind = queries[0].kind
        among = audience.among(Item.kind == kind)
        nearest = self._by_meaning(queries, among, limits.by_meaning)
        pools = term_index.readable_pools(session, audience, kind)
        model = current_model(session, audience.workspace_id, kind)
        if limits.min_similarity is not None and model is None:
            ids = [_ids(near, limits.min_similarity) for near in nearest]
        else:
            by_words = self._by_words(session, queries, among, pools, limits.by_words)
            ids = [_ids(near) | own for near, own in zip(nearest, by_words, strict=True)]
        known = load_ranked_items(session, self.vectors, set().union(*ids), kind)
        if not known:
            return [RankedMatches([], near) for near in nearest]
        corpus = self._corpus(session, [*queries, *known.values()], pools, model, threshold)
        measured = [_with_density(one, near) for one, near in zip(queries, nearest, strict=True)]
        ranked = [
            rank_candidates(query, [known[i] for i in sorted(own) if i in known], corpus)
            for query, own in zip(measured, ids, strict=True)
        ]
        best = [own[: limits.compared] for own in ranked]
        matches = _judge_live(session, measured, best, known, corpus)
        return [RankedMatches(own, near) for own, near in zip(matches, nearest, strict=True)]

    def nearest(
        self, session: Session, item_ids: Sequence[int], audience: Audience
    ) -> dict[int, list[Candidate]]:
        """Return the ten nearest items by meaning, by id; items without vectors are left out."""
        queries = [
            RankedItem(item_id, "", (), vectors)
            for item_id, vectors in self.vectors.vectors_of(session, item_ids).items()
            if len(vectors)
        ]
        if not queries:
            return {}
        found = self._by_meaning(queries, audience, NEAREST)
        return {one.item_id or 0: near for one, near in zip(queries, found, strict=True)}

    def features_of_pairs(
        self, session: Session, pairs: Sequence[PairIds], audience: Audience
    ) -> dict[PairIds, PairFeatures]:
        """Return the features of pairs of items of one kind; pairs without vectors are left out."""
        known = self._both_sides(session, pairs)
        if not known:
            return {}
        corpus = self._corpus_of_pairs(session, known, audience, DEFAULT_THRESHOLD)
        return {pair: features_of(*both, corpus) for pair, both in known.items()}

    def judge_pairs(
        self,
        session: Session,
        pairs: Sequence[PairIds],
        audience: Audience,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> dict[PairIds, Match]:
        """Judge pairs of items of one kind; pairs without vectors are left out.

        The `item_id` of a match is that of the second item; its score means nothing.
        """
        known = self._both_sides(session, pairs)
        if not known:
            return {}
        corpus = self._corpus_of_pairs(session, known, audience, threshold)
        return {
            pair: judge_candidates(
                one, [(other, 0.0, float((one.vectors @ other.vectors.T).max()))], corpus
            )[0]
            for pair, (one, other) in known.items()
        }

    def corpus(
        self,
        session: Session,
        items: Sequence[RankedItem],
        audience: Audience,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> Corpus:
        """Return what is needed to compare these items, all of one kind, for an audience."""
        kind = items[0].kind
        pools = term_index.readable_pools(session, audience, kind)
        model = current_model(session, audience.workspace_id, kind)
        return self._corpus(session, items, pools, model, threshold)

    def _corpus(
        self,
        session: Session,
        items: Sequence[RankedItem],
        pools: Sequence[int],
        model: Model | None,
        threshold: float,
    ) -> Corpus:
        kind = items[0].kind
        wanted: set[str] = set()
        for item in items:
            wanted.update(item.terms)
            if kind == "product":
                wanted.update(item.lexical_units)
        embedder = self.vectors.embedder
        statistics = statistics_of_pools(session, pools, embedder.fingerprint, embedder.dim)
        return Corpus(
            self.frequencies.lexicon(session, pools, wanted),
            statistics,
            ranking.lexical_weight(kind, statistics.median_length),
            model,
            threshold,
        )

    def _both_sides(
        self, session: Session, pairs: Sequence[PairIds]
    ) -> dict[PairIds, tuple[ComparedItem, ComparedItem]]:
        """Return both items of each pair that can be compared."""
        ids = {item_id for pair in pairs for item_id in pair}
        found = load_compared_items(session, self.vectors, ids)
        return {
            (one, other): (found[one], found[other])
            for one, other in pairs
            if one in found and other in found
        }

    def _corpus_of_pairs(
        self,
        session: Session,
        pairs: Mapping[PairIds, tuple[ComparedItem, ComparedItem]],
        audience: Audience,
        threshold: float,
    ) -> Corpus:
        items = [item for both in pairs.values() for item in both]
        return self.corpus(session, items, audience, threshold)

    def _by_meaning(
        self, queries: Sequence[RankedItem], audience: Audience, limit: int
    ) -> list[list[Candidate]]:
        """Return the nearest items of each query; one search for all chunks of all of them."""
        rows = np.concatenate([query.vectors for query in queries])
        # One more than asked for: an item finds itself.
        found = iter(self.index.search(rows, limit=limit + 1, where=audience.items))
        merged = [merge_chunks([next(found) for _ in query.vectors]) for query in queries]
        return [
            [one for one in candidates if one.item_id != query.item_id][:limit]
            for query, candidates in zip(queries, merged, strict=True)
        ]

    def _by_words(
        self,
        session: Session,
        queries: Sequence[ComparedItem],
        audience: Audience,
        pools: Sequence[int],
        limit: int,
    ) -> list[set[int]]:
        terms = {term for query in queries for term in query.terms}
        lexicon = self.frequencies.lexicon(session, pools, terms)
        found = [
            term_index.find_by_terms(
                session, query.terms, lexicon, where=audience.items, limit=limit + 1
            )
            for query in queries
        ]
        return [{*own} - {query.item_id} for query, own in zip(queries, found, strict=True)]


def _ids(near: Sequence[Candidate], min_similarity: float = -1.0) -> set[int]:
    return {one.item_id for one in near if one.similarity >= min_similarity}


def _with_density(query: ComparedItem, nearest: Sequence[Candidate]) -> ComparedItem:
    """Return the query with a density; where none is stored, from what was found just now."""
    if not math.isnan(query.density) or not nearest:
        return query
    return replace(query, density=density([one.similarity for one in nearest[:NEAREST]]))


def _judge_live(
    session: Session,
    queries: Sequence[ComparedItem],
    best: Sequence[Sequence[ScoredCandidate]],
    known: Mapping[int, RankedItem],
    corpus: Corpus,
) -> list[list[Match]]:
    """Judge the best candidates of each query, but those that were deleted meanwhile."""
    ids = {one.item_id or 0 for own in best for one, *_ in own}
    items = load_details(session, {item_id: known[item_id] for item_id in ids})
    live = [
        [
            (items[one.item_id or 0], score, cosine)
            for one, score, cosine in own
            if one.item_id in items
        ]
        for own in best
    ]
    return [judge_candidates(query, own, corpus) for query, own in zip(queries, live, strict=True)]
