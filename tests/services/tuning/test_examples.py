"""What is learned from, what is held out, and what never meets in a batch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.errors import InputError
from services.search.indexes.contract import Candidate
from services.tuning.examples import (
    MIN_GROUPS,
    Decisions,
    hard_negatives,
    make_batches,
    split_decisions,
)
from tests.remembering import START

# Sixty groups of three: the items of group n are 3n, 3n + 1 and 3n + 2.
GROUPS = 60


def _decisions(
    rejected: tuple[tuple[int, int], ...] = (), related: tuple[tuple[int, int], ...] = ()
) -> Decisions:
    confirmed = [(3 * n, 3 * n + more) for n in range(GROUPS) for more in (1, 2)]
    arrivals = {item: START + timedelta(hours=item) for item in range(3 * GROUPS)}
    return Decisions(confirmed, rejected, related, arrivals)


def test_the_newest_groups_are_held_out_whole() -> None:
    """A fifth is measured on, a tenth of the rest stops in time, and no item is in two parts."""
    split = split_decisions(_decisions())
    assert split.held_out == [frozenset({3 * n, 3 * n + 1, 3 * n + 2}) for n in range(48, 60)]
    assert {item for pair in split.validation for item in pair} == set(range(129, 144))
    assert {item for pair in split.training for item in pair} == set(range(129))
    assert all(later > earlier for later, earlier in split.training)
    assert split.queries[150] == {151, 152}


def test_a_group_is_as_old_as_its_second_item() -> None:
    """A matter that comes back today is still learned from; one that began today is held out."""
    decisions = _decisions()
    arrivals = {**decisions.arrivals, 500: START + timedelta(days=99)}
    again = replace(decisions, confirmed=[*decisions.confirmed, (1, 500)], arrivals=arrivals)
    back = split_decisions(again)
    assert (500, 1) in back.training
    assert all(500 not in group for group in back.held_out)


def test_deleted_items_connect_and_are_neither_learned_from_nor_looked_for() -> None:
    """The pair is gone; what it connected stays the same, so it is told from nothing of it."""
    decisions = _decisions()
    deleted = {item: at for item, at in decisions.arrivals.items() if item not in {0, 177}}
    split = split_decisions(replace(decisions, arrivals=deleted))
    assert all(0 not in pair for pair in split.training)
    assert split.held_out[-1] == {178, 179}
    assert hard_negatives(split, {1: [Candidate(2, 0.5), Candidate(9, 0.4)]}) == {1: [9]}


@pytest.mark.parametrize("groups", [0, MIN_GROUPS - 1])
def test_too_little_is_told_with_what_it_takes(groups: int) -> None:
    """Also where there are only rejections."""
    few = replace(_decisions(), confirmed=_decisions().confirmed[: 2 * groups], rejected=[(0, 9)])
    with pytest.raises(InputError, match=f"{2 * groups} confirmed pairs in {groups} groups"):
        split_decisions(few)


def test_negatives_are_what_was_rejected_and_then_what_is_near() -> None:
    """Never what is the same, may be the same, is related, or is held out."""
    split = split_decisions(_decisions(rejected=((2, 60), (1, 178)), related=((0, 70),)))
    near = [Candidate(2, 0.8), Candidate(99, 0.95), Candidate(70, 0.7), Candidate(60, 0.6),
            Candidate(179, 0.6), Candidate(33, 0.5)]  # fmt: skip
    assert hard_negatives(split, {1: near}) == {1: [60, 33]}


def test_contradictory_verdicts_teach_nothing() -> None:
    """Two items of one group that were called different are counted, and no negatives."""
    split = split_decisions(_decisions(rejected=((1, 2),)))
    assert split.contradictory == 1
    assert hard_negatives(split, {1: [Candidate(9, 0.4)]}) == {1: [9]}


def test_no_group_is_twice_in_a_batch() -> None:
    """Each pair comes once an epoch; another epoch has another order and other negatives."""
    split = split_decisions(_decisions())
    # Each group has but two near others, of the next groups.
    negatives = {later: [(later + 3) % 129, (later + 6) % 129] for later, _ in split.training}
    epochs = [make_batches(split.training, negatives, split.group_of, 8, seed) for seed in (1, 2)]
    for batches in epochs:
        triplets = [triplet for batch in batches for triplet in batch]
        assert sorted((one.anchor, one.positive) for one in triplets) == sorted(split.training)
        for batch in batches:
            groups = [{split.group_of[one] for one in triplet.items} for triplet in batch]
            assert len(batch) <= 8
            assert len(set().union(*groups)) == 2 * len(batch)
    assert epochs[0] != epochs[1]
    assert make_batches(split.training, negatives, split.group_of, 8, 1) == epochs[0]


def test_pairs_without_a_negative_are_left_out() -> None:
    """Where nothing else is near, there is nothing to tell it from."""
    split = split_decisions(_decisions())
    assert make_batches(split.training, {1: [9]}, split.group_of, 8, 1)[0][0].items == (1, 0, 9)
    assert make_batches(split.training, {}, split.group_of, 8, 1) == []
