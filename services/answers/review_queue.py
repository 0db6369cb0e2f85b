"""Reviewing: the few pairs whose answer would teach most, and the ones that score highest.

Learning from top pairs alone makes a model too sure, learning from others alone finds too few
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

# What was said lately is what people remember enough of to judge it.
NEWEST = 300

# So many are searched for at once: few enough that memory does not grow with the backlog.
BATCH = 300

# Enough for pairs that are unlikely to be the same to be among those a draw may pick.
REVIEW_LIMITS = CandidateLimits(by_meaning=20, by_words=10, compared=6)


@dataclass(frozen=True)
class ReviewRequest:
    """Which pairs are asked for.

    `asked` are pairs, in any order, that are not to come again; `where` says over `Item` of which
    items the newest are taken, `Audience` what they may be compared with. `newest` is how many of
    them are looked at, None: every one.
    """

    kind: str
    limit: int
    seed: int = 0
    asked: frozenset[PairIds] = frozenset()
    where: ColumnElement[bool] | None = None
    newest: int | None = NEWEST


@dataclass(frozen=True)
class Suggestion:
    """A pair worth a verdict: `item_id` is the later one, `reason` why it is among those shown."""

    item_id: int
    other_id: int
    similarity: float
    score: float
    probability: float | None
    reason: SuggestionReason = "top"

    @property
    def pair(self) -> PairIds:
        """Return both ids, the later item's first."""
        return self.item_id, self.other_id

    @property
    def strength(self) -> float:
        """Return what pairs are ordered by: the probability where there is one, else the score."""
        return self.score if self.probability is None else self.probability


def suggest_pairs(
    session: Session,
    judge: Judge,
    audience: Audience,
    wanted: ReviewRequest,
    on_progress: Progress = no_progress,
) -> list[Suggestion]:
    """Return at most `limit` undecided pairs: top-scored and teaching ones by turns.

    The same database and `wanted` give the same pairs. Where it can be avoided no item comes twice.
    `on_progress` is called with how many items were looked at, and of how many.
    """
    matches = _matches(session, judge, audience, wanted, on_progress)
    return choose_suggestions(_candidates(session, matches, wanted), wanted.limit, wanted.seed)


def choose_suggestions(found: Sequence[Suggestion], limit: int, seed: int) -> list[Suggestion]:
    """Return half of `limit` by strength, and half of those that teach most.

    With a model these are nearest to a probability of one half (uncertainty sampling, Lewis & Gale
    1994). Without one nothing tells them apart, and they are drawn.
    """
    best = sorted(found, key=lambda one: (-one.strength, one.pair))
    halves: list[tuple[SuggestionReason, list[Suggestion], int]] = [
        ("top", best, (limit + 1) // 2),
        ("teaches", _teaching(found, seed), limit // 2),
    ]
    chosen: dict[PairIds, Suggestion] = {}
    # An item comes again only where there are too few others.
    for most_uses in (0, 2 * limit):
        for reason, candidates, size in halves:
            _take(chosen, candidates, reason, (size, most_uses))
    by_reason = [[one for one in chosen.values() if one.reason == half[0]] for half in halves]
    turns = chain.from_iterable(zip_longest(*by_reason))
    return [one for one in turns if one is not None]


def _take(
    chosen: dict[PairIds, Suggestion],
    candidates: Sequence[Suggestion],
    reason: SuggestionReason,
    limits: tuple[int, int],
) -> None:
    """Add candidates in order until `size` are there for a reason, where uses of items allow it."""
    size, most_uses = limits
    number = sum(one.reason == reason for one in chosen.values())
    uses = Counter(item_id for pair in chosen for item_id in pair)
    for one in candidates:
        if number >= size:
            return
        if one.pair not in chosen and max(uses[item_id] for item_id in one.pair) <= most_uses:
            chosen[one.pair] = replace(one, reason=reason)
            uses.update(one.pair)
            number += 1


def is_open(session: Session, pair: PairIds) -> bool:
    """Say whether nothing is decided on two items, nor follows from other decisions."""
    return not _Decided.of(session, pair).covers(pair)


def _teaching(found: Sequence[Suggestion], seed: int) -> list[Suggestion]:
    ordered = sorted(found, key=lambda one: one.pair)
    Random(seed).shuffle(ordered)  # noqa: S311 - no secret, and a seed repeats it
    return sorted(
        ordered, key=lambda one: 0.0 if one.probability is None else abs(one.probability - 0.5)
    )


def _matches(
    session: Session, judge: Judge, audience: Audience, wanted: ReviewRequest, on_progress: Progress
) -> dict[PairIds, Match]:
    """Return what is found for the newest items, by both ids."""
    among = true() if wanted.where is None else wanted.where
    newest = session.scalars(
        select(Item.id)
        .where(audience.items, among, Item.kind == wanted.kind, LIVE)
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(wanted.newest)
    ).all()
    found: dict[PairIds, Match] = {}
    for start in range(0, len(newest), BATCH):
        part = newest[start : start + BATCH]
        subjects = load_compared_items(session, judge.vectors, part)
        asked = [subjects[item_id] for item_id in part if item_id in subjects]
        ranked = judge.rank(session, asked, audience, REVIEW_LIMITS)
        for one, own in zip(asked, ranked, strict=True):
            found |= {(one.item_id or 0, match.item_id): match for match in own.matches}
        on_progress(start + len(part), len(newest))
    return found


def _candidates(
    session: Session, found: Mapping[PairIds, Match], wanted: ReviewRequest
) -> list[Suggestion]:
    """Return the undecided ones of these pairs, each once."""
    ids = {item_id for pair in found for item_id in pair}
    items = items_by_id(session, ids)
    decided = _Decided.of(session, ids)
    shut = {frozenset(pair) for pair in wanted.asked}
    return [
        Suggestion(*pair, match.similarity, match.score, match.probability)
        for pair, match in found.items()
        if _may_be_asked(items, pair) and frozenset(pair) not in shut and not decided.covers(pair)
    ]


def _may_be_asked(items: Mapping[int, Item], pair: PairIds) -> bool:
    """Say whether the second item came before the first, and not in the same Slack thread."""
    item, other = (items[item_id] for item_id in pair)
    if (other.created_at, other.id) > (item.created_at, item.id):
        return False  # the other one is the later: the pair is found from there
    ours, theirs = item.head_ts, other.head_ts
    return ours is None or (item.channel_id, ours) != (other.channel_id, theirs)


@dataclass(frozen=True)
class _Decided:
    """What people said of some items, as issues: who decides on one report decides on all."""

    issues: Mapping[int, int]
    pairs: frozenset[frozenset[int]]

    @classmethod
    def of(cls, session: Session, item_ids: Sequence[int] | set[int]) -> _Decided:
        near = connected(session, item_ids)
        verdicts = _verdicts(session, near)
        ends = {item_id for pair in verdicts for item_id in pair}
        issues = {
            item_id: group.root_id for item_id, group in groups_of(session, near | ends).items()
        }
        told = (frozenset(issues.get(one, one) for one in pair) for pair in verdicts)
        return cls(issues, frozenset(told))

    def covers(self, pair: PairIds) -> bool:
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
