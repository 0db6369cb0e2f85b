"""The review queue: which undecided pairs to ask people about.

Half are the pairs with the highest scores, half those that would teach a model most. Learning from
top pairs alone makes a model overconfident, learning from the others alone finds too few
duplicates: half and half calibrates best (benchmarks/README.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from random import Random
from typing import Literal

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from models import Item, Verdict
from models.queries import LIVE, in_parts, items_by_id
from services.channels.audience import Audience
from services.issues.groups import PairIds, connected, groups_of
from services.judgement.bands import Match
from services.judgement.compared_items import load_compared_items
from services.judgement.judge import CandidateLimits, Judge
from services.progress import Progress, no_progress

SuggestionReason = Literal["top", "teaches"]

# People remember recent tickets well enough to judge them.
NEWEST = 300

# Queries at once: few enough that memory does not grow with the backlog.
BATCH = 300

# Wide enough that pairs that are unlikely to be duplicates can be drawn, too.
REVIEW_LIMITS = CandidateLimits(by_meaning=20, by_words=10, compared=6)


@dataclass(frozen=True)
class ReviewRequest:
    """Which pairs are wanted.

    `excluded` are pairs of item ids, in any order, that must not come up. The later item of a pair
    is one of the `newest` (None: of all) that pass `where`, a condition over `Item`.
    """

    kind: str
    limit: int
    seed: int = 0
    excluded: frozenset[PairIds] = frozenset()
    where: ColumnElement[bool] | None = None
    newest: int | None = NEWEST


@dataclass(frozen=True)
class Suggestion:
    """A pair worth a verdict: `item_id` is the later item, `reason` why the pair was chosen."""

    item_id: int
    other_id: int
    similarity: float
    score: float
    probability: float | None
    reason: SuggestionReason = "top"

    @property
    def pair(self) -> PairIds:
        """Both ids, the later item's first."""
        return self.item_id, self.other_id

    @property
    def strength(self) -> float:
        """What pairs are ordered by: the probability if there is a model, else the score."""
        return self.score if self.probability is None else self.probability


def suggest_pairs(
    session: Session,
    judge: Judge,
    audience: Audience,
    request: ReviewRequest,
    on_progress: Progress = no_progress,
) -> list[Suggestion]:
    """Return at most `limit` undecided pairs that an audience may read, both reasons in turn.

    The same database and request give the same pairs. No item comes up twice if that can be
    avoided. `on_progress` is called with how many items were compared, and of how many.
    """
    matches = _matches(session, judge, audience, request, on_progress)
    return choose_suggestions(_candidates(session, matches, request), request.limit, request.seed)


