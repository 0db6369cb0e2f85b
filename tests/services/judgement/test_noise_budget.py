"""Promises: how many wrong flags are accepted, and what follows from the clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sqlalchemy import select

from bot.wiring import Services
from models import Answer, Change, Channel, Item, ShownMatch, Workspace
from services.issues.verdict_rules import Decision
from services.issues.verdicts import decide
from services.judgement.bands import Match
from services.judgement.noise_budget import (
    MAX_ANSWERED,
    MAX_REQUIRED_SIMILARITY,
    AnswerLimiter,
    answer_load,
    channels_over_budget,
    noise_budget_after,
    noise_budget_of,
    select_matches,
    set_budget,
)
from tests.remembering import START, channel, remember, ticket


def flags(right: int, wrong: int) -> list[bool]:
    """Return whether decided flags were right."""
    return [True] * right + [False] * wrong


def test_a_promise_is_broken_when_chance_is_no_excuse() -> None:
    """Eight of ten may be bad luck, six of ten is not; a larger budget bears more."""
    assert noise_budget_after(1, flags(8, 2)).is_kept
    assert not noise_budget_after(1, flags(6, 4)).is_kept
    assert noise_budget_after(4, flags(6, 4)).is_kept
    assert noise_budget_after(1, flags(0, 9)).is_kept  # too few to say


@given(st.integers(0, 5), st.integers(10, 50), st.floats(0, 1))
def test_the_budget_is_kept_while_wilsons_interval_reaches_it(
    budget: int, count: int, share: float
) -> None:
    """The budget is kept as long as scipy's interval of the precision reaches the target."""
    right = round(share * count)
    upper = binomtest(right, count).proportion_ci(0.8, method="wilson").high
    assert noise_budget_after(budget, flags(right, count - right)).is_kept == (
        upper >= (0.99 if budget == 0 else 1 - budget / 10)
    )


def test_the_bar_rises_with_what_was_said() -> None:
    """The more was answered, the more alike a ticket must be; at the share's end all is silence."""
    alike, twice = Match(1, 0.8, 0, None, "similar"), Match(2, 0.9, 0, None, "duplicate")
    assert select_matches([alike, twice], 0) == [alike, twice]
    assert select_matches([alike, twice], MAX_ANSWERED - 5) == [twice]
    assert (
        select_matches([Match(3, MAX_REQUIRED_SIMILARITY, 0, None, "similar")], MAX_ANSWERED - 1)
        != []
    )
    assert select_matches([alike, twice], MAX_ANSWERED) == []


