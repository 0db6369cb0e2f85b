"""The reply to *Why?* explains a judgement in words, within Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.blocks.why import why_reply
from bot.i18n.texts import ENGLISH, Texts
from services.answers.ticket_links import TicketLink
from services.channels.settings import LANGUAGES, Language
from services.judgement.bands import Band, Match
from services.judgement.cut import Cut
from services.judgement.explanation import (
    Explanation,
    PairJudgement,
    PastDecision,
    TextComparison,
)
from services.text.comparing import identifiers
from services.text.comparing.identifiers import Contradiction
from tests.bot.blocks.messages import LONG_URL, URL, assert_acceptable, hostile, markup
from tests.calibrated import USUAL
from tests.conftest import NOW


def judged(
    band: Band | None = "similar",
    *,
    probability: float | None = None,
    strength: float = 0.5,
    cut: Cut | None = None,
) -> PairJudgement:
    """Return how a pair was judged."""
    match = Match(2, 0.8, 0.8, probability, band, strength)
    return PairJudgement(match, cut, probability is not None, is_near_exact=False, difference=None)


def _unlike() -> PairJudgement:
    return replace(judged(None), match=Match(2, 0.7, 0.7, None, None))


EXPLANATION = Explanation(
    ours=7,
    theirs=2,
    kind="ticket",
    judgement=judged(),
    features=USUAL,
    text=TextComparison([], ["printer"], ["blank"], ["toner"], [], have_titles=False),
    age_gap=timedelta(days=3),
    same_reporter=True,
    crowded=True,
    decision=None,
    group_size=0,
)


@pytest.mark.parametrize("language", LANGUAGES)
@given(texts=st.lists(hostile, min_size=5, max_size=5))
@example(texts=["&" * 4_000] * 5)
@example(texts=["long " * 2_000] * 5)
@example(texts=["<!channel> *x* <https://evil.example|y>"] * 5)
def test_reasons_are_within_every_limit(language: Language, texts: list[str]) -> None:
    """Any words of a pair, and any name of who decided on it, fit."""
    text = TextComparison([texts[0]] * 9, [texts[1]] * 8, [texts[2]] * 5, [texts[3]] * 5, [
        Contradiction(kind, (texts[0],) * 12, (texts[1],) * 12)
        for kind in get_args(identifiers.IdentifierKind)
    ], have_titles=True)  # fmt: skip
    explanation = replace(
        EXPLANATION, text=text, decision=PastDecision("distinct", f"x{texts[4]}", NOW), group_size=3
    )
    reply = why_reply(
        explanation,
        TicketLink(1, texts[0], URL),
        TicketLink(2, texts[1], LONG_URL),
        Texts(language),
    )
    assert_acceptable(reply.text, reply.blocks)


CUT = Cut(0.7, 29, 30)


@pytest.mark.parametrize(
    ("judgement", "part"),
    [
        (judged(), "similar · 3 days apart · no percentage until there is enough feedback"),
        (judged(probability=0.81, cut=CUT), "81% likely the same · "),
        (
            judged("duplicate", probability=0.95, strength=0.7, cut=CUT),
            "29 of 30 pairs with evidence this strong that people decided on were the same",
        ),
        (judged(probability=0.81, cut=CUT), "too few of the pairs with evidence this weak"),
        (judged(strength=0.7, cut=CUT), "people have not decided on any pair so far apart yet"),
        (judged(None), "Not called similar: other tickets are just as close to it."),
        (_unlike(), "Not called similar: the meaning is not close enough."),
        (replace(judged(), difference="slot"), "different people, places or things"),
        (replace(judged(), difference="time"), "a task that comes up again and again"),
        (judged("duplicate"), "both say nearly the same thing, and nothing contradicts it"),
        (
            replace(judged("duplicate"), is_near_exact=True),
            "both say the same thing in the same words",
        ),
    ],
)
def test_reasons_explain_the_judgement(judgement: PairJudgement, part: str) -> None:
    """Which rule decided, and how often it was right, or what was missing."""
    explanation = replace(EXPLANATION, judgement=judgement)
    assert part in markup(
        why_reply(explanation, TicketLink(1, "a", URL), TicketLink(2, "b", None), ENGLISH).blocks
    )


def test_a_figure_that_denies_the_judgement_is_not_shown() -> None:
    """What repeats a ticket word for word is called the same, however few duplicates a team has."""
    judgement = replace(judged("duplicate", probability=0.04), is_near_exact=True)
    reply = why_reply(
        replace(EXPLANATION, judgement=judgement),
        TicketLink(1, "a", URL),
        TicketLink(2, "b", None),
        ENGLISH,
    )
    assert "likely the same" not in markup(reply.blocks)
