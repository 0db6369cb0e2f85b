"""What a digest looks like: within Slack's limits, whatever tickets say, and clear at a glance."""

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
    is_quiet=False,
    is_muted=False,
    is_off=False,
    off_by=None,
    language="en",
)

# What tickets, files and people may hold: Slack's marks, mentions, control characters, nothing.
WILD = st.text(st.sampled_from("&<>@*_~`|!# a1é\u202e\n\x00"), max_size=1500)


def everything(message: Message) -> str:
    """Return all that a message shows."""
    return json.dumps([message.text, message.blocks], ensure_ascii=False)


def assert_acceptable(message: Message) -> None:
    """Hold a message against Slack's limits, as a new one and as an update."""
    said = {"text": message.text, "blocks": message.blocks}
    assert message_error(said) is None
    assert message_error(said, max_text=MAX_UPDATE_TEXT) is None


@given(st.tuples(WILD, WILD, WILD), st.booleans(), st.sampled_from([None, "distinct"]))
def test_a_digest_is_within_every_limit(
    said: tuple[str, str, str], is_off: bool, verdict: str | None
) -> None:
    """Whatever titles, names and people are, of as many pairs as there may be; nothing mentions."""
    title, name, who = said
    side = DigestTicket(title, "https://example.org/" + "x" * 270, name, NOW)
    pair = DigestPair(1, side, side, 0.5, 0.62, verdict, f"x{who}")
    pairs = tuple(replace(pair, question_id=n) for n in range(10**17, 10**17 + MAX_PAIRS))
    view = replace(VIEW, pairs=pairs, is_quiet=True, is_off=is_off, off_by=f"x{who}")
    message = render_digest(view, ENGLISH)
    assert_acceptable(message)
    assert "<!" not in everything(message)
    assert "<@" not in everything(message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_digest_is_within_every_limit(language: Language) -> None:
    """Titles that grow when escaped, the longest addresses, and all that may stand below them."""
    side = DigestTicket("&<@U1>" * 500, "https://example.org/" + "x" * 270, "c" * 500, NOW)
    pair = DigestPair(1, side, side, 0.5, 0.62, "duplicate", "name " * 100)
    pairs = tuple(replace(pair, question_id=n) for n in range(MAX_PAIRS))
    assert_acceptable(
        render_digest(
            replace(VIEW, pairs=pairs, is_quiet=True, is_off=True, off_by="U1"), Texts(language)
        )
    )


def test_a_pair_says_what_it_is_and_asks() -> None:
    """Both titles with links, the other's channel, how alike, how far apart, and three buttons."""
    message = render_digest(VIEW, ENGLISH)
    told = everything(message)
    for part in (
        f"• <{URL}|blank pages again>\\n• <{URL}|printer prints blank pages> · #help-it",
        "similar · 3 weeks apart",
    ):
        assert part in told
    buttons = [one["action_id"] for block in message.blocks for one in block.get("elements", [])
               if one["type"] == "button"]  # fmt: skip
    assert buttons == [
        "deja_digest_duplicate", "deja_digest_related", "deja_digest_distinct", "deja_digest_off",
    ]  # fmt: skip
    assert "quiet" not in told.replace("when to stay quiet", "")


def test_a_probability_takes_the_place_of_a_similarity() -> None:
    """A percentage is only said where it is one."""
    told = everything(
        render_digest(replace(VIEW, pairs=(replace(PAIR, probability=0.62),)), ENGLISH)
    )
    assert "62% likely the same · 3 weeks apart" in told
    assert "similar" not in told


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
def test_a_digest_says_what_became_of_it(changes: dict[str, Any], parts: list[str]) -> None:
    """Who decided, why the bot is quiet, who wants no more, and that the tickets are gone."""
    message = render_digest(replace(VIEW, **changes), ENGLISH)
    assert_acceptable(message)
    for part in parts:
        assert part in everything(message)


def test_a_digest_is_known_by_its_mark() -> None:
    """Of its own week alone, in a Slack that keeps no metadata too."""
    assert (
        mark_of({"blocks": render_digest(VIEW, ENGLISH).blocks})
        == mark("2026-W48")
        != mark("2026-W49")
    )