def test_what_a_model_calls_a_duplicate_is_always_told() -> None:
    """Its share of errors is promised; what is merely alike keeps to its share of the tickets."""
    alike, twice = Match(1, 0.8, 0, 0.5, "similar"), Match(2, 0.9, 0, 0.95, "duplicate")
    assert select_matches([twice, alike], 0) == [twice, alike]
    assert select_matches([twice, alike], MAX_ANSWERED // 2) == [twice]
    assert select_matches([twice, alike], MAX_ANSWERED) == [twice]


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_only_what_people_reject_is_limited(confirmed: int, rejected: int, open_: int) -> None:
    """Before anybody decides all answers count; rejected ones always, confirmed ones never."""
    answered = confirmed + rejected + open_
    load = answer_load(answered, confirmed, rejected)
    assert rejected <= load <= rejected + open_
    assert answer_load(open_, 0, 0) == open_
    assert answer_load(answered + 1, confirmed + 1, rejected) <= load
    assert answer_load(answered + 1, confirmed, rejected + 1) >= load


@pytest.fixture
def place(services: Services, workspace: Workspace) -> Channel:
    """Add a channel with twelve flags."""
    added = channel(services, workspace, "C1")
    ids = [
        one.item_id
        for one in remember(
            services,
            workspace,
            [ticket(f"{n}", f"ticket {n}", minutes=n, channel_id=added.id) for n in range(13)],
        )
    ]
    with services.database.write() as session:
        for item_id in ids[1:]:
            match = ShownMatch(item_id=ids[0], position=0, similarity=0.9, band="duplicate")
            session.add(
                Answer(
                    item_id=item_id, channel_id=added.id, thread_ts=str(item_id),
                    created_at=START, matches=[match],
                )
            )  # fmt: skip
    return added


@pytest.mark.both_databases
def test_too_many_wrong_flags_silence_a_channel(
    services: Services, workspace: Workspace, place: Channel
) -> None:
    """Ruled-out flags break the promise; the bot is quiet there until the budget bears them."""
    match = Match(1, 1.0, 1.0, None, "duplicate")
    with services.database.write() as session:
        first, *others = session.scalars(select(Item.id).order_by(Item.id)).all()
        for item_id in others:
            decide(session, workspace.id, (item_id, first), "distinct", by="U1", now=START)
        stored = session.get_one(Channel, place.id)
        assert not noise_budget_of(session, stored).is_kept
        assert [one.id for one in channels_over_budget(session, workspace.id)] == [place.id]
        assert AnswerLimiter(session, stored, 1).select("9", [match]) == []
        assert noise_budget_of(session, stored).decided == 12


def test_a_channel_that_keeps_its_promise_speaks(
    services: Services, workspace: Workspace, place: Channel
) -> None:
    """Confirmed flags count as right; a muted channel is told nothing all the same."""
    match = Match(1, 1.0, 1.0, None, "duplicate")
    with services.database.write() as session:
        first, *others = session.scalars(select(Item.id).order_by(Item.id)).all()
        for item_id in others:
            decide(session, workspace.id, (item_id, first), "duplicate", by="U1", now=START)
        stored = session.get_one(Channel, place.id)
        found = noise_budget_of(session, stored)
        assert (found.decided, found.right, found.is_kept) == (12, 12, True)
        assert AnswerLimiter(session, stored, 1).select("9", [match]) == [match]
        stored.muted_at = START + timedelta(days=1)
        assert AnswerLimiter(session, stored, 1).select("9", [match]) == []


def test_a_hundred_confirmed_answers_in_a_row_are_not_too_many(
    services: Services, workspace: Workspace
) -> None:
    """A channel that confirms what it is shown is answered on; one that rejects it falls silent."""
    match, last = Match(1, 1.0, 1.0, None, "duplicate"), f"{1_700_000_000 + 200}.0"
    cases: list[tuple[str, Decision, bool]] = [
        ("C1", "duplicate", True),
        ("C2", "distinct", False),
    ]
    for slack_id, verdict, is_answered in cases:
        added = _answered_channel(services, workspace, slack_id, verdict)
        with services.database.read() as session:
            limiter = AnswerLimiter(session, session.get_one(Channel, added.id), 1)
            assert bool(limiter.select(last, [match])) is is_answered


def _answered_channel(
    services: Services, workspace: Workspace, slack_id: str, verdict: Decision
) -> Channel:
    """Add a channel in which all of a hundred tickets were answered and decided on."""
    added = channel(services, workspace, slack_id)
    ids = [
        one.item_id
        for one in remember(
            services,
            workspace,
            [
                ticket(
                    f"{slack_id}-{n}", f"ticket {n}", minutes=n, channel_id=added.id,
                    ts=f"{1_700_000_000 + n}.0",
                )
                for n in range(101)
            ],
        )
    ]  # fmt: skip
    with services.database.write() as session:
        # Of answers as merely similar no noise budget speaks.
        session.add_all(
            Answer(
                item_id=item_id, channel_id=added.id, thread_ts=str(item_id), created_at=START,
                matches=[ShownMatch(item_id=ids[0], position=0, similarity=0.9, band="similar")],
            )
            for item_id in ids[1:]
        )  # fmt: skip
        for item_id in ids[1:]:
            decide(session, workspace.id, (item_id, ids[0]), verdict, by="U1", now=START)
    return added


def test_a_budget_is_on_record_once(services: Services, place: Channel) -> None:
    """Who changed it, from what to what; the same again is no change."""
    with services.database.write() as session:
        stored = session.get_one(Channel, place.id)
        for number in (2, 2):
            set_budget(session, stored, number, by="ana", now=START)
        (change,) = session.scalars(select(Change)).all()
        assert (change.setting, change.before, change.after, change.changed_by) == (
            "noise budget", "1", "2", "ana",
        )  # fmt: skip
