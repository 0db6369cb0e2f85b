"""From similarity and probability to what is said of a candidate: a band, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.judgement.near_exact import MIN_SIMILARITY, Kind, is_near_exact
from services.judgement.subjects import ComparedItem
from services.search.contract import Candidate
from services.text.identifiers import contradictions, identifiers

Band = Literal["duplicate", "similar"]

# Before verdicts have taught a model: cosines of all-MiniLM-L6-v2. No threshold holds for every
# team: this one is set so high that silence is the usual answer; "duplicate" takes the same words
# (`near_exact`). How often both are right stands in benchmarks/README.md.
SIMILAR_SIMILARITY = 0.72

# With a model: what is more likely another issue is still worth a look at one in three.
SIMILAR_PROBABILITY = 0.3

MAX_MATCHES = 3


@dataclass(frozen=True)
class Match:
    """A candidate judged.

    `similarity` is the cosine of the best chunk pair; `score` orders the candidates of one subject;
    `probability` that both are the same issue is None before verdicts have taught a model; `band`
    None: not worth a word.
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
    cut: float,
) -> Band | None:
    """Return the band of a candidate. What contradicts is never called a duplicate."""
    if probability is None:
        kind: Kind = "product" if ours.kind == "product" else "ticket"
        # Texts are cleaned when they are read: for most candidates they need not be.
        if similarity >= MIN_SIMILARITY and is_near_exact(ours.text, theirs.text, similarity, kind):
            return "duplicate"
        return "similar" if similarity >= SIMILAR_SIMILARITY else None
    if probability >= cut and not contradictions(identifiers(ours.text), identifiers(theirs.text)):
        return "duplicate"
    return "similar" if probability >= min(SIMILAR_PROBABILITY, cut) else None


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found: an item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
