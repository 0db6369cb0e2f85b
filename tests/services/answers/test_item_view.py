"""An answer names an issue once, by its first report, and counts what its readers may read."""

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
    """Add the channel in which is answered."""
    return channel(services, workspace, "C1")


def tickets(services: Services, workspace: Workspace, place: Channel, number: int) -> list[int]:
    """Store tickets of a channel, the earliest first."""
    items = [
        ticket(
            f"{place.slack_id}-{n}", f"{TEXT} {n}", minutes=n, channel_id=place.id,
            ts=f"17000000{n:02}.000100",
        )
        for n in range(number)
    ]  # fmt: skip
    return [saved.item_id for saved in remember(services, workspace, items)]


def answered(services: Services, item_id: int, candidates: Sequence[int]) -> None:
    """Plan an answer on an item that names these, the best first."""
    matches = [Match(other, 0.9, 1.0, None, "duplicate") for other in candidates]
    with services.database.write() as session:
        assert plan_answers(session, [JudgedItem(item_id, matches, [], [])], NOW) == [item_id]


def shown(services: Services, item_id: int) -> list[ItemView]:
    """Return what the answer on an item shows."""
    with services.database.read() as session:
        view = view_answer(session, item_id)
    assert view is not None
    return view.shown


def same(services: Services, workspace: Workspace, *pairs: PairIds) -> None:
    """Say of pairs that they are the same issue."""
    with services.database.write() as session:
        for pair in pairs:
            decide(session, workspace.id, pair, "duplicate", by="U1", now=NOW)


def test_candidates_of_one_issue_are_named_once(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """The best stays, with the first report and how many there are; undone, all are back."""
    first, second, third, other, asked = tickets(services, workspace, public, 5)
    answered(services, asked, [third, second, other])
    assert [one.item_id for one in shown(services, asked)] == [third, second, other]
    assert all(one.group_size == 0 and one.root is None for one in shown(services, asked))
    same(services, workspace, (third, second), (second, first))
    best, alone = shown(services, asked)
    assert (best.item_id, best.group_size, alone.item_id) == (third, 3, other)
    assert best.root is not None
    assert (best.root.item_id, best.root.title) == (first, f"{TEXT} 0")
    assert (alone.group_size, alone.root) == (0, None)
    with services.database.write() as session:
        undo(session, (third, second), by="U1", now=NOW)
    assert [one.item_id for one in shown(services, asked)] == [third, second, other]


def test_what_is_decided_stands_for_its_issue(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """After *Same issue* the others of that issue are not asked about; the decision stays."""
    first, second, asked = tickets(services, workspace, public, 3)
    answered(services, asked, [second, first])
    same(services, workspace, (second, first), (asked, first))
    [decided] = shown(services, asked)
    assert (decided.item_id, decided.verdict, decided.group_size) == (first, "duplicate", 3)
    assert decided.root is None


def test_an_answer_never_ends_up_empty(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """What was decided elsewhere leaves the best candidate of the issue in its place."""
    first, second, asked = tickets(services, workspace, public, 3)
    answered(services, asked, [second])
    same(services, workspace, (second, first), (asked, first))
    assert [one.item_id for one in shown(services, asked)] == [second]


def test_hidden_reports_are_neither_counted_nor_named(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """A private channel's report is no root and no number; with it alone there are no reports."""
    private = channel(services, workspace, "G1", private=True)
    hidden = tickets(services, workspace, private, 2)
    items = [
        ticket(f"T-{n}", TEXT, minutes=9 + n, channel_id=public.id, ts=f"18000000{n:02}.000100")
        for n in range(3)
    ]
    first, second, asked = (saved.item_id for saved in remember(services, workspace, items))
    answered(services, asked, [second])
    same(services, workspace, (second, hidden[0]), (hidden[0], hidden[1]))
    [one] = shown(services, asked)
    assert (one.group_size, one.root) == (0, None)
    same(services, workspace, (second, first))
    [one] = shown(services, asked)
    assert one.group_size == 2
    assert one.root is not None
    assert one.root.item_id == first
    with services.database.read() as session:
        found = reports_of(session, [second], readable_in(private))
        assert (found[second].size, found[second].root.item_id) == (4, hidden[0])


def test_what_its_issue_s_first_report_says_counts_as_solved(
    services: Services, workspace: Workspace, public: Channel
) -> None:
    """The answer of the first report is that of all."""
    items = [
        ticket("T-1", TEXT, channel_id=public.id, resolution="Replace the drum.", status="closed"),
        ticket("T-2", TEXT, minutes=1, channel_id=public.id),
        ticket("T-3", TEXT, minutes=2, channel_id=public.id, ts="1800000000.000100"),
    ]
    first, second, asked = (saved.item_id for saved in remember(services, workspace, items))
    answered(services, asked, [second])
    assert not shown(services, asked)[0].is_solved
    same(services, workspace, (second, first))
    [one] = shown(services, asked)
    assert one.is_solved
    assert (one.resolution, one.answer) == (None, "Replace the drum.")
