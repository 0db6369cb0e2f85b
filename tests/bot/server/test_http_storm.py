"""Signed HTTP in a storm: fifty deliveries at once, repeated, forged, and in random order.

Each test delivers the same story twice: in order to one desk, and in a storm of requests to the
real server of another. In the end both desks have the same state.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest

from tests.bot.server.storm import (
    AT_ONCE,
    CHANNELS,
    FIRST_TS,
    TOPICS,
    Known,
    Request,
    Story,
    assert_same,
    known,
    open_story_desk,
    repeated,
    send_in_order,
    stored_items,
    storm,
    verdicts,
    write_story,
)
from tests.databases import SqliteFile
from tests.levels import seeds
from tests.serving import Desk, buttons
from tests.slack_methods import TEAM
from tests.slack_people import sign
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn
from tests.web import Web, listening

# The worker that has the story in order has all tests that compare with it.
pytestmark = pytest.mark.xdist_group("storm")


@pytest.fixture(scope="module")
def second_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteFile:
    """Give a database beside that of the desk."""
    return SqliteFile(sqlite_template, tmp_path_factory.mktemp("second") / "deja.db")


@pytest.fixture
def orderly(second_file: SqliteFile, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk that got the story in order, request by request."""
    with open_story_desk(second_file, tmp_path / "in-order", SlackStandIn()) as desk:
        send_in_order(desk, write_story(desk.slack).requests)
        yield desk


