"""From the figures of a pair to its band: duplicate, similar, or none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.judgement.calibration import Model
from services.judgement.compared_items import ComparedItem
from services.judgement.cut import Cut
from services.judgement.features import PairFeatures
from services.judgement.near_exact import MIN_SIMILARITY, ItemKind, is_near_exact
from services.search.contract import Candidate

Band = Literal["duplicate", "similar"]

# A cosine of all-MiniLM-L6-v2. No threshold suits every team; this one is so high that silence is
# the usual answer. How often it is right: benchmarks/README.md.
SIMILAR_SIMILARITY = 0.72

MAX_MATCHES = 3


@dataclass(frozen=True)
class Match:
    """A candidate that was judged.

    `similarity` is the cosine of the best chunk pair; `score` orders the candidates of one query;
    `probability` that both are the same issue is None before there is a calibration; `band` is None
    where the candidate is not worth showing. `strength` orders the candidates of all queries: the
    calibration's figure, or the closeness before there is one.
    """

    item_id: int
    similarity: float
    score: float
    probability: float | None
    band: Band | None
    strength: float = 0.0


@dataclass(frozen=True)
class Rules:
    """How candidates are called: by a team's model where there is one, from its `cut` on."""

    model: Model | None = None
    cut: Cut | None = None

    @classmethod
    def of(cls, model: Model | None, wrong_in_ten: int) -> Rules:
        """Return the rules for a noise budget, in wrong flags of ten."""
        return cls(model, None if model is None else model.cut(wrong_in_ten))


@dataclass(frozen=True)
class PairFigures:
    """What a candidate is called by: features, raw cosine, closeness and strength."""

    features: PairFeatures
    cosine: float
    closeness: float
    strength: float


def band_of(
    query: ComparedItem, candidate: ComparedItem, figures: PairFigures, rules: Rules
) -> Band | None:
    """Return the band of a candidate.

    A contradiction forbids "duplicate" until verdicts have found a cut: above one, most pairs that
    seem to contradict each other were confirmed (`python -m benchmarks taught`).
    """
    if is_above_cut(figures, rules) or _is_near_exact(query, candidate, figures.cosine):
        return "duplicate"
    return "similar" if figures.cosine >= SIMILAR_SIMILARITY else None


def is_above_cut(figures: PairFigures, rules: Rules) -> bool:
    """Say whether verdicts have taught that a pair is a duplicate."""
    if rules.model is None or rules.cut is None:
        return False
    return figures.strength >= rules.cut.strength and figures.closeness >= rules.model.min_closeness


def _is_near_exact(query: ComparedItem, candidate: ComparedItem, cosine: float) -> bool:
    kind: ItemKind = "product" if query.kind == "product" else "ticket"
    # Compared first because `text` is cleaned only when it is read.
    return cosine >= MIN_SIMILARITY and is_near_exact(query.text, candidate.text, cosine, kind)


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found; each item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
