"""Replaying: what would have been said, who found it right, and what a budget makes of it."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Channel, Item, Workspace
from services.evaluation.replay import (
    FlaggedTicket,
    Replay,
    decided_flags,
    judge_past,
    least_likely,
    noise_budgets_of,
    ruled_out_flags,
    tickets_to_replay,
)
from services.issues.verdicts import decide
from services.judgement.bands import Band, Match
from services.judgement.noise_budget import ANSWER_WINDOW, MAX_ANSWERED
from tests.remembering import START, channel, remember, ticket

SAME = "The printer on the second floor prints blank pages"


def match(
    item_id: int, similarity: float, band: Band | None = "duplicate", chance: float | None = None
) -> Match:
    """Return a match."""
    return Match(item_id, similarity, similarity, chance, band)


def replayed(run: Replay, *found: list[Match]) -> list[FlaggedTicket | None]:
    """Replay tickets of one channel, with ids from 100 on."""
    return list(run.flagged((Item(id=100 + n, channel_id=1), one) for n, one in enumerate(found)))


def test_what_is_called_a_duplicate_heads_the_answer() -> None:
    """Even where what contradicts is more likely; a ticket without matches is passed over."""
    contradicts, same = match(1, 0.9, "similar", 0.97), match(2, 0.9, "duplicate", 0.93)
    assert replayed(Replay(), [contradicts, same], [], [contradicts]) == [
        FlaggedTicket(100, same),
        None,
        FlaggedTicket(102, contradicts),
    ]


def test_a_new_team_is_told_little_and_one_with_a_model_everything() -> None:
    """Of a window of tickets in a row at most the share is answered before there is a model."""
    cold = replayed(Replay(), *[[match(1, 1.0)]] * (ANSWER_WINDOW + 5))
    assert [one is not None for one in cold] == (
        [True] * MAX_ANSWERED + [False] * (ANSWER_WINDOW - MAX_ANSWERED) + [True] * 5
    )
    assert None not in replayed(Replay(), *[[match(1, 1.0, chance=0.95)]] * ANSWER_WINDOW)


def test_the_weakest_come_first() -> None:
    """The least likely, or before a model the least alike; equal ones in order of arrival."""
    known = [
        FlaggedTicket(n, match(1, 0.9, chance=chance)) for n, chance in enumerate((0.9, 0.4, 0.4))
    ]
    assert [one.item_id for one in least_likely(known, 2)] == [1, 2]
    cold = [FlaggedTicket(n, match(1, similarity)) for n, similarity in enumerate((0.99, 0.8))]
    assert [one.item_id for one in least_likely(cold, 10)] == [1, 0]


def test_of_each_ticket_the_surest_flag_counts() -> None:
    """A ruled-out one that was surer makes it wrong; one that is not decided says nothing."""
    flagged = [
        FlaggedTicket(10, match(1, 0.9)),
        FlaggedTicket(11, match(1, 0.9)),
        FlaggedTicket(12, match(1, 0.9)),
        FlaggedTicket(13, match(1, 0.9, "similar")),
    ]
    ruled_out = [FlaggedTicket(11, match(2, 0.95)), FlaggedTicket(10, match(2, 0.8))]
    verdicts = {(1, 10): "duplicate", (1, 11): "duplicate", (2, 11): "distinct", (1, 13): "related"}
    assert decided_flags(flagged, ruled_out, verdicts) == {
        10: True,
        11: False,
    }


@pytest.fixture
def here(services: Services, workspace: Workspace) -> Channel:
    """Add a channel."""
    return channel(services, workspace, "C1")


def test_what_people_ruled_out_counts_as_wrong(
    services: Services, workspace: Workspace, here: Channel
) -> None:
    """It is not said again, but it would have been; what is not readable or alike would not."""
    private = channel(services, workspace, "C2", private=True)
    first, again, other, hidden = (
        one.item_id
        for one in remember(
            services,
            workspace,
            [
                ticket("1", SAME, channel_id=here.id),
                ticket("2", SAME, minutes=3, channel_id=here.id),
                ticket("3", "My laptop does not start", minutes=2, channel_id=here.id),
                ticket("4", SAME, minutes=1, channel_id=private.id),
            ],
        )
    )
    with services.database.write() as session:
        for one in (first, other, hidden):
            decide(session, workspace.id, (one, again), "distinct", by="U1", now=START)
    run = Replay()
    *_, last = run.flagged(
        judge_past(services.duplicates, tickets_to_replay(services.database, workspace.id))
    )
    assert last is None
    with services.database.read() as session:
        judge = services.judge
        (wrong,) = ruled_out_flags(session, judge, workspace.id, run.channels)
        assert (wrong.item_id, wrong.match.item_id) == (again, first)
        assert ruled_out_flags(session, judge, workspace.id, {first: here.id}) == []


@pytest.mark.both_databases
def test_a_budget_is_held_against_each_channel(services: Services, here: Channel) -> None:
    """Where too many decided flags are wrong the bot would be quiet; channels without any: none."""
    flags = {n: n % 2 == 0 for n in range(20)}
    channels: dict[int, int | None] = {n: here.id if n < 10 else None for n in range(40)}
    with services.database.write() as session:
        session.get_one(Channel, here.id).noise_budget = 5
    with services.database.read() as session:
        (first, of_first), (second, of_second) = noise_budgets_of(session, flags, channels)
        assert first is not None
        assert (first.id, of_first.wrong_in_ten, of_first.is_kept) == (here.id, 5, True)
        assert (second, of_second.wrong_in_ten, of_second.is_kept) == (None, 1, False)
        assert noise_budgets_of(session, {}, channels) == []
