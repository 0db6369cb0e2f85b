"""Answers come first: a ticket that was solved helps more than one that is still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.tryout import sample
from bot.wiring import Services
from models import Channel, Item, Workspace
from services.answers.item_view import ItemView, answered_first
from services.channels.audience import audience_of_channel
from services.issues.outcomes import AnswerRecord
from services.judgement.bands import Match, keep_an_answer
from services.judgement.noise_budget import MAX_ANSWERED, select_matches
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.text.slack.markup import clean_slack
from tests.remembering import START, channel, remember, ticket

DAYS = 24 * 60


@pytest.fixture
def embedder(model: SentenceTransformerEmbedder) -> SentenceTransformerEmbedder:
    """Judge by the real model."""
    return model


@pytest.fixture
def helpdesk(services: Services, workspace: Workspace) -> Channel:
    """Fill a channel with the tickets of the sample company."""
    place = channel(services, workspace, "C1")
    remember(services, workspace, [
        ticket(
            one.id, clean_slack(one.text), minutes=-round(one.days_ago * DAYS),
            channel_id=place.id, status=one.status, resolution=one.resolution,
        )
        for one in sample.tickets()
    ])  # fmt: skip
    return place


def matches_of(
    services: Services, workspace: Workspace, place: Channel, text: str
) -> list[tuple[str, str | None]]:
    """Return the ids and bands of what a new ticket repeats."""
    new = ticket("new", text, channel_id=place.id, ts="1700000000.0001")
    (saved,) = remember(services, workspace, [new])
    (judged,) = services.duplicates.judge_items([saved.item_id])
    with services.database.read() as session:
        return [
            (session.get_one(Item, match.item_id).external_id, match.band)
            for match in judged.matches
        ]


@pytest.mark.both_databases
def test_a_solved_ticket_is_shown_beside_a_closer_open_one(
    services: Services, workspace: Workspace, helpdesk: Channel
) -> None:
    """Its wording is further away than what is shown unless it has an answer."""
    found = matches_of(
        services, workspace, helpdesk, "E-41 on varmo, no heat at all since this morning"
    )
    assert found[0][0] == "t161"
    assert ("t012", "answered") in found
    # The answer to another code is none to this one.
    assert "t129" not in dict(found)


def test_an_answer_in_german_is_found(
    services: Services, workspace: Workspace, helpdesk: Channel
) -> None:
    """It is in the band of its similarity: nothing is said to be only possibly answered."""
    text = "Kunde meldet: nach einem Stromausfall blinkt der Hub 2 nur noch rot"
    found = matches_of(services, workspace, helpdesk, text)
    assert found[0][0] == "t042"
    assert "answered" not in dict(found).values()


def test_whoever_asks_gets_the_answer_among_few(
    services: Services, workspace: Workspace, helpdesk: Channel
) -> None:
    """The last place of a short list is for the first ticket with an answer."""
    found = services.similar.to_text(
        "E-41 on varmo, no heat", kind="ticket", audience=audience_of_channel(helpdesk), limit=1
    )
    with services.database.read() as session:
        assert [session.get_one(Item, one.item_id).external_id for one in found] == ["t012"]


def view(item_id: int, resolution: str | None, **more: object) -> ItemView:
    """Return an item as people see it."""
    shown = ItemView(
        item_id=item_id, title="x", status="open", created_at=START - timedelta(days=1), url=None,
        channel=None, similarity=0.9, band="similar", resolution=resolution,
    )  # fmt: skip
    return replace(shown, **more)  # type: ignore[arg-type]


def test_the_best_answered_one_leads_what_is_undecided() -> None:
    """What people decided keeps its place, and an answer that failed leads nothing."""
    failed = AnswerRecord(worked=0, failed=2)
    shown = [
        view(1, None, verdict="distinct"),
        view(2, None),
        view(3, "restart it", record=failed),
        view(4, "replace it"),
        view(5, "sell it"),
    ]
    assert [one.item_id for one in answered_first(shown)] == [1, 4, 2, 3, 5]
    assert answered_first(shown[:3]) == shown[:3]
    assert answered_first([]) == []


def match(item_id: int, *, is_answered: bool = False, **more: object) -> Match:
    """Return a match."""
    found = Match(item_id, 0.9, 0.9, None, "similar", 0.9, is_answered=is_answered)
    return replace(found, **more)  # type: ignore[arg-type]


def test_a_list_keeps_an_answer() -> None:
    """The first with an answer takes the last place if no other has one."""
    matches = [match(1), match(2), match(3), match(4, is_answered=True), match(5, is_answered=True)]
    assert [one.item_id for one in keep_an_answer(matches, 3)] == [1, 2, 4]
    assert [one.item_id for one in keep_an_answer(matches, 4)] == [1, 2, 3, 4]
    assert keep_an_answer(matches[:3], 2) == matches[:2]
    assert keep_an_answer([], 3) == []


@pytest.mark.parametrize(("answered", "is_shown"), [(0, True), (MAX_ANSWERED // 2, False)])
def test_what_may_answer_is_left_out_first(answered: int, *, is_shown: bool) -> None:
    """Where many tickets are answered already, it takes a closer match."""
    weak = match(1, band="answered", similarity=0.67)
    assert bool(select_matches([weak], answered)) == is_shown
