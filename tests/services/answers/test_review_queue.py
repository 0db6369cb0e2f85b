"""Which pairs are asked about: half top-scored, half those that teach most."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.wiring import Services
from models import Workspace
from services.answers.review_queue import (
    ReviewRequest,
    Suggestion,
    choose_suggestions,
    is_open,
    suggest_pairs,
)
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.issues.verdicts import decide, undo
from tests.remembering import START, channel, remember, ticket

TEXT = "the printer on the second floor prints blank pages"
WANTED = ReviewRequest("ticket", 20)

# Pairs of a dozen items, as wild as they come: some items in many of them, with a model or without.
SHARE = st.floats(0, 1)
WILD = st.lists(
    st.sampled_from(list(combinations(range(12), 2))), unique=True, max_size=40
).flatmap(
    lambda pairs: st.booleans().flatmap(
        lambda has_model: st.tuples(
            *(
                st.builds(
                    Suggestion,
                    st.just(later),
                    st.just(earlier),
                    SHARE,
                    SHARE,
                    SHARE if has_model else st.none(),
                )
                for earlier, later in pairs
            )
        )
    )
)


def pairs(
    services: Services, audience: Audience, wanted: ReviewRequest = WANTED
) -> list[tuple[int, int]]:
    """Return the suggested pairs."""
    with services.database.read() as session:
        return [one.pair for one in suggest_pairs(session, services.judge, audience, wanted)]


def stored(services: Services, workspace: Workspace, number: int) -> list[int]:
    """Store as many nearly equal tickets, and return their ids."""
    items = [ticket(str(n), f"{TEXT} room{n}", minutes=n) for n in range(number)]
    return [one.item_id for one in remember(services, workspace, items)]


def candidates(number: int, probability: float | None = None) -> list[Suggestion]:
    """Return pairs without common items, the first the strongest."""
    return [Suggestion(2 * n + 2, 2 * n + 1, 0.5, 1 - n / 100, probability) for n in range(number)]


def test_each_pair_comes_once_the_later_item_first(
    services: Services, workspace: Workspace
) -> None:
    """Of three alike all three pairs are there, each with the later one first."""
    a, b, c = stored(services, workspace, 3)
    assert sorted(pairs(services, whole_workspace(workspace.id))) == [(b, a), (c, a), (c, b)]


def test_what_is_decided_or_follows_is_not_asked(services: Services, workspace: Workspace) -> None:
    """A verdict on one report of an issue counts for all of them; undone it is open again."""
    a, b, c = stored(services, workspace, 3)
    audience = whole_workspace(workspace.id)
    with services.database.write() as session:
        decide(session, workspace.id, (a, b), "duplicate", by="U1", now=START)
        decide(session, workspace.id, (c, a), "distinct", by="U1", now=START)
        assert not is_open(session, (c, b))
    assert pairs(services, audience) == []
    with services.database.write() as session:
        undo(session, (a, c), by="U1", now=START)
        assert is_open(session, (c, b))
    assert sorted(pairs(services, audience)) == [(c, a), (c, b)]


def test_what_was_asked_does_not_come_again(services: Services, workspace: Workspace) -> None:
    """Neither in this order nor in the other."""
    a, b, c = stored(services, workspace, 3)
    asked = replace(WANTED, excluded=frozenset({(a, b), (c, b)}))
    assert pairs(services, whole_workspace(workspace.id), asked) == [(c, a)]


def test_the_limit_holds_and_no_item_comes_twice(services: Services, workspace: Workspace) -> None:
    """Of many pairs of the same items those are taken that share none."""
    stored(services, workspace, 12)
    found = pairs(services, whole_workspace(workspace.id), replace(WANTED, limit=4))
    assert len(found) == 4
    assert max(Counter(item_id for pair in found for item_id in pair).values()) == 1
    assert found == pairs(services, whole_workspace(workspace.id), replace(WANTED, limit=4))


def test_a_place_names_what_its_readers_may_read(services: Services, workspace: Workspace) -> None:
    """A private channel's tickets are not among the pairs of a public one; threads are one."""
    public, private = (
        channel(services, workspace, "C1"),
        channel(services, workspace, "G1", private=True),
    )
    told = [
        ticket("a", TEXT, channel_id=public.id, ts="1700000000.0001"),
        ticket("b", TEXT, minutes=1, channel_id=private.id, ts="1700000001.0001"),
        ticket("c", TEXT, minutes=2, channel_id=public.id, ts="1700000002.0001"),
        ticket(
            "d", TEXT, minutes=3, channel_id=public.id, ts="1700000003.0001",
            thread_ts="1700000002.0001",
        ),
    ]  # fmt: skip
    a, b, c, d = (one.item_id for one in remember(services, workspace, told))
    assert sorted(pairs(services, audience_of_channel(public))) == [(c, a), (d, a)]
    assert (b, a) in pairs(services, audience_of_channel(private))


