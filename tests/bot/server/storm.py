"""A story of messages in Slack, and a storm of signed requests that deliver it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

from sqlalchemy import select

from models import Item, Verdict
from tests.databases import SqliteFile
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_people import event_body, sign
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn
from tests.web import Web

AT_ONCE = 50
CHANNELS = ("C1", "C2", "C3", "C4")
TOPICS = (
    "printer prints blank pages after the firmware update",
    "vpn drops every hour on the hotel wifi",
    "calendar invitations arrive twice in outlook",
    "badge reader at the north gate stays red",
    "invoice export ends with a timeout on large months",
    "headset microphone is silent in conference calls",
    "licence server refuses the second seat of autocad",
    "backup of the file share stops at ninety percent",
    "mobile app logs out whenever the phone is locked",
    "shared mailbox hides messages older than a year",
    "docking station does not wake both monitors",
    "payroll page shows the wrong holiday balance",
)
FIRST_TS = 1_795_310_000


@dataclass(frozen=True)
class Request:
    """A request body, and whether it is a form; a repeat has the same body."""

    body: str
    is_form: bool = False

    def headers(self, retry: int = 0) -> dict[str, str]:
        """Return the headers, newly signed for each attempt as Slack does."""
        kind = "application/x-www-form-urlencoded" if self.is_form else "application/json"
        again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return {"Content-Type": kind, **sign(self.body), **(again if retry else {})}


@dataclass
class Story:
    """The events in Slack, in order."""

    slack: SlackStandIn
    requests: list[Request] = field(default_factory=list)

    def add(self, channel: str, event: Json) -> None:
        """Add an event in a channel."""
        whole = {"type": "message", "channel": channel, "channel_type": "channel", **event}
        self.requests.append(Request(event_body(whole, f"Ev{len(self.requests)}")))

    def say(self, channel: str, ts: str, text: str, **more: Any) -> None:
        """Add a message."""
        self.add(channel, self.slack.say(channel, text, ts=ts, **more))

    def edit(self, channel: str, ts: str, text: str, revision: str) -> None:
        """Add an edit."""
        edited = {"user": "U1", "ts": revision}
        message = {"type": "message", "ts": ts, "user": "U1", "text": text, "edited": edited}
        self.add(channel, {"subtype": "message_changed", "message": message})

    def delete(self, channel: str, ts: str) -> None:
        """Add a deletion, as Slack reports it: with a tombstone where there are replies."""
        self.slack.remove(channel, ts)
        gone = {"subtype": "message_deleted", "deleted_ts": ts}
        left = self.slack._messages[channel].get(ts)
        self.add(channel, gone if left is None else {"subtype": "message_changed", "message": left})


def write_story(slack: SlackStandIn) -> Story:
    """Write a story of twelve problems, each reported twice, then edited, answered or deleted."""
    story = Story(slack)
    for number, topic in enumerate(TOPICS):
        channel = CHANNELS[number % len(CHANNELS)]
        first, second = (f"{FIRST_TS + 100 * number + n}.000100" for n in range(2))
        story.say(channel, first, topic)
        story.say(channel, second, f"{topic} again", user="U3")
        if number % 6 == 0:
            story.edit(channel, second, "never mind", f"{FIRST_TS + 2000 + number}.000100")
            story.edit(channel, second, f"{topic} still", f"{FIRST_TS + 3000 + number}.000100")
        elif number % 6 == 1:
            story.edit(channel, second, "wombats dig in zurich", f"{FIRST_TS + 2000}.000100")
        elif number % 6 == 2:
            story.delete(channel, first)
        elif number % 6 == 3:
            story.delete(channel, second)
        elif number % 6 == 4:
            story.say(channel, f"{FIRST_TS + 5000 + number}.000100", "same here", thread_ts=second)
            preview = {"type": "message", "ts": second, "user": "U3", "text": f"{topic} again"}
            story.add(channel, {"subtype": "message_changed", "message": preview})
        else:
            story.say(channel, f"{FIRST_TS + 5000 + number}.000100", "who?", thread_ts=second)
            story.delete(channel, second)
    mention = slack.say("C1", "<@U0DEJA> help", ts=f"{FIRST_TS + 9000}.000100")
    story.add("C1", mention)
    story.add("C1", {**mention, "type": "app_mention"})
    return story


@contextmanager
def open_story_desk(file: SqliteFile, folder: Path, slack: SlackStandIn) -> Iterator[Desk]:
    """Run a separate bot, on a database of its own and a stand-in with the story's channels."""
    for channel in CHANNELS:
        slack.add_channel(channel)
    with slack.running(), open_desk(slack, file.renew(), str(folder), HashingEmbedder()) as opened:
        yield opened


