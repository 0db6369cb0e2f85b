"""Judging: candidates found by meaning and by words, ranked in their corpus, and compared.

Meaning finds what is written in other words; words find codes and names. Both together are ranked
(`ranking`), and the best are compared feature by feature (`features`) and judged: by what verdicts
have taught where there are enough, and by the strict rule for a new team (`bands`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from services.channels.audience import Audience
from services.issues.groups import PairIds
from services.judgement.bands import Match, Rules
from services.judgement.calibration_store import ModelCache
from services.judgement.candidate_limits import PAIR_LIMITS, CandidateLimits
from services.judgement.compared_items import (
    ComparedItem,
    RankedItem,
    came_before,
    lexical_units,
    load_compared_items,
    load_details,
    load_ranked_items,
)
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.features import PairFeatures
from services.judgement.margins import CatalogReader, Catalogs
from services.judgement.nearest_items import nearest_and_answered, nearest_items, with_density
from services.judgement.placing import Placing
from services.judgement.same_pictures import find_same_pictures
from services.judgement.scoring import (
    Corpus,
    ScoredCandidate,
    features_of,
    judge_candidates,
    mark_pictures,
    rank_candidates,
)
from services.judgement.shared_terms import TermReader
from services.memory import term_index
from services.memory.density import NEAREST
from services.memory.idf_cache import IdfCache
from services.memory.item_vectors import ItemVectors
from services.memory.pool_statistics import PoolState, statistics_of_pools
from services.memory.similarity_scale import scale_of
from services.search.indexes.contract import Candidate, VectorIndex


@dataclass(frozen=True)
class RankedMatches:
    """What was found for an item: its matches, best first, and the nearest by meaning alone."""

    matches: list[Match]
    nearest: list[Candidate]


@dataclass(frozen=True)
class PlacedPair:
    """A pair of stored items in its corpus: `other` as a candidate for `query`."""

    query: ComparedItem
    other: ComparedItem
    placing: Placing
    corpus: Corpus

    @property
    def features(self) -> PairFeatures:
        """The features of the pair."""
        return features_of(self.query, self.other, self.placing, self.corpus)


@dataclass(frozen=True)
class Judge:
    """Finds, ranks and judges what may be the same as an item."""

    vectors: ItemVectors
    index: VectorIndex
    frequencies: IdfCache = field(default_factory=IdfCache)
    models: ModelCache = field(default_factory=ModelCache)

    @property
    def fingerprint(self) -> str:
        """That of the embedding model whose vectors are compared."""
        return self.vectors.embedder.fingerprint

    def rank(
        self,
        session: Session,
        queries: Sequence[ComparedItem],
        audience: Audience,
        limits: CandidateLimits,
        wrong_in_ten: int = DEFAULT_BUDGET,
    ) -> list[RankedMatches]:
        """Return what is found for each query, all of one kind, of what the audience may read.

        `wrong_in_ten` is the noise budget, which decides what is called a duplicate.
        """
        if not queries:
            return []
        kind = queries[0].kind
        model = self.models.current(session, audience.workspace_id, kind, self.fingerprint)
        if model is not None:
            limits = replace(limits, min_similarity=None)
        found = self._place(session, queries, audience, limits)
        rules = Rules.of(model, wrong_in_ten)
        ids = {one.item.item_id or 0 for own in found for one in own.candidates}
        known = {one.item.item_id or 0: one.item for own in found for one in own.candidates}
        items = load_details(session, {item_id: known[item_id] for item_id in sorted(ids)})
        return [
            RankedMatches(
                judge_candidates(
                    own.query,
                    [
                        (items[one.item.item_id or 0], one.placing)
                        for one in own.candidates
                        if one.item.item_id in items  # deleted meanwhile
                    ],
                    own.corpus,
                    rules,
                ),
                own.nearest,
            )
            for own in found
        ]

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
        found = nearest_items(self.index, queries, audience, NEAREST)
        return {one.item_id or 0: near for one, near in zip(queries, found, strict=True)}

    def place_pairs(
        self, session: Session, pairs: Sequence[PairIds], audience: Audience
    ) -> dict[PairIds, PlacedPair]:
        """Place the earlier item of each pair among the candidates that the later one had then.

        The items of a pair are of one kind. Pairs without vectors are left out.
        """
        return self.place_pairs_and_best(session, pairs, (), audience)[0]

    def best_matches(
        self, session: Session, item_ids: Iterable[int], audience: Audience
    ) -> list[PlacedPair]:
        """Return what ranks first of what was there before each item; nothing is left out."""
        return self.place_pairs_and_best(session, (), item_ids, audience)[1]

    def place_pairs_and_best(
        self,
        session: Session,
        pairs: Sequence[PairIds],
        item_ids: Iterable[int],
        audience: Audience,
    ) -> tuple[dict[PairIds, PlacedPair], list[PlacedPair]]:
        """Return what `place_pairs` and `best_matches` do; an item is compared once for both."""
        asked = dict.fromkeys(item_ids)
        known = {*asked, *(one for pair in pairs for one in pair)}
        items = load_compared_items(session, self.vectors, known)
        placed: dict[PairIds, PlacedPair] = {}
        best: dict[int, tuple[_Found, ScoredCandidate]] = {}
        for later, wanted in _by_later_item(items, pairs, asked).items():
            before = audience.among(came_before(items[later]))
            (own,) = self._place(session, [items[later]], before, PAIR_LIMITS, frozenset(wanted))
            for one in own.candidates:
                pair_ids = wanted.get(one.item.item_id or 0)
                if pair_ids is not None:
                    placed[pair_ids] = own.pair_with(items[one.item.item_id or 0], one)
            if later in asked and own.candidates:
                best[later] = own, own.candidates[0]
        ranked = {one.item.item_id or 0: one.item for _, one in best.values()}
        details = load_details(session, ranked)
        firsts = [(own, details.get(one.item.item_id or 0), one) for own, one in best.values()]
        return placed, [own.pair_with(other, one) for own, other, one in firsts if other]

    def judge_pairs(
        self,
        session: Session,
        pairs: Sequence[PairIds],
        audience: Audience,
        wrong_in_ten: int = DEFAULT_BUDGET,
    ) -> dict[PairIds, Match]:
        """Judge pairs of items of one kind; pairs without vectors are left out.

        The `item_id` of a match is that of the second item.
        """
        placed = self.place_pairs(session, pairs, audience)
        if not placed:
            return {}
        kind = next(iter(placed.values())).query.kind
        model = self.models.current(session, audience.workspace_id, kind, self.fingerprint)
        rules = Rules.of(model, wrong_in_ten)
        return {
            pair: judge_candidates(one.query, [(one.other, one.placing)], one.corpus, rules)[0]
            for pair, one in placed.items()
        }

    def _place(
        self,
        session: Session,
        queries: Sequence[ComparedItem],
        audience: Audience,
        limits: CandidateLimits,
        wanted: frozenset[int] = frozenset(),
    ) -> list[_Found]:
        """Rank the candidates of each query; the `wanted` are among them, however low they rank."""
        kind = queries[0].kind
        among = audience.of_kind(kind)
        scale = scale_of(session, self.fingerprint)
        limits = limits.on(scale)
        nearest, answered = nearest_and_answered(
            session, self.index, queries, audience=among, limits=limits
        )
        pools = term_index.readable_pools(session, audience, kind)
        pictured = find_same_pictures(session, _stored(queries), among)
        same = [pictured.get(query.item_id or 0, frozenset()) for query in queries]
        reader = TermReader(session, self.frequencies, among, pools)
        erring = reader.with_errors_of(queries)
        kept = [wanted | set().union(*found) for found in zip(answered, same, erring, strict=True)]
        ids = [
            _ids(near, limits.min_similarity) | own for near, own in zip(nearest, kept, strict=True)
        ]
        if limits.min_similarity is None:
            by_words = reader.with_terms_of(queries, limits.by_words)
            ids = [own | found for own, found in zip(ids, by_words, strict=True)]
        known = load_ranked_items(session, self.vectors, set().union(*ids), kind)
        items = [*queries, *known.values()]
        corpus = replace(self._corpus(session, items, audience, pools), scale=scale)
        measured = [with_density(one, near) for one, near in zip(queries, nearest, strict=True)]
        found = []
        for query, own, near, always, pictures in zip(
            measured, ids, nearest, kept, same, strict=True
        ):
            candidates = [known[i] for i in sorted(own) if i in known]
            best = rank_candidates(query, candidates, corpus, limits.compared, always)
            found.append(_Found(query, mark_pictures(best, pictures), near, corpus))
        return found

    def _corpus(
        self,
        session: Session,
        items: Sequence[RankedItem],
        audience: Audience,
        pools: Sequence[PoolState],
    ) -> Corpus:
        kind, embedder = items[0].kind, self.vectors.embedder
        lexicon = self.frequencies.lexicon(session, pools, lexical_units(items, kind))
        statistics = statistics_of_pools(session, pools, embedder.fingerprint, embedder.dim)
        if kind != "product":
            return Corpus(lexicon, statistics, kind)
        reader = CatalogReader(session, self.vectors, self.index, self.frequencies)
        catalogs = Catalogs(reader, audience, pools, statistics.centre)
        return Corpus(lexicon, statistics, kind, catalogs.scores)


@dataclass(frozen=True)
class _Found:
    """A query with its density, its best candidates, the nearest by meaning, and its corpus."""

    query: ComparedItem
    candidates: list[ScoredCandidate]
    nearest: list[Candidate]
    corpus: Corpus

    def pair_with(self, other: ComparedItem, candidate: ScoredCandidate) -> PlacedPair:
        """Return the query and a candidate, whose details `other` has, as a pair."""
        return PlacedPair(self.query, other, candidate.placing, self.corpus)


def _by_later_item(
    items: Mapping[int, ComparedItem], pairs: Iterable[PairIds], others: Iterable[int]
) -> dict[int, dict[int, PairIds]]:
    """Return the pairs by their later item, then by their earlier one; `others` may have none."""
    found: dict[int, dict[int, PairIds]] = {one: {} for one in others if one in items}
    for pair in pairs:
        if pair[0] in items and pair[1] in items:
            earlier, later = sorted(pair, key=lambda one: items[one].arrival)
            found.setdefault(later, {})[earlier] = pair
    return found


def _stored(queries: Sequence[ComparedItem]) -> list[int]:
    return [query.item_id for query in queries if query.item_id is not None]


def _ids(near: Sequence[Candidate], least: float | None) -> set[int]:
    return {one.item_id for one in near if least is None or one.similarity >= least}
