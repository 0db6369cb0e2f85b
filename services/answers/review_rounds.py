"""Reviewing: the few pairs whose verdicts decide most about what is called a duplicate.

Pairs are asked about where the cut may fall: around the strength from which on the reviewed pairs
were right nine times of ten, above it, and a little below. Asking only for the strongest finds the
cut later, and asking at random finds few duplicates: `python -m benchmarks taught`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from services.issues.groups import PairIds

SuggestionReason = Literal["spread", "cut", "above", "below"]

# Items whose best matches are candidates: people remember recent tickets well enough to judge them.
NEWEST = 300

# How many pairs are chosen at a time; after their verdicts others decide more.
ROUND = 5
# The first round: at these shares of the backlog's best matches, the strongest first.
FIRST_SHARES = (0.02, 0.1, 0.25, 0.5, 0.8)
FIRST_REASONS: tuple[SuggestionReason, ...] = ("spread", "spread", "spread", "spread", "spread")
# What the other rounds ask for.
REASONS: tuple[SuggestionReason, ...] = ("cut", "above", "cut", "above", "below")
# The cut may fall where of the reviewed pairs above fewer than this share were duplicates.
MIN_SHARE = 0.9
# "below" means in the next tenth of the backlog.
NEXT_SHARE = 0.1


@dataclass(frozen=True)
class Suggestion:
    """A pair worth a verdict: `item_id` is the later one, `reason` why it is among those shown.

    `strength` is what pairs are ordered by (`calibration.Model.strength`, or the closeness).
    """

    item_id: int
    other_id: int
    similarity: float
    probability: float | None
    strength: float
    reason: SuggestionReason = "cut"

    @property
    def pair(self) -> PairIds:
        """Return both ids, the later item's first."""
        return self.item_id, self.other_id


@dataclass
class ReviewQueue:
    """The undecided best matches of a backlog, the strongest first, and what was decided so far.

    `reviewed` has the strengths of the pairs decided on, and whether they were duplicates;
    `backlog` counts all best matches, decided or not.
    """

    open: list[Suggestion]
    reviewed: list[tuple[float, bool]]
    backlog: int
    seed: int = 0
    _asked: set[int] = field(default_factory=set)

    def take(self, limit: int) -> list[Suggestion]:
        """Take the next pairs out of the queue, at most `limit`.

        Where it can be avoided no item comes twice. The same queue gives the same pairs.
        """
        chosen: list[Suggestion] = []
        while self.open and len(chosen) < limit:
            chosen += self._round(min(limit - len(chosen), ROUND))
        return chosen

    def record(self, one: Suggestion, *, is_duplicate: bool) -> None:
        """Note what was decided on a pair that was taken."""
        self.reviewed.append((one.strength, is_duplicate))

    def forget_last(self) -> None:
        """Forget the last decision."""
        self.reviewed.pop()

    def _round(self, limit: int) -> list[Suggestion]:
        order = self._by_reason()
        chosen: dict[PairIds, Suggestion] = {}
        for reason in (REASONS if self.reviewed else FIRST_REASONS)[:limit]:
            wanted = (*order[reason], *order["cut"])
            left = [one for one in wanted if one.pair not in chosen]
            fresh = (one for one in left if not self._asked.intersection(one.pair))
            one = next(fresh, left[0] if left else None)
            if one is not None:
                self._asked.update(one.pair)
                chosen[one.pair] = replace(one, reason=reason)
        self.open = [one for one in self.open if one.pair not in chosen]
        return list(chosen.values())

    def _by_reason(self) -> dict[SuggestionReason, list[Suggestion]]:
        """Return the pairs that may be asked about for each reason, the best first."""
        found = self.open
        cut = lowest_good_strength(self.reviewed)
        place, tenth = sum(one.strength >= cut for one in found), round(self.backlog * NEXT_SHARE)
        above, below = found[:place], found[place : place + tenth]
        # The same queue is shuffled alike, one with fewer pairs otherwise.
        random = Random(f"{self.seed}:{len(found)}")  # noqa: S311 - no secret
        random.shuffle(above)
        random.shuffle(below)
        return {
            # Next to the cut: the first below it, then the last above it, and so on.
            "cut": [
                found[at] for at in sorted(range(len(found)), key=lambda at: abs(at - place + 0.4))
            ],
            "above": above,
            "below": below,
            "spread": [found[int(share * (len(found) - 1))] for share in FIRST_SHARES],
        }


def lowest_good_strength(reviewed: Sequence[tuple[float, bool]]) -> float:
    """Return down to which strength `MIN_SHARE` of the reviewed pairs were duplicates.

    Infinity where not even the strongest was one.
    """
    right, lowest = 0, math.inf
    ordered = sorted(reviewed, key=lambda one: (-one[0], not one[1]))
    for count, (strength, is_duplicate) in enumerate(ordered, 1):
        right += is_duplicate
        if right >= MIN_SHARE * count:
            lowest = strength
    return lowest
