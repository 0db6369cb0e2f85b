"""An answer names an issue once, with its first report, and counts only readable reports."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.wiring import Services
from models import Channel, Workspace
from services.answers.answer_plan import plan_answers
from services.answers.item_view import ItemView, reports_of
from services.answers.thread_answers import view_answer
from services.channels.audience import readable_in
from services.issues.groups import PairIds
from services.issues.verdicts import decide, undo
from services.judgement.bands import Match
from services.judgement.duplicates import JudgedItem
from tests.conftest import NOW
from tests.remembering import channel, remember, ticket

TEXT = "the printer prints blank pages"


@pytest.fixture
def public(services: Services, workspace: Workspace) -> Channel:
    """Add the channel of the answers."""
    return channel(services, workspace, "C1")


def tickets(
    services: Services, workspace: Workspace, in_channel: Channel, number: int
) -> list[int]:
    """Store tickets of a channel, the earliest first."""
    items = [
        ticket(
            f"{in_channel.slack_id}-{n}", f"{TEXT} {n}", minutes=n, channel_id=in_channel.id,
            ts=f"17000000{n:02}.000100",
        )
        for n in range(number)
    ]  # fmt: skip
    return [saved.item_id for saved in remember(services, workspace, items)]


def plan_answer(services: Services, item_id: int, candidates: Sequence[int]) -> None:
    """Plan an answer to an item with these candidates, the best first."""
    matches = [Match(other, 0.9, 1.0, None, "duplicate") for other in candidates]
    with services.database.write() as session:
        assert plan_answers(session, [JudgedItem(item_id, matches, [], [])], NOW) == [item_id]


def shown_candidates(services: Services, item_id: int) -> list[ItemView]:
    """Return the candidates that the answer to an item shows."""
    with services.database.read() as session:
        view = view_answer(session, item_id)
    assert view is not None
    return view.shown


def mark_same(services: Services, workspace: Workspace, *pairs: PairIds) -> None:
    """Decide that pairs are the same issue."""
    with services.database.write() as session:
        for pair in pairs:
            decide(session, workspace.id, pair, "duplicate", by="U1", now=NOW)


@pytest.mark.both_databases
def test_candidates_of_one_issue_are_named_once(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """The best stays, with the first report and the number; if undone, all are back."""
    first, second, third, other, asked = tickets(services, workspace, public, 5)
    plan_answer(services, asked, [third, second, other])
    assert [one.item_id for one in shown_candidates(services, asked)] == [third, second, other]
    assert all(
        one.group_size == 0 and one.root is None for one in shown_candidates(services, asked)
    )
    mark_same(services, workspace, (third, second), (second, first))
    best, alone = shown_candidates(services, asked)
    assert (best.item_id, best.group_size, alone.item_id) == (third, 3, other)
    assert best.root is not None
    assert (best.root.item_id, best.root.title) == (first, f"{TEXT} 0")
    assert (alone.group_size, alone.root) == (0, None)
    with services.database.write() as session:
        undo(session, (third, second), by="U1", now=NOW)
    assert [one.item_id for one in shown_candidates(services, asked)] == [third, second, other]


def test_a_decided_candidate_represents_its_issue(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """After *Same issue* other reports of that issue are not shown any more."""
    first, second, asked = tickets(services, workspace, public, 3)
    plan_answer(services, asked, [second, first])
    mark_same(services, workspace, (second, first), (asked, first))
    [decided] = shown_candidates(services, asked)
    assert (decided.item_id, decided.verdict, decided.group_size) == (first, "duplicate", 3)
    assert decided.root is None


def test_an_answer_always_has_a_candidate(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """A decision elsewhere leaves the issue's best candidate in place."""
    first, second, asked = tickets(services, workspace, public, 3)
    plan_answer(services, asked, [second])
    mark_same(services, workspace, (second, first), (asked, first))
    assert [one.item_id for one in shown_candidates(services, asked)] == [second]


def test_hidden_reports_are_neither_counted_nor_named(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """A private channel's report is neither the root nor counted, and alone makes no group."""
    private = channel(services, workspace, "G1", private=True)
    hidden = tickets(services, workspace, private, 2)
    items = [
        ticket(f"T-{n}", TEXT, minutes=9 + n, channel_id=public.id, ts=f"18000000{n:02}.000100")
        for n in range(3)
    ]
    first, second, asked = (saved.item_id for saved in remember(services, workspace, items))
    plan_answer(services, asked, [second])
    mark_same(services, workspace, (second, hidden[0]), (hidden[0], hidden[1]))
    [one] = shown_candidates(services, asked)
    assert (one.group_size, one.root) == (0, None)
    mark_same(services, workspace, (second, first))
    [one] = shown_candidates(services, asked)
    assert one.group_size == 2
    assert one.root is not None
    assert one.root.item_id == first
    with services.database.read() as session:
        found = reports_of(session, [second], readable_in(private))
        assert (found[second].size, found[second].root.item_id) == (4, hidden[0])


def test_a_candidate_is_solved_if_its_first_report_is(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """The first report's answer is that of all reports."""
    items = [
        ticket("T-1", TEXT, channel_id=public.id, resolution="Replace the drum.", status="closed"),
        ticket("T-2", TEXT, minutes=1, channel_id=public.id),
        ticket("T-3", TEXT, minutes=2, channel_id=public.id, ts="1800000000.000100"),
    ]
    first, second, asked = (saved.item_id for saved in remember(services, workspace, items))
    plan_answer(services, asked, [second])
    assert not shown_candidates(services, asked)[0].is_solved
    mark_same(services, workspace, (second, first))
    [one] = shown_candidates(services, asked)
    assert one.is_solved
    assert (one.resolution, one.answer) == (None, "Replace the drum.")
