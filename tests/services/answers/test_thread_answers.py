"""Planning answers: how much is said in a round, and once a thread."""

from __future__ import annotations

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
    place = channel(services, workspace, "C1")
    news = [
        ticket(
            f"{n}", f"ticket {n}", minutes=n, channel_id=place.id, ts=f"{1000 + n}.000100",
            thread_ts="1000.000100" if in_thread else None,
        )
        for n in range(number)
    ]  # fmt: skip
    return [one.item_id for one in remember(services, workspace, news)]


def plan(services: Services, ids: list[int], match: Match) -> list[int]:
    """Plan answers on these items in one round, all with the same match."""
    judged = [JudgedItem(item_id, [match], [], []) for item_id in ids]
    with services.database.write() as session:
        return plan_answers(session, judged, START)


def test_of_any_hundred_tickets_in_a_row_few_are_answered(
    services: Services, workspace: Workspace
) -> None:
    """In one large round as well as in many small ones; what a model promises is always said."""
    first, *others = tickets(services, workspace, 3 * ANSWER_WINDOW)
    alike = Match(first, 1.0, 1.0, None, "duplicate")
    answered = [
        *plan(services, others[: 2 * ANSWER_WINDOW], alike),
        *(
            item_id
            for one in others[2 * ANSWER_WINDOW :]
            for item_id in plan(services, [one], alike)
        ),
    ]
    said = [item_id in set(answered) for item_id in others]
    windows = [sum(said[n : n + ANSWER_WINDOW]) for n in range(len(said) - ANSWER_WINDOW + 1)]
    assert set(windows) == {MAX_ANSWERED}
    unsaid = [item_id for item_id in others if item_id not in set(answered)]
    sure = Match(first, 1.0, 1.0, 0.95, "duplicate")
    assert plan(services, unsaid, sure) == unsaid


def test_a_thread_is_answered_once(services: Services, workspace: Workspace) -> None:
    """Whether its tickets come in one round or in two."""
    first, second, third, fourth = tickets(services, workspace, 4, in_thread=True)
    match = Match(first, 1.0, 1.0, None, "duplicate")
    assert plan(services, [second, third], match) == [second]
    assert plan(services, [fourth], match) == []