@pytest.fixture(scope="module")
def in_order(second_file: SqliteFile, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Give the state of a desk that got the story in order."""
    folder = tmp_path_factory.mktemp("in-order")
    with open_story_desk(second_file, folder, SlackStandIn()) as desk:
        send_in_order(desk, write_story(desk.slack).requests)
        return known(desk)


@pytest.fixture
def web(desk: Desk) -> Iterator[Web]:
    """Have a desk with the story's channels listen on a port."""
    for channel in CHANNELS:
        desk.slack.add_channel(channel)
    with listening(desk) as web:
        yield web


@seeds(1, 3)
def test_a_storm_ends_as_the_story_in_order(web: Web, in_order: Known, seed: int) -> None:
    """Each request is acknowledged; none is lost or handled twice."""
    rng = Random(seed)
    requests = write_story(web.desk.slack).requests
    sent = repeated(rng, requests)
    assert len(sent) > AT_ONCE
    assert set(storm(web, sent)) == {200}
    web.desk.drain()
    assert_same(web, in_order)


@seeds(1, 3)
def test_events_that_arrive_before_their_cause_end_the_same(
    web: Web, in_order: Known, seed: int
) -> None:
    """Even if the early events are handled before the rest arrives, repeated or late."""
    rng = Random(100 + seed)
    sent = repeated(rng, write_story(web.desk.slack).requests)
    cuts = [0, *sorted(rng.sample(range(1, len(sent)), 4)), len(sent)]
    for start, end in pairwise(cuts):
        assert set(storm(web, sent[start:end])) == {200}
        web.desk.drain()
    assert_same(web, in_order)


@seeds(1, 2)
@pytest.mark.both_databases
def test_a_storm_on_a_running_worker_ends_the_same(web: Web, in_order: Known, seed: int) -> None:
    """The worker's threads run at the same time, as in production."""
    rng = Random(200 + seed)
    sent = repeated(rng, write_story(web.desk.slack).requests)
    worker = web.desk.bot.worker
    worker.start()
    try:
        assert set(storm(web, sent)) == {200}
    finally:
        worker.stop()
    web.desk.wait(60)
    assert_same(web, in_order)


def test_the_story_has_answers(in_order: Known) -> None:
    """Repeated problems are answered unless they were deleted or changed."""
    seconds = {
        number: f"{CHANNELS[number % 4]}/{FIRST_TS + 100 * number + 1}.000100"
        for number in range(len(TOPICS))
    }
    answered = {number for number, thread in seconds.items() if thread in in_order.shown}
    assert answered == {0, 4, 6, 7, 10}  # the second to speak of wombats is 7
    assert f"C1/{FIRST_TS + 9000}.000100" in in_order.shown  # the mention


def form(desk: Desk, fields: Json, number: int) -> Request:
    """Return the form that Slack sends for a click or a command."""
    common = {"trigger_id": f"storm-{number}", "response_url": desk.slack.hook()}
    if "command" in fields:
        return Request(urlencode({**fields, **common, "team_id": TEAM}), is_form=True)
    payload = {"type": "block_actions", "team": {"id": TEAM}, **common, **fields}
    return Request(urlencode({"payload": json.dumps(payload)}), is_form=True)


def clicks(desk: Desk) -> list[Request]:
    """Return clicks on *Same issue* in each thread that has the button."""
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
    """Return edits of the answered messages that add words but keep the problem."""
    before = len(story.requests)
    for number in (0, 4, 6, 10):
        channel, ts = CHANNELS[number % 4], f"{FIRST_TS + 100 * number + 1}.000100"
        revision = f"{FIRST_TS + 8000 + number}.000100"
        story.edit(channel, ts, f"{TOPICS[number]} please", revision)
    return story.requests[before:]


@seeds(1, 2)
def test_clicks_and_commands_in_a_storm_count_once(web: Web, orderly: Desk, seed: int) -> None:
    """Whether edits come before or after them: one verdict per click."""
    rng = Random(300 + seed)
    story = write_story(web.desk.slack)
    assert set(storm(web, repeated(rng, story.requests))) == {200}
    web.desk.drain()
    pressed = clicks(web.desk)
    edits = later(Story(orderly.slack, list(story.requests)))
    send_in_order(orderly, [*clicks(orderly), *edits])
    asked = {"command": "/deja", "channel_id": "C1", "user_id": "U2"}
    commands = [
        form(web.desk, {**asked, "text": f"similar {topic}"}, 100 + number)
        for number, topic in enumerate(TOPICS)
    ]
    again = repeated(rng, [*pressed, *commands, *later(story), *story.requests])
    assert set(storm(web, again)) == {200}
    web.desk.drain()
    assert len(pressed) == len(verdicts(orderly)) == 5
    assert_same(web, known(orderly))
    assert len(web.desk.slack.private_replies) == len(commands)


def forged(rng: Random, request: Request) -> tuple[Request, dict[str, str]]:
    """Return a forged request, in one of many ways."""
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
    """Wrong secrets, bodies and times get 401, and lead to no job, no call and no verdict."""
    rng = Random(400 + seed)
    story = write_story(web.desk.slack)
    calls = len(web.desk.slack.calls)
    requests = [*story.requests, form(web.desk, {"command": "/deja", "text": "help"}, 1)]
    assert set(storm(web, [forged(rng, request) for request in requests * 3])) == {401}
    assert web.stored() == 0
    web.desk.drain()
    assert stored_items(web.desk) == {}
    assert len(web.desk.slack.calls) == calls


def test_forgeries_among_genuine_requests_change_nothing(web: Web, in_order: Known) -> None:
    """Forgeries are refused and genuine requests accepted, in any order."""
    rng = Random(500)
    requests = write_story(web.desk.slack).requests
    good = repeated(rng, requests)
    bad = [forged(rng, request) for request in requests * 2]
    mixed = [*((one, 200) for one in good), *((one, 401) for one in bad)]
    rng.shuffle(mixed)
    statuses = storm(web, [one for one, _ in mixed])
    assert statuses == [status for _, status in mixed]
    web.desk.drain()
    assert_same(web, in_order)


def test_a_replay_is_refused_or_ignored(web: Web, in_order: Known) -> None:
    """A recorded request is refused once stale; before that, or signed again, it does nothing.

    A replay within Slack's five minutes has the same event id as a retry.
    """
    requests = write_story(web.desk.slack).requests
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
    assert_same(web, in_order)
