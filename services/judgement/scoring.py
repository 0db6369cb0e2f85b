"""Scoring candidates against an item in their corpus: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from services.judgement import ranking
from services.judgement.bands import Match, PairFigures, Rules, band_of
from services.judgement.compared_items import ComparedItem, Floats, RankedItem
from services.judgement.features import ComparedText, PairFeatures, pair_features
from services.judgement.placing import Placing
from services.judgement.product_ranking import similarities_of_item, similarities_of_text
from services.judgement.strength import closeness
from services.memory.pool_statistics import PoolStatistics
from services.memory.similarity_scale import SAME_SCALE, SimilarityScale
from services.text.comparing.identifiers import contradictions
from services.text.comparing.term_matrix import TermMatrix
from services.text.comparing.terms import Lexicon
from services.text.stack_traces.traces import WHOLE_MARK

# How many of the other best candidates a candidate's lead is measured against.
RIVALS = 4


# From a query, its candidates, and their similarities and densities, of shape `(n,)`, to scores.
Rescore = Callable[[RankedItem, Sequence[RankedItem], Floats, Floats], Floats]


@dataclass(frozen=True)
class Corpus:
    """What the items of one kind that an audience may read have in common.

    `verbosity` says how long tickets are (`ranking.verbosity`); `rescore` compares the catalogs of
    products (`margins.Catalogs`); `scale` is that of raw cosines.
    """

    lexicon: Lexicon
    statistics: PoolStatistics
    kind: str
    rescore: Rescore | None = None
    scale: SimilarityScale = SAME_SCALE
    _texts: dict[int | None, ComparedText] = field(default_factory=dict, repr=False)

    @property
    def verbosity(self) -> float:
        """How long the tickets are: 0 for one-liners, 1 for long ones."""
        return ranking.verbosity(self.statistics.median_length)

    @property
    def lexical_weight(self) -> float:
        """The share of words in the score of a ticket."""
        return ranking.lexical_weight(self.statistics.median_length)

    def compared_text(self, item: ComparedItem) -> ComparedText:
        """Return an item's words in this corpus, split once for all comparisons."""
        if item.item_id not in self._texts:
            self._texts[item.item_id] = item.compared_text(self.lexicon)
        return self._texts[item.item_id]


@dataclass(frozen=True)
class ScoredCandidate:
    """A candidate, and where it is among those of its query."""

    item: RankedItem
    placing: Placing


def rank_candidates(
    query: RankedItem,
    candidates: Sequence[RankedItem],
    corpus: Corpus,
    limit: int,
    wanted: Collection[int] = (),
) -> list[ScoredCandidate]:
    """Return the `limit` best candidates of a query and those `wanted` by id, best first.

    Up to `limit` of the others follow that have each word of a text which somebody typed.
    """
    if not candidates:
        return []
    items = [query, *candidates]
    starts = np.cumsum([0, *(len(one.vectors) for one in items[:-1])])
    rows = np.concatenate([one.vectors for one in items])
    dense = ranking.best_chunk_pairs(ranking.centred(rows, corpus.statistics.centre), starts)
    density = _centred_densities(items, corpus.statistics.centre)
    errors = _same_errors(query, candidates)
    terms = TermMatrix.of([one.term_counts for one in items], corpus.lexicon)
    scores = _scores(items, terms, corpus, dense=dense, density=density, errors=errors)
    cosines = np.maximum.reduceat((rows @ rows[: len(query.vectors)].T).max(axis=1), starts)[1:]
    order = np.argsort(-scores, kind="stable")
    gaps, leads = _gaps_and_leads(dense[0, 1:], order)
    if corpus.kind != "product" and len(order) >= ranking.MIN_WALKED:
        order = _order_with_walk(order, scores, terms, dense, corpus)
    kept = _kept(query, candidates, order.tolist(), limit, wanted)
    placings = _placings(
        kept,
        {
            "score": scores,
            "cosine": corpus.scale.to_default(cosines),
            "similarity": dense[0, 1:],
            "density": density[1:],
            "words": terms.cosines([0])[0, 1:],
            "bm25": terms.mutual_bm25([0])[0, 1:],
            "gap": gaps,
            "lead": leads,
            "rank_back": _ranks_back(dense),
            "same_error": errors,
        },
    )
    return [ScoredCandidate(candidates[n], one) for n, one in zip(kept, placings, strict=True)]


def _kept(
    query: RankedItem,
    candidates: Sequence[RankedItem],
    order: Sequence[int],
    limit: int,
    wanted: Collection[int],
) -> list[int]:
    """Return the places of the candidates to compare, in order."""
    rest = order[limit:]
    literal = set([n for n in rest if query.is_typed_in(candidates[n])][:limit])
    further = [n for n in rest if n in literal or candidates[n].item_id in wanted]
    return [*order[:limit], *further]


def _placings(kept: Sequence[int], columns: Mapping[str, np.ndarray]) -> list[Placing]:
    """Return a placing for each of the rows `kept` of columns of shape `(n,)`."""
    rows = zip(*(values[kept].tolist() for values in columns.values()), strict=True)
    return [Placing(**dict(zip(columns, row, strict=True))) for row in rows]


def mark_pictures(
    candidates: Sequence[ScoredCandidate], same: Collection[int]
) -> list[ScoredCandidate]:
    """Return candidates, of which those that are `same` by id show the query's picture."""
    if not same:
        return list(candidates)
    return [
        replace(one, placing=replace(one.placing, same_picture=one.item.item_id in same))
        for one in candidates
    ]


