"""Signed HTTP under a storm: fifty deliveries at once, repeated, forged, and in any order.

Each test tells the same story twice: in order to one desk, and by a storm of requests to the real
server of another. In the end both desks know and show the same.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from shutil import copy
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from models import Item, Verdict
from tests.hashing import HashingEmbedder
from tests.levels import seeds
from tests.serving import Desk, buttons, open_desk
from tests.slack_methods import TEAM
from tests.slack_people import event_body, sign
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn
from tests.web import Web, listening

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
    """A body that Slack sends, and whether it is a form; a repeat has the same body."""

    body: str
    is_form: bool = False

    def headers(self, retry: int = 0) -> dict[str, str]:
        """Return the headers, signed anew for each try as Slack does."""
        kind = "application/x-www-form-urlencoded" if self.is_form else "application/json"
        again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return {"Content-Type": kind, **sign(self.body), **(again if retry else {})}


@dataclass
class Story:
    """What happened in Slack, in order."""

    slack: SlackStandIn
    requests: list[Request] = field(default_factory=list)

    def tell(self, channel: str, event: Json) -> None:
        """Add an event in a channel."""
        whole = {"type": "message", "channel": channel, "channel_type": "channel", **event}
        self.requests.append(Request(event_body(whole, f"Ev{len(self.requests)}")))

    def say(self, channel: str, ts: str, text: str, **more: Any) -> None:
        """Add a message."""
        self.tell(channel, self.slack.say(channel, text, ts=ts, **more))

    def edit(self, channel: str, ts: str, text: str, revision: str) -> None:
        """Add an edit."""
        edited = {"user": "U1", "ts": revision}
        message = {"type": "message", "ts": ts, "user": "U1", "text": text, "edited": edited}
        self.tell(channel, {"subtype": "message_changed", "message": message})

    def delete(self, channel: str, ts: str) -> None:
        """Add a deletion, as Slack tells it: with a tombstone where there are replies."""
        self.slack.remove(channel, ts)
        gone = {"subtype": "message_deleted", "deleted_ts": ts}
        left = self.slack._messages[channel].get(ts)
        self.tell(
            channel, gone if left is None else {"subtype": "message_changed", "message": left}
        )


def tell_story(slack: SlackStandIn) -> Story:
    """Tell of twelve problems: each is said twice, then edited, answered or taken back."""
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
            story.tell(channel, {"subtype": "message_changed", "message": preview})
        else:
            story.say(channel, f"{FIRST_TS + 5000 + number}.000100", "who?", thread_ts=second)
            story.delete(channel, second)
    mention = slack.say("C1", "<@U0DEJA> help", ts=f"{FIRST_TS + 9000}.000100")
    story.tell("C1", mention)
    story.tell("C1", {**mention, "type": "app_mention"})
    return story


@contextmanager
def a_desk(template: Path, folder: Path, slack: SlackStandIn) -> Iterator[Desk]:
    """Run a bot of its own on a stand-in with the story's channels."""
    folder.mkdir()
    for channel in CHANNELS:
        slack.add_channel(channel)
    url = f"sqlite:///{copy(template, folder / 'deja.db')}"
    with slack.running(), open_desk(slack, url, str(folder), HashingEmbedder()) as opened:
        yield opened


@dataclass(frozen=True)
class Known:
    """What a desk knows and shows: messages, decisions, and what stands in each thread."""

    remembered: dict[str, tuple[str, bool]]
    decided: list[tuple[frozenset[str], str, bool]]
    shown: dict[str, list[str]]


