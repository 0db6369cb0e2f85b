"""Slack's messages drawn at random: each visible word is read once, and none is too wild."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.text.slack.message import message_text
from tests.services.text.slack.test_message import rich, run, said, section

Payload = dict[str, Any]


KEYS = (
    "type", "text", "blocks", "elements", "fields", "url", "attachments", "files", "title", "rows",
    "value", "is_share", "message_blocks", "message", "preview", "mode", "subject", "plain_text",
    "transcription", "content", "from_url", "bot_id", "style", "caption", "file",
)  # fmt: skip
KINDS = (
    "rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted", "section",
    "context", "table", "image", "text", "link", "date", "mrkdwn", "plain_text", "header", "email",
)  # fmt: skip
WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(KINDS)
    | st.text("a<>&|`*_~“:\n ", max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from(KEYS), WILD, max_size=8))
def test_no_payload_is_too_wild(message: Payload) -> None:
    """Whatever Slack sends, a message has a text, and it is the same the second time."""
    assert message_text(message) == message_text(message)


def test_deep_payloads_end() -> None:
    """Blocks and forwards that nest without end do not end the worker."""
    block: Payload = {"type": "section", "text": "x"}
    share: Payload = {"is_share": True, "text": "bottom"}
    for depth in range(400):
        block = {"type": "container", "blocks": [block]}
        share = {"is_share": True, "text": f"level {depth}", "attachments": [share]}
    assert "level 399" in message_text({"blocks": [block], "attachments": [share]})


class Words:
    """Gives out words that occur nowhere else, and remembers those that people see."""

    def __init__(self) -> None:
        self.count = 0
        self.visible: list[str] = []

    def new(self, *, seen: bool = True) -> str:
        """Return a word of letters, some beside markup that is escaped or means nothing."""
        letters = "".join(chr(97 + int(digit)) for digit in str(self.count))
        self.count += 1
        word = f"w{letters}w"
        if seen:
            self.visible.append(word)
        return word


def draw_rich(draw: st.DrawFn, words: Words) -> Payload:
    """Return rich text of one to three parts."""
    parts = draw(st.lists(st.sampled_from("sqpl"), min_size=1, max_size=3))
    kinds = {"s": "rich_text_section", "q": "rich_text_quote", "p": "rich_text_preformatted"}
    elements: list[Payload] = []
    for part in parts:
        if part == "l":
            items = [run(words.new()), run(f"<{words.new()}> & {words.new()}")]
            elements.append({"type": "rich_text_list", "elements": items})
        else:
            elements.append(run(f"{words.new()} {words.new()}", kinds[part]))
    return rich(*elements)


def draw_block(draw: st.DrawFn, words: Words) -> Payload:
    """Return a block of any kind."""
    kind: str = draw(st.sampled_from(["rich", "section", "fields", "table", "image", "actions"]))
    if kind == "rich":
        return draw_rich(draw, words)
    if kind == "section":
        return section(f"*{words.new()}* <https://a.example|{words.new()}>")
    if kind == "fields":
        fields = [f"*{words.new()}:*\n{words.new()}", f"*Status:*\n{words.new(seen=False)}"]
        return {"type": "section", "fields": [{"type": "mrkdwn", "text": one} for one in fields]}
    if kind == "table":
        return {"type": "table", "rows": [[{"type": "raw_text", "text": words.new()}]]}
    if kind == "image":
        return {"type": "image", "alt_text": words.new(), "image_url": "https://a.example/b"}
    return {"type": "actions", "elements": [button(words.new(seen=False))]}


def button(label: str) -> Payload:
    return {"type": "button", "text": {"type": "plain_text", "text": label}}


def draw_file(draw: st.DrawFn, words: Words) -> Payload:
    """Return a file of any kind."""
    kind = draw(st.sampled_from(["picture", "snippet", "mail", "gone"]))
    if kind == "picture":
        return {"title": f"{words.new()}.png", "alt_txt": words.new()}
    if kind == "snippet":
        return {"title": "Untitled", "mode": "snippet", "preview": f"*{words.new()}* <i>"}
    if kind == "mail":
        text = f"Hello\n{words.new()} <{words.new()}>"
        return {"filetype": "email", "subject": words.new(), "title": "x", "plain_text": text}
    return {"mode": "tombstone", "title": words.new(seen=False)}


def draw_attachment(draw: st.DrawFn, words: Words) -> Payload:
    """Return an attachment: a forward, an app's, or a link's preview."""
    kind = draw(st.sampled_from(["share", "app", "link"]))
    if kind == "share":
        block = draw_rich(draw, words)
        text = message_text({"blocks": [block]})
        shared = {"is_share": True, "text": text, "author_name": words.new(seen=False)}
        return shared | {"message_blocks": [{"message": {"blocks": [block]}}]}
    if kind == "app":
        fields = [{"title": words.new(), "value": words.new()}]
        return {
            "title": words.new(),
            "text": words.new(),
            "fields": fields,
            "fallback": "all of it",
        }
    return {"from_url": "https://b.example", "text": words.new(seen=False)}


@st.composite
def messages(draw: st.DrawFn) -> tuple[Payload, list[str]]:
    """Return a message as Slack sends them, and the words that people see in it."""
    words = Words()
    message: Payload = {"text": ""}
    if draw(st.booleans()):
        message["blocks"] = [draw_block(draw, words) for _ in range(draw(st.integers(1, 3)))]
        if draw(st.booleans()) and words.visible:
            message["text"] = message_text({"blocks": message["blocks"]})
    else:
        message["text"] = f"{words.new()} *{words.new()}* &amp; `{words.new()}`"
    attachments, files = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    message["attachments"] = [draw_attachment(draw, words) for _ in range(attachments)]
    message["files"] = [draw_file(draw, words) for _ in range(files)]
    return message, words.visible


@given(messages())
def test_every_visible_word_is_read_once(drawn: tuple[Payload, list[str]]) -> None:
    """Every word of a visible part appears, none twice, and none of what is not seen."""
    message, visible = drawn
    found = re.findall(r"\bw[a-j]+w\b", said(message))
    assert sorted(found) == sorted(visible)
