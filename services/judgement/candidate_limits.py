"""How many candidates are found for a query, and how many of the best are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.judgement.shown_similarity import ANSWERED_SIMILARITY, SIMILAR_SIMILARITY
from services.memory.similarity_scale import SimilarityScale


@dataclass(frozen=True)
class CandidateLimits:
    """How many candidates meaning and words each give, and how many of the best are compared.

    With `min_similarity`, candidates with a lower cosine are left out before there is a model, and
    so are those that only words find: an answer would not show them. So many of the nearest
    `answered` tickets are compared in any case, if they are as near as `answered_similarity`.
    """

    by_meaning: int
    by_words: int
    compared: int
    min_similarity: float | None = None
    answered: int = 1
    answered_similarity: float = ANSWERED_SIMILARITY

    def on(self, scale: SimilarityScale) -> CandidateLimits:
        """Return the limits with the cosines of a model that has this scale."""
        least = self.min_similarity
        return replace(
            self,
            min_similarity=None if least is None else scale.to_own(least),
            answered_similarity=scale.to_own(self.answered_similarity),
        )


# Wider lists rank a little better (benchmarks/README.md); an answer shows three matches at most.
ANSWER_LIMITS = CandidateLimits(
    by_meaning=40, by_words=20, compared=6, min_similarity=SIMILAR_SIMILARITY
)


# As an answer that leaves nothing out: what verdicts teach holds for what answers look at. The best
# is compared, and what is asked for by id.
PAIR_LIMITS = replace(ANSWER_LIMITS, min_similarity=None, answered=0, compared=1)


def limits_for_list(limit: int) -> CandidateLimits:
    """Return the limits for a list of `limit` items that somebody asked for."""
    return CandidateLimits(max(100, limit), 100, limit)
