"""A digest is clear, and within Slack's limits for any ticket."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.digest import GONE, QUIET, mark, render_digest
from bot.i18n.texts import ENGLISH, Texts
from bot.slack.messages import Message, mark_of
from services.answers.digest_questions import DigestPair, DigestTicket, DigestView
from services.answers.digests import MAX_PAIRS
from services.channels.settings import LANGUAGES, Language
from services.phrases import counted
from tests.conftest import NOW
from tests.slack_limits import MAX_UPDATE_TEXT, message_error

URL = "https://test.slack.com/archives/C1/p1700000000000100"
PAIR = DigestPair(
    question_id=1,
    item=DigestTicket("blank pages again", URL, None, NOW),
    other=DigestTicket("printer prints blank pages", URL, "help-it", NOW - timedelta(days=21)),
    similarity=0.83,
    probability=None,
    verdict=None,
    decided_by=None,
)
VIEW = DigestView(
    question_id=1,
    channel="C1",
    week="2026-W48",
    message_ts=None,
    asked_at=NOW,
    pairs=(PAIR,),
    then=counted(
        9,
        "Learning starts after {n} more decision.",
        "Learning starts after {n} more decisions.",
    ),
    is_quiet=False,
    is_muted=False,
    is_off=False,
    off_by=None,
    language="en",
)

# Texts of tickets, files and people: Slack's markup, mentions, control characters, nothing.
HOSTILE_TEXT = st.text(st.sampled_from("&<>@*_~`|!# a1é\u202e\n\x00"), max_size=1500)


def json_of(message: Message) -> str:
    """Return all texts and blocks of a message as JSON."""
    return json.dumps([message.text, message.blocks], ensure_ascii=False)


def assert_acceptable(message: Message) -> None:
    """Check that Slack accepts a message, as a new one and as an update."""
    texts = {"text": message.text, "blocks": message.blocks}
    assert message_error(texts) is None
    assert message_error(texts, max_text=MAX_UPDATE_TEXT) is None


@given(
    st.tuples(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT),
    st.booleans(),
    st.sampled_from([None, "distinct"]),
)
def test_a_digest_is_within_every_limit(
    texts: tuple[str, str, str], is_off: bool, verdict: str | None
) -> None:
    """The most pairs with any titles, names and people fit, and mention nobody."""
    title, name, who = texts
    side = DigestTicket(title, "https://example.org/" + "x" * 270, name, NOW)
    pair = DigestPair(1, side, side, 0.5, 0.62, verdict, f"x{who}")
    pairs = tuple(replace(pair, question_id=n) for n in range(10**17, 10**17 + MAX_PAIRS))
    view = replace(VIEW, pairs=pairs, is_quiet=True, is_off=is_off, off_by=f"x{who}")
    message = render_digest(view, ENGLISH)
    assert_acceptable(message)
    assert "<!" not in json_of(message)
    assert "<@" not in json_of(message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_digest_is_within_every_limit(language: Language) -> None:
    """Titles that grow when escaped, the longest addresses and all optional parts fit."""
    side = DigestTicket("&<@U1>" * 500, "https://example.org/" + "x" * 270, "c" * 500, NOW)
    pair = DigestPair(1, side, side, 0.5, 0.62, "duplicate", "name " * 100)
    pairs = tuple(replace(pair, question_id=n) for n in range(MAX_PAIRS))
    assert_acceptable(
        render_digest(
            replace(VIEW, pairs=pairs, is_quiet=True, is_off=True, off_by="U1"), Texts(language)
        )
    )


def test_a_pair_has_both_tickets_and_three_buttons() -> None:
    """It has titles with links, the other's channel, similarity, and the time between them."""
    message = render_digest(VIEW, ENGLISH)
    shown = json_of(message)
    for part in (
        f"• <{URL}|blank pages again>\\n• <{URL}|printer prints blank pages> · #help-it",
        "similar · 3 weeks apart",
    ):
        assert part in shown
    buttons = [one["action_id"] for block in message.blocks for one in block.get("elements", [])
               if one["type"] == "button"]  # fmt: skip
    assert buttons == [
        "deja_digest_duplicate", "deja_digest_related", "deja_digest_distinct", "deja_digest_off",
    ]  # fmt: skip
    assert "quiet" not in shown.replace("when to stay quiet", "")


def test_a_probability_is_shown_instead_of_a_similarity() -> None:
    """Only a calibrated probability is shown as a percentage."""
    shown = json_of(render_digest(replace(VIEW, pairs=(replace(PAIR, probability=0.62),)), ENGLISH))
    assert "62% likely the same · 3 weeks apart" in shown
    assert "similar" not in shown


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"pairs": (replace(PAIR, verdict="related", decided_by="U7"),)},
         ["*Related* · <@U7>", "deja_digest_undo"]),
        ({"is_quiet": True}, [str(QUIET)]),
        ({"is_off": True, "off_by": "U7"},
         ["<@U7> turned these questions off", "Ask again", "deja_digest_on"]),
        ({"pairs": ()}, [str(GONE)]),
    ],
    ids=["decided", "quiet", "off", "gone"],
)  # fmt: skip
def test_a_digest_shows_its_current_state(changes: dict[str, Any], parts: list[str]) -> None:
    """It shows who decided, why the bot is quiet, who turned it off, and deleted tickets."""
    message = render_digest(replace(VIEW, **changes), ENGLISH)
    assert_acceptable(message)
    for part in parts:
        assert part in json_of(message)


def test_a_digest_is_recognised_by_its_mark() -> None:
    """The mark is different for each week, and works in a Slack without metadata."""
    assert (
        mark_of({"blocks": render_digest(VIEW, ENGLISH).blocks})
        == mark("2026-W48")
        != mark("2026-W49")
    )