@pytest.fixture
def orderly(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk that was told the story in order, one request after the other."""
    with a_desk(sqlite_template, tmp_path / "told", SlackStandIn()) as desk:
        tell_in_order(desk, tell_story(desk.slack).requests)
        yield desk


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Give what a desk knows that was told the story in order."""
    folder = tmp_path_factory.mktemp("told") / "desk"
    with a_desk(sqlite_template, folder, SlackStandIn()) as desk:
        tell_in_order(desk, tell_story(desk.slack).requests)
        return known(desk)


def tell_in_order(desk: Desk, requests: Sequence[Request]) -> None:
    """Send one request after the other, each when all before is done."""
    for request in requests:
        assert desk.request(request.body, request.headers()).status == 200
        desk.drain()


@pytest.fixture
def web(desk: Desk) -> Iterator[Web]:
    """Let a desk with the story's channels listen on a port."""
    for channel in CHANNELS:
        desk.slack.add_channel(channel)
    with listening(desk) as web:
        yield web


def storm(web: Web, sent: Sequence[tuple[Request, dict[str, str]]]) -> list[int]:
    """Send requests, fifty at once, and return what was answered to each."""
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
    """Return requests with up to three repeats each, as Slack's retries, in any order."""
    sent = [
        (request, request.headers(retry))
        for request in requests
        for retry in range(rng.randint(1, 4))
    ]
    rng.shuffle(sent)
    return sent


def remembered(desk: Desk) -> dict[str, tuple[str, bool]]:
    """Return what is remembered: each message's text, and whether it is gone."""
    with desk.services.database.read() as session:
        items = session.scalars(select(Item)).all()
    return {item.external_id: (item.text, item.deleted_at is not None) for item in items}


def decided(desk: Desk) -> list[tuple[frozenset[str], str, bool]]:
    """Return what people decided, by messages."""
    with desk.services.database.read() as session:
        names = {item.id: item.external_id for item in session.scalars(select(Item))}
        verdicts = session.scalars(select(Verdict)).all()
    pairs = [({names[one.item_a_id], names[one.item_b_id]}, one) for one in verdicts]
    rows = [(frozenset(pair), one.verdict, one.undone_at is None) for pair, one in pairs]
    return sorted(rows, key=lambda row: sorted(row[0]))


def shown(desk: Desk) -> dict[str, list[str]]:
    """Return what stands in each thread, with messages for ids."""
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
    """Return what a desk knows and shows."""
    return Known(remembered(desk), decided(desk), shown(desk))


def assert_alike(web: Web, told: Known) -> None:
    """Assert that a desk after its storm is as one that was told in order."""
    desk = web.desk
    found = known(desk)
    assert found.remembered == told.remembered
    assert found.shown == told.shown
    assert found.decided == told.decided
    assert desk.jobs("ready") == desk.jobs("failed") == desk.jobs("running") == []
    assert {len(messages) for messages in found.shown.values()} == {1}


@seeds(1, 3)
def test_a_storm_ends_as_the_story_in_order(web: Web, told: Known, seed: int) -> None:
    """All at once, repeated, in any order: each is acknowledged, none is lost or done twice."""
    rng = Random(seed)
    requests = tell_story(web.desk.slack).requests
    sent = repeated(rng, requests)
    assert len(sent) > AT_ONCE
    assert set(storm(web, sent)) == {200}
    web.desk.drain()
    assert_alike(web, told)


@seeds(1, 3)
def test_what_comes_before_its_cause_ends_the_same(web: Web, told: Known, seed: int) -> None:
    """Also where the work on what came first is done before the rest comes, once more or late."""
    rng = Random(100 + seed)
    sent = repeated(rng, tell_story(web.desk.slack).requests)
    cuts = [0, *sorted(rng.sample(range(1, len(sent)), 4)), len(sent)]
    for start, end in pairwise(cuts):
        assert set(storm(web, sent[start:end])) == {200}
        web.desk.drain()
    assert_alike(web, told)


@seeds(1, 2)
@pytest.mark.both_databases
def test_a_storm_on_a_running_worker_ends_the_same(web: Web, told: Known, seed: int) -> None:
    """The worker's threads run meanwhile, as in the product."""
    rng = Random(200 + seed)
    sent = repeated(rng, tell_story(web.desk.slack).requests)
    worker = web.desk.bot.worker
    worker.start()
    try:
        assert set(storm(web, sent)) == {200}
    finally:
        worker.stop()
    web.desk.wait(60)
    assert_alike(web, told)


def test_the_story_is_worth_telling(told: Known) -> None:
    """In order: what was repeated is answered, but for what was taken back or changed."""
    seconds = {
        number: f"{CHANNELS[number % 4]}/{FIRST_TS + 100 * number + 1}.000100"
        for number in range(len(TOPICS))
    }
    answered = {number for number, thread in seconds.items() if thread in told.shown}
    assert answered == {0, 4, 6, 7, 10}  # the second to speak of wombats is 7
    assert f"C1/{FIRST_TS + 9000}.000100" in told.shown  # the mention


def form(desk: Desk, fields: Json, number: int) -> Request:
    """Return what somebody pressed or typed, as Slack sends it."""
    common = {"trigger_id": f"storm-{number}", "response_url": desk.slack.hook()}
    if "command" in fields:
        return Request(urlencode({**fields, **common, "team_id": TEAM}), is_form=True)
    payload = {"type": "block_actions", "team": {"id": TEAM}, **common, **fields}
    return Request(urlencode({"payload": json.dumps(payload)}), is_form=True)


def clicks(desk: Desk) -> list[Request]:
    """Return that somebody presses *Same issue* in each thread that has the button."""
    found: list[Request] = []
    for channel in CHANNELS:
        for message in list(desk.slack._messages[channel].values()):
            value = buttons(message).get("duplicate") if message.get("bot_id") else None
            if value:
                action = {"type": "button", "action_id": "deja_duplicate", "value": value}
                where = {"user": {"id": "U2"}, "channel": {"id": channel}, "actions": [action]}
                found.append(form(desk, where, len(found)))
    return found


def later(story: Story) -> list[Request]:
    """Return edits of the messages that are answered: words are added, the problem stays."""
    before = len(story.requests)
    for number in (0, 4, 6, 10):
        channel, ts = CHANNELS[number % 4], f"{FIRST_TS + 100 * number + 1}.000100"
        revision = f"{FIRST_TS + 8000 + number}.000100"
        story.edit(channel, ts, f"{TOPICS[number]} please", revision)
    return story.requests[before:]


@seeds(1, 2)
@pytest.mark.both_databases
def test_clicks_and_commands_in_a_storm_count_once(web: Web, orderly: Desk, seed: int) -> None:
    """Before or after edits, which come again with all that was said: one verdict a click."""
    rng = Random(300 + seed)
    story = tell_story(web.desk.slack)
    assert set(storm(web, repeated(rng, story.requests))) == {200}
    web.desk.drain()
    pressed = clicks(web.desk)
    told_later = later(Story(orderly.slack, list(story.requests)))
    tell_in_order(orderly, [*clicks(orderly), *told_later])
    asked = {"command": "/deja", "channel_id": "C1", "user_id": "U2"}
    commands = [
        form(web.desk, {**asked, "text": f"similar {topic}"}, 100 + number)
        for number, topic in enumerate(TOPICS)
    ]
    again = repeated(rng, [*pressed, *commands, *later(story), *story.requests])
    assert set(storm(web, again)) == {200}
    web.desk.drain()
    assert len(pressed) == len(decided(orderly)) == 5
    assert_alike(web, known(orderly))
    assert len(web.desk.slack.private_replies) == len(commands)


def forged(rng: Random, request: Request) -> tuple[Request, dict[str, str]]:
    """Return a request as a stranger sends it, in one of many ways."""
    good, body = request.headers(), request.body
    now = int(good["X-Slack-Request-Timestamp"])
    wrong: list[Json] = [
        sign(body, secret="another"),
        sign(f"{body} "),
        sign(body, timestamp=now - 3600),
        sign(body, timestamp=now + 3600),
        {"X-Slack-Signature": good["X-Slack-Signature"], "X-Slack-Request-Timestamp": str(now - 9)},
        {"X-Slack-Signature": good["X-Slack-Signature"][:-1]},
        {"X-Slack-Signature": good["X-Slack-Signature"].upper()},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": f"{now}.0"},
    ]
    return request, {**good, **rng.choice(wrong)}


@seeds(1, 2)
def test_a_storm_of_forgeries_leaves_nothing_behind(web: Web, seed: int) -> None:
    """Wrong secrets, other bodies and other times: 401 to each, no job, no call, no verdict."""
    rng = Random(400 + seed)
    story = tell_story(web.desk.slack)
    calls = len(web.desk.slack.calls)
    requests = [*story.requests, form(web.desk, {"command": "/deja", "text": "help"}, 1)]
    assert set(storm(web, [forged(rng, request) for request in requests * 3])) == {401}
    assert web.stored() == 0
    web.desk.drain()
    assert remembered(web.desk) == {}
    assert len(web.desk.slack.calls) == calls


def test_forgeries_among_the_good_change_nothing(web: Web, told: Known) -> None:
    """Those are refused, these are taken, whichever comes first."""
    rng = Random(500)
    requests = tell_story(web.desk.slack).requests
    good = repeated(rng, requests)
    bad = [forged(rng, request) for request in requests * 2]
    mixed = [*((one, 200) for one in good), *((one, 401) for one in bad)]
    rng.shuffle(mixed)
    statuses = storm(web, [one for one, _ in mixed])
    assert statuses == [status for _, status in mixed]
    web.desk.drain()
    assert_alike(web, told)


def test_a_replay_is_refused_or_known(web: Web, told: Known) -> None:
    """What was recorded is refused once its time is over; before, and signed anew, it is a no-op.

    A replay within Slack's five minutes bears the same event id as a retry.
    """
    requests = tell_story(web.desk.slack).requests
    assert set(storm(web, [(request, request.headers()) for request in requests])) == {200}
    web.desk.drain()
    stored = web.stored()
    fresh = [(request, request.headers()) for request in requests]
    assert set(storm(web, fresh)) == {200}
    now = int(fresh[0][1]["X-Slack-Request-Timestamp"])
    stale = [(one, {**one.headers(), **sign(one.body, timestamp=now - 600)}) for one in requests]
    assert Counter(storm(web, stale)) == {401: len(requests)}
    assert web.stored() == stored
    web.desk.drain()
    assert_alike(web, told)
