"""Weighing: how candidates compare to a subject in their corpus. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from services.judgement import ranking
from services.judgement.bands import Match, band_of
from services.judgement.calibration import Model
from services.judgement.features import ComparedText, PairFeatures, pair_features
from services.judgement.subjects import ComparedItem, Floats, RankedItem
from services.memory.pool_statistics import PoolStatistics
from services.text.terms import Lexicon

# A candidate with its score and its raw cosine.
Scored = tuple[RankedItem, float, float]


@dataclass(frozen=True)
class Corpus:
    """What a place's items of one kind have in common, and what its verdicts taught."""

    lexicon: Lexicon
    usual: PoolStatistics
    lexical_weight: float
    model: Model | None
    cut: float
    _documents: dict[int | None, ComparedText] = field(default_factory=dict, repr=False)

    def document(self, subject: ComparedItem) -> ComparedText:
        """Return a subject's words as evidence has them, cut up once for all comparisons."""
        if subject.item_id not in self._documents:
            self._documents[subject.item_id] = subject.document(self.lexicon)
        return self._documents[subject.item_id]


def ranked(subject: RankedItem, candidates: Sequence[RankedItem], corpus: Corpus) -> list[Scored]:
    """Return the candidates with their scores and raw cosines, best first."""
    if not candidates:
        return []
    scores, cosines = _scores(subject, candidates, corpus)
    order = np.argsort(-scores, kind="stable").tolist()
    return [(candidates[place], float(scores[place]), float(cosines[place])) for place in order]


def weighed(
    subject: ComparedItem, live: Sequence[tuple[ComparedItem, float, float]], corpus: Corpus
) -> list[Match]:
    """Return candidates, each with its score and raw cosine, as matches."""
    chances: list[float | None] = [None] * len(live)
    if corpus.model is not None and live:
        evidence = [evidence_on(subject, other, corpus) for other, _, _ in live]
        chances = [*corpus.model.probabilities(evidence).tolist()]
    return [
        Match(
            other.item_id or 0,
            cosine,
            score,
            chance,
            band_of(subject, other, cosine, chance, corpus.cut),
        )
        for (other, score, cosine), chance in zip(live, chances, strict=True)
    ]


def evidence_on(one: ComparedItem, other: ComparedItem, corpus: Corpus) -> PairFeatures:
    """Return the evidence on two subjects of a corpus."""
    centre = corpus.usual.centre
    alike = ranking.centred(one.vectors, centre) @ ranking.centred(other.vectors, centre).T
    crowded = _centred_densities([one, other], centre)
    return pair_features(
        corpus.document(one),
        corpus.document(other),
        similarity=float(alike.max()),
        density=float(crowded.mean()),
    )


def _scores(
    subject: RankedItem, candidates: Sequence[RankedItem], corpus: Corpus
) -> tuple[Floats, Floats]:
    """Return the candidates' scores and raw cosines, each of shape `(n,)`."""
    everybody = [subject, *candidates]
    starts = np.cumsum([0, *(len(one.vectors) for one in everybody[:-1])])
    rows = np.concatenate([one.vectors for one in everybody])
    moved = ranking.centred(rows, corpus.usual.centre)
    dense = ranking.best_chunk_pairs(moved, starts)
    crowded = _centred_densities(everybody, corpus.usual.centre)
    usual = float(np.nanmean(crowded)) if not np.isnan(crowded).all() else 0.0
    lexical = (
        corpus.lexicon.cosines([one.features for one in everybody])
        if corpus.lexical_weight
        else np.zeros_like(dense)
    )
    scores = ranking.score(dense, lexical, np.nan_to_num(crowded, nan=usual), corpus.lexical_weight)
    own = len(subject.vectors)
    cosines = np.maximum.reduceat((rows @ rows[:own].T).max(axis=1), starts)[1:]
    return scores, cosines


def _centred_densities(subjects: Sequence[RankedItem], centre: Floats) -> Floats:
    return ranking.centred_density(
        np.array([one.density for one in subjects], dtype=np.float32),
        np.array([one.vectors[0] @ centre for one in subjects], dtype=np.float32),
        centre,
    )
