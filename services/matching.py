"""From similarity and probability to what is said of a candidate: a band, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.identifiers import contradictions, identifiers
from services.index import Candidate
from services.subjects import Subject

Band = Literal["duplicate", "similar"]

# Before verdicts have taught a model: cosine similarities of all-MiniLM-L6-v2. No threshold holds
# for every team: these are set so high that silence is the usual answer. How often they are right
# stands in benchmarks/README.md.
NEAR_EXACT = 0.95
SIMILAR_SIMILARITY = 0.72

# With a model: what is more likely another issue is still worth a look at one in three.
SIMILAR_PROBABILITY = 0.3

# Long texts are alike by their template, and differ in the few words that matter.
LONGEST_NEAR_EXACT = 40

MOST_MATCHES = 3


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
    ours: Subject, theirs: Subject, similarity: float, probability: float | None, cut: float
) -> Band | None:
    """Return the band of a candidate. What contradicts is never called a duplicate."""
    if probability is None:
        if similarity >= NEAR_EXACT and ours.kind == "ticket" and says_the_same(ours, theirs):
            return "duplicate"
        return "similar" if similarity >= SIMILAR_SIMILARITY else None
    if probability >= cut and not contradictions(identifiers(ours.text), identifiers(theirs.text)):
        return "duplicate"
    return "similar" if probability >= min(SIMILAR_PROBABILITY, cut) else None


def says_the_same(ours: Subject, theirs: Subject) -> bool:
    """Say whether two texts of near-exact similarity are one ticket said twice.

    They are not where they name other codes, versions, products, platforms or figures, or one
    denies what the other says; and long ones only where they are of the same words.
    """
    one, other = identifiers(ours.text), identifiers(theirs.text)
    if contradictions(one, other) or (one.figures - other.figures and other.figures - one.figures):
        return False
    return one.words == other.words or max(len(one.words), len(other.words)) <= LONGEST_NEAR_EXACT


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found: an item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
