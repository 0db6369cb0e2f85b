"""Planning answers: a limited share of tickets, and once per thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.wiring import Services
from models import Workspace
from services.answers.answer_plan import plan_answers
from services.judgement.bands import Match
from services.judgement.duplicates import JudgedItem
from services.judgement.noise_budget import ANSWER_WINDOW, MAX_ANSWERED
from tests.remembering import START, channel, remember, ticket


def tickets(
    services: Services, workspace: Workspace, number: int, *, in_thread: bool = False
) -> list[int]:
    """Store tickets of one channel and return their ids."""
    help_channel = channel(services, workspace, "C1")
    items = [
        ticket(
            f"{n}", f"ticket {n}", minutes=n, channel_id=help_channel.id, ts=f"{1000 + n}.000100",
            thread_ts="1000.000100" if in_thread else None,
        )
        for n in range(number)
    ]  # fmt: skip
    return [one.item_id for one in remember(services, workspace, items)]


def plan(services: Services, ids: list[int], match: Match) -> list[int]:
    """Plan answers to these items in one round, all with the same match."""
    judged = [JudgedItem(item_id, [match], [], []) for item_id in ids]
    with services.database.write() as session:
        return plan_answers(session, judged, START)


def test_few_of_any_hundred_consecutive_tickets_are_answered(
    services: Services, workspace: Workspace
) -> None:
    """It holds for large and small rounds; matches with a probability are always shown."""
    first, *others = tickets(services, workspace, 3 * ANSWER_WINDOW)
    similar = Match(first, 1.0, 1.0, None, "duplicate")
    answered = [
        *plan(services, others[: 2 * ANSWER_WINDOW], similar),
        *(
            item_id
            for one in others[2 * ANSWER_WINDOW :]
            for item_id in plan(services, [one], similar)
        ),
    ]
    is_answered = [item_id in set(answered) for item_id in others]
    windows = [
        sum(is_answered[n : n + ANSWER_WINDOW]) for n in range(len(is_answered) - ANSWER_WINDOW + 1)
    ]
    assert set(windows) == {MAX_ANSWERED}
    unanswered = [item_id for item_id in others if item_id not in set(answered)]
    sure = Match(first, 1.0, 1.0, 0.95, "duplicate")
    assert plan(services, unanswered, sure) == unanswered


@pytest.mark.both_databases
def test_a_thread_is_answered_once(services: Services, workspace: Workspace) -> None:
    """It is answered once if its tickets come in one round or in two."""
    first, second, third, fourth = tickets(services, workspace, 4, in_thread=True)
    match = Match(first, 1.0, 1.0, None, "duplicate")
    assert plan(services, [second, third], match) == [second]
    assert plan(services, [fourth], match) == []


@pytest.mark.both_databases
def test_a_thread_is_answered_once_by_two_workers_at_the_same_time(
    services: Services, workspace: Workspace
) -> None:
    """A worker that plans for a channel waits for another one, and counts what that has planned."""
    first, *others = tickets(services, workspace, 4, in_thread=True)
    match = Match(first, 1.0, 1.0, None, "duplicate")
    start = Barrier(len(others))

    def work(item_id: int) -> list[int]:
        start.wait()
        return plan(services, [item_id], match)

    with ThreadPoolExecutor(len(others)) as workers:
        answered = [item_id for planned in workers.map(work, others) for item_id in planned]
    assert len(answered) == 1
