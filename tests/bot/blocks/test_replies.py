"""Replies to commands and clicks are clear and within Slack's limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given

from bot.blocks.help import full_help_reply, help_reply, help_view
from bot.blocks.parts import MESSAGE_LENGTH
from bot.blocks.replies import reason_reply, similar_reply, status_reply
from bot.blocks.resolution import full_answer_reply
from bot.i18n.texts import ENGLISH
from models import Item
from services.issues.resolutions import Solution
from services.phrases import phrase
from tests.bot.blocks.messages import CANDIDATE, LONG_URL, assert_acceptable, hostile, markup
from tests.conftest import NOW
from tests.slack_limits import message_error, view_error


@given(hostile)
@example("x" * 40_000)
def test_an_errors_reason_is_shown_as_plain_text(reason: str) -> None:
    """An error's message may have what somebody typed."""
    reply = reason_reply(f"No such thing: {reason}")
    assert_acceptable(reply.text, reply.blocks)


def test_similar_tickets_are_listed_with_their_age() -> None:
    """The reply has a heading and, for each ticket, title, similarity, status and age."""
    reply = similar_reply([CANDIDATE, replace(CANDIDATE, band="", resolution=None)], NOW, ENGLISH)
    text = markup(reply.blocks)
    assert "very similar · resolved · 3 weeks ago · #help-it" in text
    assert "somewhat similar · resolved · 3 weeks ago" in text
    assert reply.text == "Most similar tickets: printer prints blank pages"


def test_no_similar_ticket_gives_one_sentence() -> None:
    """The sentence suggests what may help."""
    assert "A few more words may help" in similar_reply([], NOW, ENGLISH).text


def test_help_and_status_are_acceptable_messages() -> None:
    """Both are within Slack's limits, and the help has every command."""
    lines = [(phrase("Remembered"), phrase("3 tickets")), (phrase("Here"), phrase("muted"))]
    helped, status = help_reply(ENGLISH), status_reply(lines, ENGLISH)
    whole = full_help_reply(ENGLISH)
    for reply in (helped, whole, status):
        assert message_error({"text": reply.text, "blocks": reply.blocks}) is None
    assert view_error(help_view(ENGLISH)) is None
    text = markup(whole.blocks)
    for command in ("/deja similar", "/deja why", "/deja status", "/deja help"):
        assert command in text
    assert markup(status.blocks) == "*Remembered*  3 tickets\n*Here*  muted"


@pytest.mark.parametrize("text", ["&" * 9000, "& " * 5000, "&\n" * 2000, "word " * 3000, "x"])
@pytest.mark.parametrize("number", [1, 2, 3, 9])
def test_whole_answers_are_within_every_limit(text: str, number: int) -> None:
    """Any number of answers of any length fit; a shortened one ends with an ellipsis."""
    item = Item(title="&" * 200, text="x", url=LONG_URL)
    reply = full_answer_reply([(item, Solution(text, "U1"))] * number, ENGLISH)
    assert message_error({"text": reply.text, "blocks": reply.blocks}) is None
    assert len(json.dumps(reply.blocks, ensure_ascii=False)) < MESSAGE_LENGTH * 1.1
    assert ("> …" in json.dumps(reply.blocks, ensure_ascii=False)) == (len(text) > 1)


def test_a_whole_answer_keeps_its_lines_and_words() -> None:
    """Steps stay steps, and no part ends within a word."""
    steps = [f"{n}. Open the settings, then press the button number {n}" for n in range(1, 40)]
    blocks = full_answer_reply([(Item(text="x"), Solution("\n".join(steps), None))], ENGLISH).blocks
    lines = [line for block in blocks[:-1] for line in block["text"]["text"].split("\n")]
    assert len(blocks) > 3
    assert lines == [f"> {step}" for step in steps]
    long = " ".join(f"word{n}" for n in range(200))
    blocks = full_answer_reply([(Item(text="x"), Solution(long, None))], ENGLISH).blocks
    parts = [block["text"]["text"].removeprefix("> ") for block in blocks[:-1]]
    assert len(parts) > 1
    assert " ".join(parts) == long