@dataclass(frozen=True)
class Known:
    """The state of a desk: messages, decisions, and the bot's messages in each thread."""

    stored_items: dict[str, tuple[str, bool]]
    verdicts: list[tuple[frozenset[str], str, bool]]
    shown: dict[str, list[str]]


def send_in_order(desk: Desk, requests: Sequence[Request]) -> None:
    """Send the requests one by one, each after all jobs of the one before."""
    for request in requests:
        assert desk.request(request.body, request.headers()).status == 200
        desk.drain()


def storm(web: Web, sent: Sequence[tuple[Request, dict[str, str]]]) -> list[int]:
    """Send requests, fifty at a time, and return the status of each."""
    together = min(AT_ONCE, len(sent))
    start = Barrier(together)

    def send(number: int, request: Request, headers: dict[str, str]) -> int:
        if number < together:
            start.wait(60)
        return web.post(request.body.encode(), headers)

    with ThreadPoolExecutor(together) as pool:
        futures = [pool.submit(send, number, *one) for number, one in enumerate(sent)]
        return [future.result() for future in futures]


def repeated(rng: Random, requests: Sequence[Request]) -> list[tuple[Request, dict[str, str]]]:
    """Return the requests with up to three repeats each, like Slack's retries, in random order."""
    sent = [
        (request, request.headers(retry))
        for request in requests
        for retry in range(rng.randint(1, 4))
    ]
    rng.shuffle(sent)
    return sent


def stored_items(desk: Desk) -> dict[str, tuple[str, bool]]:
    """Return each stored message's text, and whether it is deleted."""
    with desk.services.database.read() as session:
        items = session.scalars(select(Item)).all()
    return {item.external_id: (item.text, item.deleted_at is not None) for item in items}


def verdicts(desk: Desk) -> list[tuple[frozenset[str], str, bool]]:
    """Return people's decisions, by message."""
    with desk.services.database.read() as session:
        names = {item.id: item.external_id for item in session.scalars(select(Item))}
        found = session.scalars(select(Verdict)).all()
    pairs = [({names[one.item_a_id], names[one.item_b_id]}, one) for one in found]
    rows = [(frozenset(pair), one.verdict, one.undone_at is None) for pair, one in pairs]
    return sorted(rows, key=lambda row: sorted(row[0]))


def shown_in(desk: Desk) -> dict[str, list[str]]:
    """Return the bot's messages in each thread, with messages in place of ids."""
    with desk.services.database.read() as session:
        names = {str(item.id): item.external_id for item in session.scalars(select(Item))}
    found: dict[str, list[str]] = {}
    for channel in CHANNELS:
        for message in desk.slack._messages[channel].values():
            if message.get("bot_id") == "B0DEJA":
                said = json.dumps([message["text"], message["blocks"]], sort_keys=True)
                named = re.sub(r'(?<=[":-])\d+(?=[":])', lambda m: names.get(m[0], m[0]), said)
                found.setdefault(f"{channel}/{message['thread_ts']}", []).append(named)
    return found


def known(desk: Desk) -> Known:
    """Return the state of a desk."""
    return Known(stored_items(desk), verdicts(desk), shown_in(desk))


def assert_same(web: Web, in_order: Known) -> None:
    """Assert that a desk after a storm equals one that got the story in order."""
    desk = web.desk
    found = known(desk)
    assert found.stored_items == in_order.stored_items
    assert found.shown == in_order.shown
    assert found.verdicts == in_order.verdicts
    assert desk.jobs("ready") == desk.jobs("failed") == desk.jobs("running") == []
    assert {len(messages) for messages in found.shown.values()} == {1}
