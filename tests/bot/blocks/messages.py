"""An answer in a thread, hostile texts, and what holds for every message."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from bot.blocks.parts import MESSAGE_LENGTH, URL_LENGTH
from bot.blocks.thread_answer import render_answer
from bot.i18n.texts import ENGLISH, Texts
from bot.slack.messages import Message
from services.answers.item_view import ItemView
from services.answers.thread_answers import AnswerView
from tests.conftest import NOW
from tests.slack_limits import MAX_UPDATE_TEXT, message_error

URL = "https://test.slack.com/archives/C1/p1700000000000100"
LONG_URL = "https://files.example/" + "x" * (URL_LENGTH - 22)
CANDIDATE = ItemView(
    item_id=2,
    title="printer prints blank pages",
    status="resolved",
    created_at=NOW - timedelta(days=21),
    url=URL,
    channel="help-it",
    similarity=0.9,
    band="duplicate",
    resolution="Install driver 4.2 and restart the spooler.",
)
VIEW = AnswerView(
    answer_id=1,
    item_id=7,
    seen_at=NOW,
    channel="C1",
    thread_ts="1.1",
    message_ts=None,
    shown_hash=None,
    shown=[CANDIDATE],
    muted_by=None,
    is_off=False,
    is_solved=False,
    takes_issues=False,
    language="en",
)


HOSTILE = (
    "<!channel> <!here> <@U123> <#C123> <!subteam^S1> <https://evil.example|click>",
    "|> <https://evil.example|x>",
    "a" * 40_000,
    "&" * 40_000,
    "<" * 40_000,
    "*bold* _italic_ ~gone~ `code` ```block```",
    "\u202eevil \u2066שלום עולם\u2069 مرحبا",
    "🧯" * 3_000,
    "\x00 nul \x00",
    "\ud800 lone",
    "first\n>second\n\n• third",
    "@channel @here @everyone",
    "",
)
# The only markup that a message may have: links to tickets, and who pressed a button.
OUR_MARKUP = re.compile(r"<https://(?:test\.slack\.com|files\.example)/[^|<>]+\|[^|<>]+>|<@U0MEI>")


hostile = st.text(max_size=200) | st.text("<>&|!@#*_~`\n \x00U", max_size=200)


def answer(*shown: ItemView, say: Texts = ENGLISH, **more: Any) -> Message:
    """Render the answer with these candidates."""
    return render_answer(replace(VIEW, shown=list(shown), **more), say)


def markup(blocks: list[dict[str, Any]]) -> str:
    """Return all texts in blocks, one a line."""
    texts = []
    for block in blocks:
        found = [block.get("text"), *block.get("elements", [])]
        texts += [text["text"] for text in found if text and "text" in text]
    return "\n".join(text for text in texts if isinstance(text, str))


def buttons(blocks: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return label, action and value of all buttons in order."""
    elements = [
        element
        for block in blocks
        for element in [*block.get("elements", []), block.get("accessory") or {}]
    ]
    return [
        (one["text"]["text"], one["action_id"], one["value"])
        for one in elements
        if one.get("type") == "button"
    ]


def choices(blocks: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return label and value of all choices of menus in order."""
    elements = [
        element
        for block in blocks
        for element in [block.get("accessory") or {}, *block.get("elements", [])]
    ]
    return [
        (option["text"]["text"], option["value"])
        for one in elements
        if one.get("type") == "overflow"
        for option in one["options"]
    ]


def assert_acceptable(text: str, blocks: list[dict[str, Any]]) -> None:
    """Check that Slack accepts a message, and that its only markup is ours."""
    assert message_error({"text": text, "blocks": blocks}, max_text=MAX_UPDATE_TEXT) is None
    assert len(json.dumps(blocks, ensure_ascii=False)) < MESSAGE_LENGTH
    assert not re.search(r"[<>\x00]", text)
    assert not re.search(r"@\w", text)
    for found in re.findall(r"<[^>]*>?|>", markup(blocks)):
        assert OUR_MARKUP.fullmatch(found)
    for text_object in json_objects(blocks):
        if text_object.get("type") == "mrkdwn":
            assert text_object["verbatim"] is True


def json_objects(node: Any) -> list[dict[str, Any]]:
    """Return every object in a JSON value."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    found = [one for child in children for one in json_objects(child)]
    return [node, *found] if isinstance(node, dict) else found
