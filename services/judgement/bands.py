"""From similarity and probability to the band of a candidate: duplicate, similar, or none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.judgement.compared_items import ComparedItem
from services.judgement.near_exact import MIN_SIMILARITY, ItemKind, is_near_exact
from services.search.contract import Candidate
from services.text.identifiers import contradictions, identifiers

Band = Literal["duplicate", "similar"]

# Before verdicts have trained a model: a cosine of all-MiniLM-L6-v2. No threshold suits every team;
# this one is so high that silence is the usual answer, and "duplicate" takes the same words
# (`near_exact`). How often both are right: benchmarks/README.md.
SIMILAR_SIMILARITY = 0.72

# With a model: even a match that is more likely another issue is worth showing at one in three.
SIMILAR_PROBABILITY = 0.3

MAX_MATCHES = 3


@dataclass(frozen=True)
class Match:
    """A candidate that was judged.

    `similarity` is the cosine of the best chunk pair; `score` orders the candidates of one query;
    `probability` that both are the same issue is None before verdicts have trained a model; `band`
    is None where the candidate is not worth showing.
    """

    item_id: int
    similarity: float
    score: float
    probability: float | None
    band: Band | None


def band_of(
    ours: ComparedItem,
    theirs: ComparedItem,
    similarity: float,
    probability: float | None,
    threshold: float,
) -> Band | None:
    """Return the band of a candidate; a contradiction is never called a duplicate."""
    if probability is None:
        kind: ItemKind = "product" if ours.kind == "product" else "ticket"
        # Compared first because `text` is cleaned only when it is read.
        if similarity >= MIN_SIMILARITY and is_near_exact(ours.text, theirs.text, similarity, kind):
            return "duplicate"
        return "similar" if similarity >= SIMILAR_SIMILARITY else None
    if probability >= threshold and not contradictions(
        identifiers(ours.text), identifiers(theirs.text)
    ):
        return "duplicate"
    return "similar" if probability >= min(SIMILAR_PROBABILITY, threshold) else None


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found; each item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
