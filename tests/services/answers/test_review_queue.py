"""The review queue: the best match of each new item that nobody has decided on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.wiring import Services
from models import Workspace
from services.answers.review_queue import ReviewRequest, is_open, load_queue, suggest_pairs
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.issues.verdicts import decide, undo
from tests.calibrated import add_calibration, model_with_cut
from tests.remembering import START, channel, remember, ticket

TEXT = "the printer on the second floor prints blank pages"
WANTED = ReviewRequest("ticket", 20)


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


def test_each_item_is_asked_about_with_its_best_match(
    services: Services, workspace: Workspace
) -> None:
    """Of three alike two pairs are there, each with the later item first."""
    a, b, c = stored(services, workspace, 3)
    found = sorted(pairs(services, whole_workspace(workspace.id)))
    assert found in ([(b, a), (c, a)], [(b, a), (c, b)])


@pytest.mark.both_databases
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
    [(later, other)] = pairs(services, audience)
    assert later == c
    assert other in {a, b}


def test_what_was_asked_does_not_come_again(services: Services, workspace: Workspace) -> None:
    """Neither in this order nor in the other."""
    stored(services, workspace, 3)
    audience = whole_workspace(workspace.id)
    first, second = pairs(services, audience)
    asked = replace(WANTED, excluded=frozenset({first[::-1]}))
    assert pairs(services, audience, asked) == [second]


def test_the_limit_holds_and_no_item_comes_twice(services: Services, workspace: Workspace) -> None:
    """Of many pairs of the same items those are taken that share none, as long as there are any."""
    stored(services, workspace, 12)
    audience = whole_workspace(workspace.id)
    found = pairs(services, audience, replace(WANTED, limit=3))
    assert len(found) == 3
    assert found == pairs(services, audience, replace(WANTED, limit=3))
    assert len(pairs(services, audience)) == 11


@pytest.mark.both_databases
def test_pairs_are_ordered_by_what_was_learned(services: Services, workspace: Workspace) -> None:
    """Without a model by closeness; with one the queue knows what it was fitted to."""
    first, *others = stored(services, workspace, 8)
    audience = whole_workspace(workspace.id)
    with services.database.write() as session:
        decide(session, workspace.id, (first, others[0]), "distinct", by="U1", now=START)
    with services.database.read() as session:
        cold = load_queue(session, services.judge, audience, WANTED)
    assert len(cold.reviewed) == 1
    assert not cold.reviewed[0][1]
    assert [one.strength for one in cold.open] == sorted(
        (one.strength for one in cold.open), reverse=True
    )
    assert {one.probability for one in cold.open} == {None}
    add_calibration(services, workspace.id, model_with_cut(0.7))
    with services.database.read() as session:
        taught = load_queue(session, services.judge, audience, WANTED)
    assert taught.reviewed == [(0.7, True)] * 12
    assert all(one.probability is not None for one in taught.open)


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
    # The best match of the fourth is its own thread.
    assert (c, a) in pairs(services, audience_of_channel(public))
    assert not {(b, a), (c, b), (d, c), (d, b)}.intersection(
        pairs(services, audience_of_channel(public))
    )
    assert (b, a) in pairs(services, audience_of_channel(private))


def test_the_newest_are_looked_at_or_every_one(services: Services, workspace: Workspace) -> None:
    """Of the newest alone the older pairs are not found; who waits is told how far it is."""
    *_, d = stored(services, workspace, 4)
    audience, told = whole_workspace(workspace.id), list[tuple[int, int]]()
    assert [pair[0] for pair in pairs(services, audience, replace(WANTED, newest=1))] == [d]
    assert len(pairs(services, audience, replace(WANTED, newest=None))) == 3
    with services.database.read() as session:
        suggest_pairs(session, services.judge, audience, WANTED, lambda *far: told.append(far))
    assert told == [(4, 4)]
