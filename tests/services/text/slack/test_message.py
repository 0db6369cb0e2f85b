"""What a Slack message says, collected from all its parts."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from services.text.cleaning.compared_text import readable_text
from services.text.cleaning.headline import headline
from services.text.slack.files import says_something
from services.text.slack.markup import clean_slack
from services.text.slack.message import PartKind, message_parts, message_text, own_text

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
    "a table that a person pasted below a question": (
        {
            "user": "U1",
            "text": "Which of these is wrong?",
            "attachments": [{"id": 1, "blocks": [TABLE], "fallback": "[no preview available]"}],
        },
        "Which of these is wrong?\nHost | Fault\ndb-2 | fan 3",
    ),
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


def test_a_preview_of_a_private_message_is_not_read() -> None:
    """Slack shows it only to who may read that channel; one that is forwarded is for all."""
    preview = {**SHARED, "is_share": False, "private_channel_prompt": True}
    assert said({"text": "look", "user": "U1", "attachments": [preview]}) == "look"
    forwarded = {**preview, "is_share": True}
    assert "labels print twice" in said({"text": "look", "user": "U1", "attachments": [forwarded]})


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
