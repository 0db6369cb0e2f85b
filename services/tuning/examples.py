"""What a model learns from, and what it is measured on. Pure: no database.

Groups are split by time: the newest are held out, and no item of theirs is learned from. A model
learns that the two items of a confirmed pair are nearer to each other than to a third item, which
people rejected or which is merely near, and than to those of other groups in the same batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from services.errors import InputError
from services.issues.groups import ConnectedComponents, PairIds
from services.search.indexes.contract import Candidate

# With fewer, the held-out part proves nothing, and little is learned.
MIN_PAIRS, MIN_GROUPS = 100, 50

# Shares of the groups: the newest are held out to measure on, those before say when to stop.
HELD_OUT, VALIDATION = 0.2, 0.1

# Items in the held-out groups: more would narrow the interval further than the margin needs.
MAX_HELD_OUT = 400

# Pairs that are learned from, the newest: an epoch must end within hours on the slowest machine.
MAX_PAIRS = 10_000

# A nearer item that nobody has decided on may well be the same: it is no negative.
MAX_SIMILARITY = 0.9


@dataclass(frozen=True)
class Decisions:
    """What people decided, as pairs of ids; `arrivals` are those of the items that can be compared.

    `related` pairs are neither the same nor apart: nothing is learned from them.
    """

    confirmed: Sequence[PairIds]
    rejected: Sequence[PairIds]
    related: Sequence[PairIds]
    arrivals: Mapping[int, datetime]

    def is_known(self, pair: PairIds) -> bool:
        """Say whether both items can be compared."""
        return pair[0] in self.arrivals and pair[1] in self.arrivals


@dataclass(frozen=True)
class Split:
    """Confirmed pairs (later item first) to learn from and to stop by, and groups to measure on.

    `group_of` has the group of each item that is in one, deleted ones too; `rejected` and `related`
    have what was decided on a group and an item outside it, by group. `contradictory` counts
    rejected pairs inside a group, from which nothing is learned.
    """

    training: list[PairIds]
    validation: list[PairIds]
    held_out: list[frozenset[int]]
    group_of: Mapping[int, int]
    rejected: Mapping[int, list[int]]
    related: Mapping[int, list[int]]
    contradictory: int

    @property
    def queries(self) -> dict[int, set[int]]:
        """The held-out items, each with those that are the same."""
        return {one: set(group - {one}) for group in self.held_out for one in sorted(group)}


@dataclass(frozen=True)
class Triplet:
    """An item, one that is the same, and one that is not."""

    anchor: int
    positive: int
    negative: int

    @property
    def items(self) -> tuple[int, int, int]:
        """The ids of all three."""
        return self.anchor, self.positive, self.negative


def split_decisions(decisions: Decisions) -> Split:
    """Split the groups by the time at which they came to be: when their second item arrived.

    Raises `InputError` if there are too few to learn from.
    """
    graph = ConnectedComponents()
    for pair in decisions.confirmed:
        graph.add_edge(pair)
    group_of = {item: min(nodes) for nodes in graph.components() for item in nodes}
    known = [pair for pair in decisions.confirmed if decisions.is_known(pair)]
    groups = _by_time(graph, decisions)
    _ensure_enough(len(known), len(groups))
    held_out, before = _newest(groups, HELD_OUT)
    validation, training = _newest(before, VALIDATION)
    return Split(
        training=_pairs_of(training, known, decisions)[-MAX_PAIRS:],
        validation=_pairs_of(validation, known, decisions),
        held_out=[frozenset(group) for group in held_out],
        group_of=group_of,
        rejected=_by_group(filter(decisions.is_known, decisions.rejected), group_of),
        related=_by_group(decisions.related, group_of),
        contradictory=sum(
            one in group_of and group_of[one] == group_of.get(other)
            for one, other in decisions.rejected
        ),
    )


def _by_time(graph: ConnectedComponents, decisions: Decisions) -> list[list[int]]:
    """Return the items of each group in order of arrival, the groups in that of their second."""

    def arrival(item: int) -> tuple[datetime, int]:
        return decisions.arrivals[item], item

    ordered = [
        sorted(nodes & decisions.arrivals.keys(), key=arrival) for nodes in graph.components()
    ]
    return sorted((one for one in ordered if len(one) > 1), key=lambda one: arrival(one[1]))


def _ensure_enough(pairs: int, groups: int) -> None:
    if pairs < MIN_PAIRS or groups < MIN_GROUPS:
        raise InputError(
            f"Too little was decided to learn from: {pairs:,} confirmed pairs in {groups:,} "
            f"groups. It takes {MIN_PAIRS} in {MIN_GROUPS}; `deja review` asks for more."
        )


def _newest(groups: list[list[int]], share: float) -> tuple[list[list[int]], list[list[int]]]:
    """Return the newest groups and those before them."""
    number = max(round(share * len(groups)), 1)
    while number > 1 and sum(map(len, groups[-number:])) > MAX_HELD_OUT:
        number -= 1
    return groups[-number:], groups[:-number]


def _pairs_of(
    groups: list[list[int]], known: Sequence[PairIds], decisions: Decisions
) -> list[PairIds]:
    """Return the confirmed pairs in some groups, the later item first, in order of arrival."""
    items = {item for group in groups for item in group}
    arrivals = decisions.arrivals
    ordered = [sorted(pair, key=lambda one: (arrivals[one], one)) for pair in known]
    pairs = [(later, earlier) for earlier, later in ordered if later in items]
    return sorted(pairs, key=lambda pair: (arrivals[pair[0]], pair))


def _by_group(pairs: Iterable[PairIds], group_of: Mapping[int, int]) -> dict[int, list[int]]:
    """Return the items on the other side of pairs that lead out of a group, by group."""
    found: dict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        for one, other in (pair, pair[::-1]):
            group = group_of.get(one)
            if group is not None and group_of.get(other) != group and other not in found[group]:
                found[group].append(other)
    return dict(found)


def hard_negatives(
    split: Split, nearest: Mapping[int, Sequence[Candidate]]
) -> dict[int, list[int]]:
    """Return what an item is to be told from, by item: what was rejected, then what is nearest.

    `nearest` are those of each item by meaning. No held-out item is among them, nor one that is or
    may be the same.
    """
    held_out = frozenset().union(*split.held_out)
    found = {}
    for item, candidates in nearest.items():
        group = split.group_of[item]
        left_out = held_out.union(split.related.get(group, ()))
        near = [
            one.item_id
            for one in candidates
            if one.similarity < MAX_SIMILARITY
            and one.item_id not in left_out
            and split.group_of.get(one.item_id) != group
        ]
        rejected = [one for one in split.rejected.get(group, ()) if one not in held_out]
        found[item] = list(dict.fromkeys([*rejected, *near]))
    return found


def make_batches(
    pairs: Sequence[PairIds],
    negatives: Mapping[int, Sequence[int]],
    group_of: Mapping[int, int],
    size: int,
    seed: int,
) -> list[list[Triplet]]:
    """Return one epoch: each pair once, and no group twice in a batch.

    Every other item in a batch is therefore a negative as well. Another `seed` gives another order
    and other negatives. Pairs without a negative are left out.
    """
    random = Random(seed)  # noqa: S311 - no secret
    waiting = [pair for pair in pairs if negatives.get(pair[0])]
    random.shuffle(waiting)
    batches = []
    while waiting:
        batch: list[Triplet] = []
        taken: set[int] = set()
        left = []
        for pair in waiting:
            own = negatives[pair[0]]
            at = seed % len(own)
            triplet = None
            if len(batch) < size:
                triplet = _fitting(pair, [*own[at:], *own[:at]], group_of, taken)
            if triplet is None:
                left.append(pair)
            else:
                batch.append(triplet)
                taken.update(group_of.get(one, -one) for one in triplet.items)
        batches.append(batch)
        waiting = left
    return batches


def _fitting(
    pair: PairIds, negatives: Iterable[int], group_of: Mapping[int, int], taken: set[int]
) -> Triplet | None:
    if group_of[pair[0]] in taken:
        return None
    for one in negatives:
        if group_of.get(one, -one) not in taken:
            return Triplet(*pair, one)
    return None
