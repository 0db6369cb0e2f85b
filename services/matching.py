"""Judging without verdicts: from a similarity to a band, and to at most three matches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from services.identifiers import contradictions, identifiers
from services.index import Candidate

Band = Literal["duplicate", "similar"]

# Cosine similarities of all-MiniLM-L6-v2. No threshold holds for every team: these are set so high
# that silence is the usual answer. How often they are right stands in benchmarks/README.md.
NEAR_EXACT = 0.95
SIMILAR_SIMILARITY = 0.72

# Long texts are alike by their template, and differ in the few words that matter.
LONGEST_NEAR_EXACT = 40

MOST_MATCHES = 3


@dataclass(frozen=True)
class Match:
    """A candidate judged: how alike, and the band that follows (None: not worth a word)."""

    item_id: int
    similarity: float
    band: Band | None


def says_the_same(ours: str, theirs: str) -> bool:
    """Say whether two texts of near-exact similarity are one ticket said twice.

    They are not where they name other codes, versions, products, platforms or figures, or one
    denies what the other says; and long ones only where they are of the same words.
    """
    one, other = identifiers(ours), identifiers(theirs)
    if contradictions(one, other) or (one.figures - other.figures and other.figures - one.figures):
        return False
    return one.words == other.words or max(len(one.words), len(other.words)) <= LONGEST_NEAR_EXACT


def judge(candidates: Iterable[Candidate], same: Collection[int]) -> list[Match]:
    """Return every candidate with its band, in the given order; `same` are those said twice."""
    return [
        Match(
            candidate.item_id,
            candidate.similarity,
            _band(candidate.similarity, candidate.item_id in same),
        )
        for candidate in candidates
    ]


def _band(similarity: float, is_same: bool) -> Band | None:
    if is_same and similarity >= NEAR_EXACT:
        return "duplicate"
    return "similar" if similarity >= SIMILAR_SIMILARITY else None


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found: an item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
