"""Judging: from a candidate's similarity to a band, and to at most three matches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.index import Candidate

Band = Literal["duplicate", "similar"]

# Cosine similarities of all-MiniLM-L6-v2, until judgement is calibrated on a team's own verdicts.
# No threshold holds for every team; these two are set so high that silence is the usual answer.
# How often they are right on public data stands in benchmarks/README.md.
DUPLICATE_SIMILARITY = 0.85
SIMILAR_SIMILARITY = 0.72

MOST_MATCHES = 3


@dataclass(frozen=True)
class Match:
    """A candidate judged: how alike, and the band that follows (None: not worth a word)."""

    item_id: int
    similarity: float
    band: Band | None


def band_of(similarity: float) -> Band | None:
    """Return the band of a cosine similarity."""
    if similarity >= DUPLICATE_SIMILARITY:
        return "duplicate"
    if similarity >= SIMILAR_SIMILARITY:
        return "similar"
    return None


def judge(candidates: Iterable[Candidate]) -> list[Match]:
    """Return every candidate with its band, in the given order."""
    return [
        Match(candidate.item_id, candidate.similarity, band_of(candidate.similarity))
        for candidate in candidates
    ]


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found: an item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
