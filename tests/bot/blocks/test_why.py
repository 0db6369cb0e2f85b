"""The reply to *Why?* explains a judgement in words, within Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.blocks.why import why_reply
from bot.i18n.texts import ENGLISH, Texts
from services.channels.settings import LANGUAGES, Language
from services.judgement.explanation import (
    Explanation,
    PairJudgement,
    PastDecision,
    TextComparison,
    WhatIf,
)
from services.judgement.features import PairFeatures
from services.text import identifiers
from services.text.identifiers import Contradiction
from tests.bot.blocks.messages import LONG_URL, URL, assert_acceptable, hostile, markup
from tests.conftest import NOW

EXPLANATION = Explanation(
    ours=7,
    theirs=2,
    kind="ticket",
    judgement=PairJudgement(0.8, None, None, 0.9, "similar", False, {}, []),
    features=PairFeatures(*[0.5] * 12),
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
    reply = why_reply(explanation, (texts[0], URL), (texts[1], LONG_URL), Texts(language))
    assert_acceptable(reply.text, reply.blocks)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({}, "similar · 3 days apart · no percentage until there is enough feedback"),
        ({"probability": 0.81, "what_ifs": [WhatIf("the same title", 0.95, crosses=True)]},
         "a duplicate takes 90%. It would have been a duplicate with the same title."),
        ({"probability": 0.81, "highest": 0.85}, "81% likely the same · threshold here: 90%"),
        ({"probability": 0.81, "highest": 0.85}, "the model is never more than 85% sure"),
        ({"probability": 0.1, "band": None},
         "Not called similar: 10% likely the same; similar takes 30%, a duplicate 90%"),
        ({"probability": 0.95, "band": "duplicate"}, "Called a duplicate: 95% likely the same"),
        ({"probability": 0.95}, "above the threshold of 90%, but what contradicts"),
    ],
)  # fmt: skip
def test_reasons_explain_the_judgement(changes: dict[str, Any], part: str) -> None:
    """They have the probability, the threshold, and what would have crossed it."""
    explanation = replace(EXPLANATION, judgement=replace(EXPLANATION.judgement, **changes))
    assert part in markup(why_reply(explanation, ("a", URL), ("b", None), ENGLISH).blocks)
