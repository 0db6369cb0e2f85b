"""What a Slack message says, collected from all its parts."""

from __future__ import annotations

import re
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.cleaning import headline, readable_text
from services.text.slack_files import says_something
from services.text.slack_markup import clean_slack
from services.text.slack_message import PartKind, message_parts, message_text, own_text

Payload = dict[str, Any]

# Ten times what the slowest of these takes; a quadratic pattern takes minutes.
MAX_SECONDS = 2.0


def said(message: Payload) -> str:
    return clean_slack(message_text(message))


def rich(*elements: Payload) -> Payload:
    return {"type": "rich_text", "elements": list(elements)}


def run(text: str, kind: str = "rich_text_section") -> Payload:
    return {"type": kind, "elements": [{"type": "text", "text": text}]}


def section(text: str) -> Payload:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


LIST = rich(
    run("Since the migration:\n"),
    {"type": "rich_text_list", "style": "ordered", "elements": [run("<nav> & menu"), run("logo")]},
    run("cannot mount", "rich_text_quote"),
    run("E_MOUNT *7*\n__init__ failed", "rich_text_preformatted"),
)
SHARED = {
    "is_share": True,
    "is_msg_unfurl": True,
    "from_url": "https://team.example/archives/C2/p1",
    "author_name": "Kim",
    "footer": "Posted in #sales",
    "fallback": "[May 1] kim: labels print twice",
    "text": "labels print twice",
    "message_blocks": [{"message": {"blocks": [rich(run("labels print twice"))]}}],
    "files": [{"title": "Label printer log", "mode": "snippet", "preview": "job 7 queued"}],
}
LINK = {"from_url": "https://news.example/7", "title": "Big sale", "text": "All week long"}
APP_LINK = {"is_app_unfurl": True, "app_unfurl_url": "https://x.example", "blocks": [section("x")]}
MAIL = {
    "filetype": "email",
    "mode": "email",
    "title": "Scanner offline",
    "subject": "Scanner offline",
    "plain_text": "The scanner in bay 4 is offline & blinks <red>.",
    "preview": "<div>The scanner</div>",
    "to": [{"address": "help@team.example", "name": "Help"}],
}
DESK = {
    "text": "New ticket",
    "bot_id": "B7",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Badge reader & door"}},
        section("*Priority:* High | *Product:* Reader X\nDoor 3 stays shut"),
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Status:*\nOpen"},
                {"type": "mrkdwn", "text": "*Site:*\nLeeds"},
                {"type": "mrkdwn", "text": "*Zuständig*\n<@U7>"},
            ],
            "accessory": {"type": "button", "text": {"type": "plain_text", "text": "Take it"}},
        },
        {"type": "context", "elements": [
            {"type": "image", "image_url": "https://i.example/a.png", "alt_text": "avatar"},
            {"type": "mrkdwn", "text": "Reported by: Ana · Floor: 2"}]},
        {"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Close"}}]},
    ],
}  # fmt: skip
TABLE = {
    "type": "table",
    "rows": [
        [{"type": "raw_text", "text": "Host"}, {"type": "raw_text", "text": "Fault"}],
        [{"type": "raw_text", "text": "db-2"}, rich(run("fan 3"))],
    ],
}
CASES: dict[str, tuple[Payload, str]] = {
    "lists, quotes and code": (
        {"text": "", "blocks": [LIST]},
        "Since the migration:\n• <nav> & menu\n• logo\ncannot mount\nE_MOUNT *7*\n__init__ failed",
    ),
    "a text and its blocks": (
        {"text": "*VPN* drops <@U1>", "blocks": [rich(run("VPN drops "))]},
        "VPN drops",
    ),
    "blocks that say more than the notification": (
        {"text": "New alert", "blocks": [section("Disk sda1 is full")]},
        "Disk sda1 is full",
    ),
    "a message that is forwarded": (
        {"text": "anyone else?", "attachments": [SHARED]},
        "anyone else?\n“labels print twice”\n“Label printer log”\n“job 7 queued”",
    ),
    "nothing but a forward": (
        {"text": "", "attachments": [{"is_share": True, "text": "door stuck"}]},
        "“door stuck”",
    ),
    "previews of links": (
        {"text": "see <https://news.example/7>", "attachments": [LINK, APP_LINK]},
        "see https://news.example/7",
    ),
    "the preview of a link that a person wrote, of which nothing says so": (
        {"user": "U1", "text": "the printer burns", "attachments": [{"title": "A page"}]},
        "the printer burns",
    ),
    "mail to the channel": (
        {"text": "", "files": [MAIL]},
        "Scanner offline\nThe scanner in bay 4 is offline & blinks <red>.",
    ),
    "a screenshot with a title": (
        {"text": "", "files": [{"title": "Login error 77", "alt_txt": "A red dialog"}]},
        "Login error 77\nA red dialog",
    ),
    "a file with the name that a phone gave it": (
        {"text": "paper jam", "files": [{"title": "IMG_2031.jpg"}, {"title": "Scan 3.pdf"}]},
        "paper jam",
    ),
    "a file whose title is the text": (
        {"text": "Login error 77, again", "files": [{"title": "login error 77"}]},
        "Login error 77, again",
    ),
    "a canvas and its id": (
        {
            "text": "Rollout plan F0AAAAAA1",
            "blocks": [rich(run("Rollout plan"), {"type": "canvas", "file_id": "F0AAAAAA1"})],
            "files": [{"id": "F0AAAAAA1", "mode": "quip", "title": "Switch rollout"}],
        },
        "Rollout plan\nSwitch rollout",
    ),
    "a deleted file": ({"text": "", "files": [{"mode": "tombstone", "title": "gone"}]}, ""),
    "a help desk's post": (
        DESK,
        "Badge reader & door\nProduct: Reader X\nDoor 3 stays shut\nSite:\nLeeds\nFloor: 2",
    ),
    "an app's attachment with fields": (
        {
            "bot_id": "B1",
            "attachments": [
                {
                    "fallback": "Invoice wrong - Open",
                    "pretext": "New request",
                    "title": "Invoice wrong",
                    "fields": [
                        {"title": "Estado", "value": "Abierto"},
                        {"title": "Customer", "value": "Acme"},
                        {"title": "Assignee", "value": "Ana"},
                    ],
                }
            ],
        },
        "New request\nInvoice wrong\nCustomer\nAcme",
    ),
    "fields of nothing but a state": (
        {
            "bot_id": "B1",
            "attachments": [
                {"fallback": "Open", "fields": [{"title": "Status", "value": "Open"}]}
            ],
        },
        "",
    ),
    "a status that says something": (
        {"bot_id": "B1", "text": "Status: the belt has stopped since noon and smells"},
        "Status: the belt has stopped since noon and smells",
    ),
    "a person's words about a state": ({"text": "Priority: high"}, "Priority: high"),
    "a table": ({"blocks": [TABLE]}, "Host | Fault\ndb-2 | fan 3"),
    "a date, a colour, and what is not known": (
        {"blocks": [rich({"type": "rich_text_section", "elements": [
            {"type": "text", "text": "Failed at "},
            {"type": "date", "timestamp": 1, "fallback": "May 3"}, {"type": "unheard_of"}]})]},
        "Failed at May 3",
    ),
    "a kind of block that is not known": (
        {"blocks": [{"type": "novel", "heading": {"type": "plain_text", "text": "Fan & belt"}}]},
        "Fan & belt",
    ),
    "a recording": (
        {"files": [{"title": "audio_message.m4a",
                    "transcription": {"preview": {"content": "the belt squeaks"}}}]},
        "the belt squeaks",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_message_says_what_its_parts_say(name: str) -> None:
    """Each visible part is read once; links' previews, buttons and states are not."""
    message, expected = CASES[name]
    assert said(message) == expected


def test_what_is_quoted_is_marked() -> None:
    """A forwarded message is a part of its own, and no mention in it counts as the sender's."""
    message = {"text": "look", "attachments": [{"is_msg_unfurl": True, "text": "<@U1> door stuck"}]}
    assert [part.kind for part in message_parts(message)] == [PartKind.OWN, PartKind.QUOTED]
    assert own_text(message) == "look"


@pytest.mark.parametrize(
    ("title", "chosen"),
    [
        ("image.png", False),
        ("Screenshot 2026-02-25 at 10.11.12 AM.png", False),
        ("IMG_20160711_203037377_HDR.jpg", False),
        ("Bildschirmfoto 2026-02-25 um 10.11.12.png", False),
        ("Captura de pantalla (3).png", False),
        ("3f2b8c1e-77a0-4b1d-9c11-aa0011223344.jpg", False),
        ("Untitled", False),
        ("error-saml-login.png", True),
        ("defaced homepage", True),
        ("プリンター", True),
    ],
)
def test_only_chosen_titles_are_words(title: str, chosen: bool) -> None:
    """What a camera or a program called a file says nothing."""
    assert says_something(title) is chosen


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


@pytest.mark.parametrize("unit", ["_ ", " ", "a | ", "a: ", "*a", "<@", "`", "&lt;", "a_b ", "•"])
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    """No text of the greatest length that Slack takes keeps the worker busy."""
    text = (unit * 40_000)[:40_000]
    start = process_time()
    message_text({"bot_id": "B1", "text": text, "blocks": [section(text)]})
    readable_text(None, text)
    assert process_time() - start < MAX_SECONDS


def test_a_forward_is_called_by_what_it_forwards() -> None:
    """The title of a ticket is the forwarded message where its own words say nothing."""
    shared = {"is_share": True, "text": "Labels print twice"}
    assert headline(None, said({"text": "anyone seen this?", "attachments": [shared]})) == (
        "“Labels print twice”"
    )
    assert headline(None, said({"text": "VPN drops", "attachments": [shared]})) == "VPN drops"