def _ranks_back(dense: Floats) -> NDArray[np.int64]:
    """Return `Placing.rank_back` of each candidate, shape `(n,)`."""
    back = (dense[1:, 1:] > dense[0, 1:, None]) & ~np.eye(len(dense) - 1, dtype=np.bool_)
    counts: NDArray[np.int64] = back.sum(axis=1)
    return counts


def _same_errors(query: RankedItem, candidates: Sequence[RankedItem]) -> Floats:
    """Return `Placing.same_error` of each candidate, shape `(n,)`."""
    if not query.errors:  # as in nearly all tickets: the terms of candidates need not be looked at
        return np.zeros(len(candidates), np.float32)
    return np.array([_same_error(query.errors & one.errors) for one in candidates], np.float32)


def _same_error(shared: Collection[str]) -> float:
    if any(term.startswith(WHOLE_MARK) for term in shared):
        return 1.0
    return 0.5 if shared else 0.0


def _scores(
    items: Sequence[RankedItem],
    terms: TermMatrix,
    corpus: Corpus,
    *,
    dense: Floats,
    density: Floats,
    errors: Floats,
) -> Floats:
    """Return the scores of all items but the first, the query; shape `(n,)`.

    `dense` and `density` are those of `ranking.score`; `errors`, shape `(n,)`, are
    `Placing.same_error`.
    """
    if corpus.kind == "product":
        similarities = similarities_of_item if items[0].source else similarities_of_text
        scores = similarities([one.terms for one in items], terms, dense[0, 1:], corpus.lexicon)
        if corpus.rescore is None:
            return scores
        return corpus.rescore(items[0], items[1:], scores, density[1:])

    def lexical(rows: Sequence[int]) -> Floats:
        return _words_and_bm25(terms.cosines(rows), terms.mutual_bm25(rows))

    scores = ranking.score(dense, lexical, density, corpus.lexical_weight)
    if corpus.verbosity:
        rare = ranking.RARE_WEIGHT * corpus.verbosity * terms.rare_overlap()
        scores = scores + rare[1:]
    return scores + ranking.ERROR_WEIGHT * errors


def _order_with_walk(
    order: np.ndarray, scores: Floats, terms: TermMatrix, dense: Floats, corpus: Corpus
) -> np.ndarray:
    """Return many candidates in the order of their scores and a walk; `order` is without it.

    Only lists have so many. What comes first is first without the walk, too, because it would be
    right a little less often; and what verdicts teach holds for scores without it.
    """
    weight, similarity = corpus.lexical_weight, dense
    if weight:
        words = _words_and_bm25(terms.all_cosines(), terms.all_mutual_bm25())
        similarity = (1 - weight) * dense + weight * words
    walked = scores + ranking.walk_gains(similarity)
    return np.concatenate([order[:1], order[1:][np.argsort(-walked[order[1:]], kind="stable")]])


def _words_and_bm25(cosines: Floats, bm25: Floats) -> Floats:
    """Return the similarities of words: the mean of the cosines of TF-IDF and BM25 both ways."""
    return (cosines + bm25) * np.float32(0.5)


def _gaps_and_leads(similarity: Floats, order: np.ndarray) -> tuple[Floats, Floats]:
    """Return each candidate's gap and lead, shape `(n,)`; `order` has the highest score first."""
    best = order[: RIVALS + 1]
    gaps, leads = np.zeros_like(similarity), np.zeros_like(similarity)
    if len(best) > 1:
        gaps[best[0]] = max(similarity[best[0]] - similarity[best[1:]].max(), 0.0)
        leads = similarity - similarity[best[:RIVALS]].mean()
        for n in best:
            leads[n] = similarity[n] - similarity[best[best != n]].mean()
    return gaps, leads


def _centred_densities(items: Sequence[RankedItem], centre: Floats) -> Floats:
    """Return the densities of items, shape `(n,)`; an unknown one is the mean of the others."""
    densities = ranking.centred_density(
        np.array([one.density for one in items], dtype=np.float32),
        np.array([one.vectors[0] @ centre for one in items], dtype=np.float32),
        centre,
    )
    usual = float(np.nanmean(densities)) if not np.isnan(densities).all() else 0.0
    return np.nan_to_num(densities, nan=usual)


def features_of(
    query: ComparedItem, other: ComparedItem, placing: Placing, corpus: Corpus
) -> PairFeatures:
    """Return the features of a candidate for a query of a corpus."""
    return pair_features(
        corpus.compared_text(query),
        corpus.compared_text(other),
        placing,
        contradict=bool(contradictions(query.identifiers, other.identifiers, corpus.kind)),
    )


def judge_candidates(
    query: ComparedItem,
    candidates: Sequence[tuple[ComparedItem, Placing]],
    corpus: Corpus,
    rules: Rules,
) -> list[Match]:
    """Return candidates as matches in the same order."""
    features = [features_of(query, other, placing, corpus) for other, placing in candidates]
    if not features:
        return []
    close = closeness(features, corpus.verbosity)
    model = rules.model
    strengths = close if model is None else model.strength(features)
    known = [None] * len(features) if model is None else model.probabilities(strengths).tolist()
    lexicon, verbosity = corpus.lexicon, corpus.verbosity
    matches = []
    for (other, placing), one, near, strength, probability in zip(
        candidates, features, close, strengths, known, strict=True
    ):
        figures = PairFigures(one, placing.cosine, float(near), float(strength), verbosity, lexicon)
        matches.append(
            Match(
                other.item_id or 0,
                placing.cosine,
                placing.score,
                probability,
                band_of(query, other, figures, rules),
                figures.strength,
                figures.contrast,
                other.is_answered,
                placing.same_picture,
                placing.same_error,
                query.is_typed_in(other),
            )
        )
    return matches