def choose_suggestions(found: Sequence[Suggestion], limit: int, seed: int) -> list[Suggestion]:
    """Return half of `limit` by strength, and half of those that teach most.

    With a model the latter are nearest to a probability of one half (uncertainty sampling, Lewis &
    Gale 1994); without one they are drawn at random.
    """
    best = sorted(found, key=lambda one: (-one.strength, one.pair))
    halves: list[tuple[SuggestionReason, list[Suggestion], int]] = [
        ("top", best, (limit + 1) // 2),
        ("teaches", _teaching(found, seed), limit // 2),
    ]
    chosen: dict[PairIds, Suggestion] = {}
    # An item is used again only if there are too few others.
    for max_uses in (0, 2 * limit):
        for reason, candidates, size in halves:
            _take(chosen, candidates, reason, (size, max_uses))
    by_reason = [[one for one in chosen.values() if one.reason == half[0]] for half in halves]
    turns = chain.from_iterable(zip_longest(*by_reason))
    return [one for one in turns if one is not None]


def _take(
    chosen: dict[PairIds, Suggestion],
    candidates: Sequence[Suggestion],
    reason: SuggestionReason,
    limits: tuple[int, int],
) -> None:
    """Add candidates in order until `size` have the reason, leaving out items used too often.

    `limits` are `size` and how often an item may have been used before.
    """
    size, max_uses = limits
    number = sum(one.reason == reason for one in chosen.values())
    uses = Counter(item_id for pair in chosen for item_id in pair)
    for one in candidates:
        if number >= size:
            return
        if one.pair not in chosen and max(uses[item_id] for item_id in one.pair) <= max_uses:
            chosen[one.pair] = replace(one, reason=reason)
            uses.update(one.pair)
            number += 1


def is_open(session: Session, pair: PairIds) -> bool:
    """Say whether two items are undecided: there is no verdict on them, and none implies one."""
    return not _Decisions.about(session, pair).cover(pair)


def _teaching(found: Sequence[Suggestion], seed: int) -> list[Suggestion]:
    ordered = sorted(found, key=lambda one: one.pair)
    Random(seed).shuffle(ordered)  # noqa: S311 - no secret, and a seed repeats it
    return sorted(
        ordered, key=lambda one: 0.0 if one.probability is None else abs(one.probability - 0.5)
    )


def _matches(
    session: Session,
    judge: Judge,
    audience: Audience,
    request: ReviewRequest,
    on_progress: Progress,
) -> dict[PairIds, Match]:
    """Return the matches of the newest items, by both ids."""
    where = true() if request.where is None else request.where
    newest = session.scalars(
        select(Item.id)
        .where(audience.items, where, Item.kind == request.kind, LIVE)
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(request.newest)
    ).all()
    found: dict[PairIds, Match] = {}
    for start in range(0, len(newest), BATCH):
        part = newest[start : start + BATCH]
        items = load_compared_items(session, judge.vectors, part)
        queries = [items[item_id] for item_id in part if item_id in items]
        results = judge.rank(session, queries, audience, REVIEW_LIMITS)
        for query, result in zip(queries, results, strict=True):
            found |= {(query.item_id or 0, match.item_id): match for match in result.matches}
        on_progress(start + len(part), len(newest))
    return found


def _candidates(
    session: Session, found: Mapping[PairIds, Match], request: ReviewRequest
) -> list[Suggestion]:
    """Return the undecided ones of these pairs, each once."""
    ids = {item_id for pair in found for item_id in pair}
    items = items_by_id(session, ids)
    decisions = _Decisions.about(session, ids)
    excluded = {frozenset(pair) for pair in request.excluded}
    return [
        Suggestion(*pair, match.similarity, match.score, match.probability)
        for pair, match in found.items()
        if _may_be_asked(items, pair)
        and frozenset(pair) not in excluded
        and not decisions.cover(pair)
    ]


def _may_be_asked(items: Mapping[int, Item], pair: PairIds) -> bool:
    """Say whether the second item came before the first, and not in the same Slack thread."""
    item, other = (items[item_id] for item_id in pair)
    if (other.created_at, other.id) > (item.created_at, item.id):
        return False  # the other item is the later one, and finds this pair
    ours, theirs = item.head_ts, other.head_ts
    return ours is None or (item.channel_id, ours) != (other.channel_id, theirs)


@dataclass(frozen=True)
class _Decisions:
    """The verdicts around some items, as pairs of issues: one on a report counts for its issue.

    `issues` are the issues of items with others, by item id; `pairs` the decided pairs of issues.
    """

    issues: Mapping[int, int]
    pairs: frozenset[frozenset[int]]

    @classmethod
    def about(cls, session: Session, item_ids: Sequence[int] | set[int]) -> _Decisions:
        near = connected(session, item_ids)
        verdicts = _verdicts(session, near)
        ends = {item_id for pair in verdicts for item_id in pair}
        issues = {
            item_id: group.root_id for item_id, group in groups_of(session, near | ends).items()
        }
        pairs = (frozenset(issues.get(one, one) for one in pair) for pair in verdicts)
        return cls(issues, frozenset(pairs))

    def cover(self, pair: PairIds) -> bool:
        issues = frozenset(self.issues.get(item_id, item_id) for item_id in pair)
        return len(issues) == 1 or issues in self.pairs


def _verdicts(session: Session, item_ids: set[int]) -> set[PairIds]:
    return {
        (first, second)
        for part in in_parts(item_ids)
        for first, second in session.execute(
            select(Verdict.item_a_id, Verdict.item_b_id).where(
                or_(Verdict.item_a_id.in_(part), Verdict.item_b_id.in_(part)),
                Verdict.undone_at.is_(None),
            )
        )
    }
