"""Slack's limits at their edges: the longest texts, in every language."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.blocks.home import NOTHING_LEARNED, Health, TeamHome, admin_view, home_view
from bot.blocks.inspection import Followed, Inspection, Joined, Overridden, inspection_reply
from bot.blocks.mark_duplicate import OPTION_LENGTH, option
from bot.blocks.new_issue import MAX_PLACES, issue_view
from bot.blocks.products import products_reply
from bot.blocks.sender_choice import MAX_OPTIONS, SenderChoice
from bot.blocks.settings_form import settings_view
from bot.i18n.texts import Texts
from bot.slack.simpler_blocks import simpler_versions
from models import Item
from models.workspaces import MAX_EMOJI_LENGTH
from services.answers.overview import CalibrationSummary, ChannelBehaviour, IssueSummary
from services.answers.track_record import HelpfulAnswer
from services.answers.week import Week
from services.channels.issue_sources import IssuePlace
from services.channels.quiet_hours import QuietHours
from services.channels.settings import (
    LANGUAGES,
    MAX_PHRASES,
    PHRASE_LENGTH,
    ChannelSettings,
    Language,
)
from services.evaluation.proof_checks import ProofCheck
from services.intake.classify import TALK
from services.issues.outcomes import AnswerRecord
from services.issues.undecided_pairs import UndecidedPair
from services.judgement.cut import MAX_BUDGET
from services.judgement.noise_budget import NoiseBudget
from services.phrases import phrase
from services.text.small_talk.follow_ups import FollowUpKind
from tests.bot.blocks.test_topics import topic
from tests.slack_limits import message_error, view_error

# "&" is five characters once it is escaped.
LONGEST = "&" * 3_000
URL = "https://slack.example/" + "a" * 270
NAME = "x" * 80  # the longest name of a channel


@pytest.fixture(params=LANGUAGES)
def say(request: pytest.FixtureRequest) -> Texts:
    """Give the texts of each language."""
    language: Language = request.param
    return Texts(language)


@pytest.mark.parametrize("number", [0, 1, 500])
def test_home_fits(say: Texts, number: int) -> None:
    """Administrators with any number of channels, issues and pairs see the Home tab."""
    health = Health(
        channels=[
            ChannelBehaviour(NAME, "request", True, NoiseBudget(5, 10**6, 10**5, is_kept=False))
        ]
        * number,
        calibration=CalibrationSummary(NOTHING_LEARNED, phrase("Choose an option.")),
        suspects=[UndecidedPair(1, LONGEST, URL, 2, LONGEST, URL, None)] * number,
        waiting=10**9,
        failed=10**9,
        proof=[
            ProofCheck.of(name, {"count": 10**9}, passed=False)
            for name in ("ghosts", "vectors")[:number]
        ],
    )
    issues = [
        IssueSummary(LONGEST, URL, 10**6, is_solved=solved)
        for solved in (True, False)
        for _ in range(number)
    ]
    team = TeamHome(
        tickets=10**9,
        week=Week(10**9, 10**9, 10**9),
        rising=[topic(1, 9)] * number,
        issues=issues,
        answers=[HelpfulAnswer(LONGEST, URL, LONGEST, AnswerRecord(10**9, 10**9))] * number,
    )
    assert view_error(home_view(team, say, is_admin=True)) is None
    assert view_error(admin_view(health, say)) is None


@pytest.mark.parametrize("number", [0, 1, 500])
def test_the_settings_form_fits(say: Texts, number: int) -> None:
    """The most phrases, people and senders that a channel can have are shown in the form."""
    settings = ChannelSettings("full", MAX_BUDGET, digest=True, deciders=(), ignored=())
    full = replace(
        settings,
        deciders=tuple(f"U{place:010}" for place in range(number)),
        ignored=tuple(f"{place:03}".ljust(PHRASE_LENGTH, "&") for place in range(MAX_PHRASES)),
        ticket_emoji="e" * MAX_EMOJI_LENGTH,
    )
    senders = [
        SenderChoice(f"B{place}", LONGEST, place % 2 == 0, True, False) for place in range(number)
    ]
    hours = QuietHours(ZoneInfo("America/Argentina/ComodRivadavia"), 22, 6)
    view = settings_view("C1", NAME, full, hours, say, senders=senders[: MAX_OPTIONS + 1])
    assert view_error(view) is None


@pytest.mark.parametrize("number", [1, MAX_PLACES, MAX_PLACES + 1])
def test_the_form_of_an_issue_fits(say: Texts, number: int) -> None:
    """Any number of projects with the longest names can be chosen from."""
    places = [IssuePlace(place, f"P{place}", LONGEST) for place in range(1, number + 1)]
    view = issue_view("C1:1", places, ("t" * 250, LONGEST), f"<{URL}|1>", say)
    assert view_error(view) is None


@pytest.mark.parametrize("number", [1, 10, 11])
def test_products_fit(say: Texts, number: int) -> None:
    """Products with the longest texts fit side by side and as a list."""
    item = Item(
        title=LONGEST, text=LONGEST, url=URL, extra={"price": "9" * 60, "currency": "&" * 60}
    )
    reply = products_reply([item] * number, say)
    for blocks in simpler_versions(reply.blocks, carousels=True):
        assert message_error({"text": reply.text, "blocks": blocks}) is None


def test_what_became_of_a_message_fits(say: Texts) -> None:
    """Everything that can be said of one message fits into one reply."""
    found = Inspection(
        [TALK] * 10,
        answer=URL,
        joined=Joined(1, 10**6, URL, "U1"),
        overridden=Overridden(True, "e" * MAX_EMOJI_LENGTH, "U1"),
        followed=Followed("1.2", LONGEST, URL, FollowUpKind.SAME, True, None, 1),
        ticket_emoji="e" * MAX_EMOJI_LENGTH,
        read=LONGEST,
    )
    reply = inspection_reply(found, say)
    assert message_error({"text": reply.text, "blocks": reply.blocks}) is None


@pytest.mark.parametrize("title", ["", "&", LONGEST])
def test_an_option_of_the_search_fits(title: str) -> None:
    """Slack takes options of 1 to 75 characters."""
    assert 1 <= len(option(10**18, title)["text"]["text"]) <= OPTION_LENGTH
