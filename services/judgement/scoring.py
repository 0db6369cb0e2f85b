"""Scoring candidates against an item in their corpus: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from services.judgement import ranking
from services.judgement.bands import Match, band_of
from services.judgement.calibration import Model
from services.judgement.compared_items import ComparedItem, Floats, RankedItem
from services.judgement.features import ComparedText, PairFeatures, pair_features
from services.memory.pool_statistics import PoolStatistics
from services.text.terms import Lexicon

# A candidate with its score and its raw cosine.
ScoredCandidate = tuple[RankedItem, float, float]


@dataclass(frozen=True)
class Corpus:
    """What the items of one kind that an audience may read have in common, and how to judge them.

    `model` is None before verdicts have trained one; `threshold` is the probability from which a
    pair is called a duplicate.
    """

    lexicon: Lexicon
    statistics: PoolStatistics
    lexical_weight: float
    model: Model | None
    threshold: float
    _texts: dict[int | None, ComparedText] = field(default_factory=dict, repr=False)

    def compared_text(self, item: ComparedItem) -> ComparedText:
        """Return an item's words in this corpus, split once for all comparisons."""
        if item.item_id not in self._texts:
            self._texts[item.item_id] = item.compared_text(self.lexicon)
        return self._texts[item.item_id]


def rank_candidates(
    query: RankedItem, candidates: Sequence[RankedItem], corpus: Corpus
) -> list[ScoredCandidate]:
    """Return the candidates with their scores and raw cosines, best first."""
    if not candidates:
        return []
    scores, cosines = _scores(query, candidates, corpus)
    order = np.argsort(-scores, kind="stable").tolist()
    return [(candidates[index], float(scores[index]), float(cosines[index])) for index in order]


def judge_candidates(
    query: ComparedItem, candidates: Sequence[tuple[ComparedItem, float, float]], corpus: Corpus
) -> list[Match]:
    """Return candidates, each given with its score and raw cosine, as matches in the same order."""
    probabilities: list[float | None] = [None] * len(candidates)
    if corpus.model is not None and candidates:
        features = [features_of(query, other, corpus) for other, _, _ in candidates]
        probabilities = [*corpus.model.probabilities(features).tolist()]
    return [
        Match(
            other.item_id or 0,
            cosine,
            score,
            probability,
            band_of(query, other, cosine, probability, corpus.threshold),
        )
        for (other, score, cosine), probability in zip(candidates, probabilities, strict=True)
    ]


def features_of(one: ComparedItem, other: ComparedItem, corpus: Corpus) -> PairFeatures:
    """Return the features of a pair of items of a corpus."""
    centre = corpus.statistics.centre
    cosines = ranking.centred(one.vectors, centre) @ ranking.centred(other.vectors, centre).T
    density = _centred_densities([one, other], centre)
    return pair_features(
        corpus.compared_text(one),
        corpus.compared_text(other),
        similarity=float(cosines.max()),
        density=float(density.mean()),
    )


def _scores(
    query: RankedItem, candidates: Sequence[RankedItem], corpus: Corpus
) -> tuple[Floats, Floats]:
    """Return the candidates' scores and raw cosines, each of shape `(n,)`."""
    items = [query, *candidates]
    starts = np.cumsum([0, *(len(one.vectors) for one in items[:-1])])
    rows = np.concatenate([one.vectors for one in items])
    moved = ranking.centred(rows, corpus.statistics.centre)
    dense = ranking.best_chunk_pairs(moved, starts)
    density = _centred_densities(items, corpus.statistics.centre)
    usual = float(np.nanmean(density)) if not np.isnan(density).all() else 0.0
    lexical = (
        corpus.lexicon.cosines([one.lexical_units for one in items])
        if corpus.lexical_weight
        else np.zeros_like(dense)
    )
    scores = ranking.score(dense, lexical, np.nan_to_num(density, nan=usual), corpus.lexical_weight)
    own = len(query.vectors)
    cosines = np.maximum.reduceat((rows @ rows[:own].T).max(axis=1), starts)[1:]
    return scores, cosines


def _centred_densities(items: Sequence[RankedItem], centre: Floats) -> Floats:
    return ranking.centred_density(
        np.array([one.density for one in items], dtype=np.float32),
        np.array([one.vectors[0] @ centre for one in items], dtype=np.float32),
        centre,
    )