def test_half_is_strong_and_half_is_least_sure() -> None:
    """With a model the nearest to one half teach most; both kinds come by turns."""
    found = [replace(one, probability=1 - n / 20) for n, one in enumerate(candidates(20))]
    chosen = choose_suggestions(found, 6, seed=0)
    assert [one.reason for one in chosen] == ["top", "teaches"] * 3
    assert [one.probability for one in chosen if one.reason == "top"] == [1.0, 0.95, 0.9]
    unsure = [one.probability or 0.0 for one in chosen if one.reason == "teaches"]
    assert sorted(round(p, 2) for p in unsure) == [0.45, 0.5, 0.55]


def test_without_a_model_the_second_half_is_drawn() -> None:
    """Another seed draws others; the same seed the same, whatever the order they come in."""
    found = candidates(40)
    chosen = choose_suggestions(found, 10, seed=1)
    assert [one.item_id for one in chosen if one.reason == "top"] == [2, 4, 6, 8, 10]
    assert chosen == choose_suggestions(found[::-1], 10, seed=1)
    assert chosen != choose_suggestions(found, 10, seed=2)


def test_an_item_comes_again_where_there_is_no_other() -> None:
    """Three pairs of three items are all asked."""
    found = [Suggestion(b, a, 0.5, 0.5, None) for b, a in ((2, 1), (3, 1), (3, 2))]
    assert len(choose_suggestions(found, 4, seed=0)) == 3
    assert choose_suggestions([], 4, seed=0) == []


@given(WILD, st.integers(1, 12), st.integers(0, 3), st.randoms(use_true_random=False))
def test_every_choice_keeps_its_rules(
    found: tuple[Suggestion, ...], limit: int, seed: int, random: Random
) -> None:
    """As many as there are, at most half of a kind, each once, in no need of an order."""
    chosen = choose_suggestions(found, limit, seed)
    reasons = Counter(one.reason for one in chosen)
    assert reasons["top"] <= (limit + 1) // 2
    assert reasons["teaches"] <= limit // 2
    assert len(chosen) == len({one.pair for one in chosen})
    assert {one.pair for one in chosen} <= {one.pair for one in found}
    # A half that is not full leaves nothing.
    if reasons["top"] < (limit + 1) // 2 or reasons["teaches"] < limit // 2:
        assert len(chosen) == len(found)
    mixed = list(found)
    random.shuffle(mixed)
    assert chosen == choose_suggestions(mixed, limit, seed)


def test_the_newest_are_looked_at_or_every_one(services: Services, workspace: Workspace) -> None:
    """Of the newest alone the older pairs are not found; who waits is told how far it is."""
    a, b, c, d = stored(services, workspace, 4)
    place, told = whole_workspace(workspace.id), list[tuple[int, int]]()
    assert sorted(pairs(services, place, replace(WANTED, newest=1))) == [(d, a), (d, b), (d, c)]
    assert len(pairs(services, place, replace(WANTED, newest=None))) == 6
    with services.database.read() as session:
        suggest_pairs(session, services.judge, place, WANTED, lambda *far: told.append(far))
    assert told == [(4, 4)]
