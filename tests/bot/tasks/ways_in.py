"""Messages of every kind, and what each is, whichever way it reaches Déjà."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.intake.classify import (
    BOT,
    NO_WORDS,
    NOTE,
    QUESTION,
    REPLY,
    TAKEN_OUT,
    TALK,
    BotAccounts,
    ChannelRules,
    MessageKind,
)
from tests.slack_methods import BOT_USER

START = 1_795_350_000
PARENT = f"{START - 900}.000100"
BOTS = BotAccounts(BOT_USER, frozenset({"BALERT", "BOLD"}))
RULES = ChannelRules(
    ignored=["lunch is here"],
    ticket_senders=frozenset({"BDESK"}),
    ignored_senders=frozenset({"WPOLL", "BOLD"}),
)

PRINTER = "the printer prints blank pages"
FORM = {"subtype": "bot_message", "user": None, "bot_id": "BWORK", "text": ""}
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": PRINTER}}]

PINNED = [{"name": "pushpin", "users": ["U2"], "count": 1}]
BELLED = [{"name": "no_bell", "users": ["U2"], "count": 1}]
BY_A_BOT = [{"name": "pushpin", "users": ["UBOT"], "count": 1}]

TICKET, SMALL_TALK = MessageKind.TICKET, MessageKind.SMALL_TALK
FOLLOW_UP = MessageKind.FOLLOW_UP
IGNORED, BOT_MESSAGE = MessageKind.IGNORED, MessageKind.BOT

# What is said of the ticket with that name below.
NEWS, SAME = ("news", "followed"), ("same", "followed")
DETAIL, WORKS = ("detail", "followed"), ("works", "followed")


@dataclass(frozen=True)
class Case:
    """A message, by what sets it apart from a plain ticket, and what it is.

    `stored` is the text of its ticket; `after` is how many seconds later it was written. `follows`
    are what a follow-up says and the name of the ticket that it belongs to.
    """

    kind: MessageKind
    more: dict[str, Any] = field(default_factory=dict)
    reason: object = None
    stored: str = ""
    after: int = 600
    follows: tuple[str, str | None] | None = None


CASES = {
    "plain": Case(TICKET, stored=PRINTER),
    "more of the same": Case(TICKET, {"text": "since the last firmware"}, after=20),
    "blocks": Case(TICKET, {"text": "", "blocks": BLOCKS}, stored=PRINTER),
    "markup": Case(TICKET, {"text": "*E-41* &amp; <https://a.example|E-42>"}, stored="E-41 & E-42"),
    "a thread's parent": Case(TICKET, {"thread_ts": "own"}, stored=PRINTER),
    "sent to the channel too": Case(
        TICKET, {"thread_ts": PARENT, "subtype": "thread_broadcast"}, stored=PRINTER
    ),
    "a file with words": Case(TICKET, {"subtype": "file_share"}, stored=PRINTER),
    "a form": Case(TICKET, FORM | {"workflow_id": "W1", "blocks": BLOCKS}, stored=PRINTER),
    "a form of a workflow's bot": Case(
        TICKET,
        FORM | {"bot_profile": {"is_workflow_bot": True}, "blocks": BLOCKS},
        stored=PRINTER,
    ),
    "a form that mentions us": Case(
        TICKET,
        FORM | {"workflow_id": "W1", "text": f"{PRINTER} <@{BOT_USER}>"},
        stored=PRINTER,
    ),
    "mail to the channel": Case(
        TICKET,
        FORM | {"user": "USLACKBOT", "files": [{"mode": "email", "plain_text": PRINTER}]},
        stored=PRINTER,
    ),
    "nothing but a forward": Case(
        TICKET,
        {"text": "", "attachments": [{"is_share": True, "text": PRINTER}]},
        stored=f"“{PRINTER}”",
    ),
    "a bot that writes tickets": Case(TICKET, {"bot_id": "BALERT"}, stored=PRINTER),
    "an app that writes tickets": Case(
        TICKET, {"bot_id": "B9", "app_id": "BALERT"}, stored=PRINTER
    ),
    "a bot that this channel chose": Case(TICKET, {"bot_id": "BDESK"}, stored=PRINTER),
    "small talk of such a bot": Case(SMALL_TALK, {"bot_id": "BDESK", "text": "thanks!"}, TALK),
    "such a bot's reply": Case(MessageKind.REPLY, {"bot_id": "BDESK", "thread_ts": PARENT}, REPLY),
    "a form that this channel left out": Case(
        BOT_MESSAGE, FORM | {"workflow_id": "WPOLL", "text": PRINTER}, BOT
    ),
    "such a form that somebody pinned": Case(
        TICKET,
        FORM | {"workflow_id": "WPOLL", "text": PRINTER, "reactions": PINNED},
        stored=PRINTER,
    ),
    "a bot left out here and chosen elsewhere": Case(BOT_MESSAGE, {"bot_id": "BOLD"}, BOT),
    "thanks": Case(SMALL_TALK, {"text": "thanks!"}, TALK),
    "guten Morgen": Case(SMALL_TALK, {"text": "*guten Morgen* zusammen"}, TALK),
    "small talk of a form": Case(
        SMALL_TALK,
        FORM | {"workflow_id": "W1", "text": "gracias"},
        TALK,
    ),
    "the channel ignores it": Case(
        SMALL_TALK,
        {"text": "hey all, LUNCH is here!"},
        "it contains “lunch is here”, which this channel ignores",
    ),
    "a mention": Case(MessageKind.QUESTION, {"text": f"<@{BOT_USER}> help"}, QUESTION),
    "a mention in a thread": Case(
        MessageKind.QUESTION, {"text": f"<@{BOT_USER}> help", "thread_ts": PARENT}, QUESTION
    ),
    "a reply": Case(MessageKind.REPLY, {"thread_ts": PARENT}, REPLY),
    "a reply of a bot": Case(BOT_MESSAGE, {"thread_ts": PARENT, "bot_id": "B9"}, BOT),
    "a failed answer": Case(
        FOLLOW_UP,
        {"thread_ts": PARENT, "text": "still broken, sorry"},
        REPLY,
        follows=("broken", None),
    ),
    "a bot": Case(BOT_MESSAGE, {"bot_id": "B9"}, BOT),
    "a bot of old": Case(BOT_MESSAGE, {"subtype": "bot_message", "user": None}, BOT),
    "ourselves": Case(BOT_MESSAGE, {"user": BOT_USER}, BOT),
    "a join": Case(IGNORED, {"subtype": "channel_join"}, NOTE),
    "a topic": Case(IGNORED, {"subtype": "channel_topic"}, NOTE),
    "hidden": Case(IGNORED, {"hidden": True}, NOTE),
    "small talk that somebody pinned": Case(
        TICKET, {"text": "thanks!", "reactions": PINNED}, stored="thanks!"
    ),
    "a reply that somebody pinned": Case(
        TICKET, {"thread_ts": PARENT, "reactions": PINNED}, stored=PRINTER
    ),
    "a bot's message that somebody pinned": Case(
        TICKET, {"bot_id": "B9", "reactions": PINNED}, stored=PRINTER
    ),
    "taken out": Case(IGNORED, {"reactions": BELLED}, TAKEN_OUT),
    "taken out, from a thread": Case(
        IGNORED,
        {"thread_ts": PARENT, "subtype": "thread_broadcast", "reactions": BELLED},
        TAKEN_OUT,
    ),
    "more of what was taken out": Case(
        IGNORED, {"text": "since this morning", "reactions": BELLED}, TAKEN_OUT, after=20
    ),
    "pinned by a bot": Case(
        SMALL_TALK,
        {"text": "thanks!", "reactions": BY_A_BOT},
        TALK,
    ),
    "a file without words": Case(IGNORED, {"subtype": "file_share", "text": " "}, NO_WORDS),
    "followed": Case(
        TICKET,
        {"text": "vpn drops every hour", "user": "U3", "reply_count": 1},
        stored="vpn drops every hour since this morning",
    ),
    "more of it": Case(FOLLOW_UP, {"text": "since this morning", "user": "U3"}, TALK, after=20),
    "news": Case(FOLLOW_UP, {"text": "any news?", "user": "U3"}, TALK, follows=NEWS),
    "same here": Case(FOLLOW_UP, {"text": "bei mir auch", "user": "U4"}, TALK, follows=SAME),
    "same here, in its thread": Case(
        FOLLOW_UP,
        {"text": "same here, on floor 2", "user": "U5", "thread_ts": "followed"},
        REPLY,
        follows=SAME,
    ),
    "a detail": Case(
        FOLLOW_UP,
        {"text": "der neben der Küche", "user": "U3"},
        TALK,
        follows=DETAIL,
    ),
    "a detail with a matter": Case(
        TICKET,
        {"text": "it's the one with the red cable", "user": "U3"},
        follows=DETAIL,
    ),
    "it works": Case(FOLLOW_UP, {"text": "ya funciona", "user": "U3"}, TALK, follows=WORKS),
    "somebody asks for news of nothing": Case(
        FOLLOW_UP, {"text": "any news?", "user": "U6"}, TALK, follows=("news", None)
    ),
    "same here from a form": Case(
        SMALL_TALK, FORM | {"workflow_id": "W1", "text": "same here"}, TALK
    ),
    "same here from a bot": Case(BOT_MESSAGE, {"bot_id": "B9", "text": "same here"}, BOT),
    "same here, taken out": Case(
        IGNORED, {"text": "same here", "user": "U4", "reactions": BELLED}, TAKEN_OUT
    ),
}


def _messages() -> Iterator[tuple[str, dict[str, Any]]]:
    second, followed_ts = START, ""
    for name, case in CASES.items():
        second += case.after
        ts = f"{second}.000100"
        message = {"type": "message", "user": "U1", "text": PRINTER, "ts": ts, **case.more}
        if message.get("thread_ts") == "own":
            message["thread_ts"] = ts
        if message.get("thread_ts") == "followed":
            message["thread_ts"] = followed_ts
        followed_ts = ts if name == "followed" else followed_ts
        yield name, message


MESSAGES = dict(_messages())
