"""`kill -9` at random points in a stream of events: every answer is posted, none twice."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event, Timer

import pytest
from sqlalchemy import func, select

from models import Database, Item
from services.queue import JobQueue
from tests.databases import PostgresServer
from tests.serving import settings_values
from tests.slack_people import event_body, json_headers
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn

# How long the machine is "down" after a kill: longer than any lease and any wait for a retry.
DOWN_SECONDS = 600

# The longest time before a kill, in seconds; the process accepts events, works, or both.
MAX_LIFE_LENGTH = 1.0

PATIENCE = 60.0

CHANNELS = 5


@dataclass
class Process:
    """Déjà in a separate process, which may be killed at any time."""

    child: subprocess.Popen[str]
    port: int

    def deliver(self, body: str) -> bool:
        """Send an event as Slack does; return whether it was acknowledged."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/slack/events", body.encode(), json_headers(body))
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self.child.send_signal(signal.SIGKILL)


@contextmanager
def _running(values: dict[str, str], log: Path, lives: int) -> Iterator[Process]:
    """Start Déjà again, with the clock set to after the time that the machine was down."""
    environment = {**os.environ, **values, "DEJA_PORT": "0"}
    environment["CLOCK_AHEAD"] = str(lives * DOWN_SECONDS)
    with log.open("a") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.serve_hashing"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with child:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, log.read_text()
        try:
            yield Process(child, int(line))
        finally:
            child.kill()


def _pairs(slack: SlackStandIn, number: int, random: Random) -> tuple[list[Json], list[Json]]:
    """Post `number` pairs of similar tickets in random order; return all, and the later of each."""
    texts = [" ".join(f"{part}{pair}" for part in "abcdefgh") for pair in range(number)] * 2
    random.shuffle(texts)
    # Enough channels that no limit for new teams silences one.
    places = [f"C{number + 1}" for number in range(CHANNELS)]
    for place in places[1:]:
        slack.add_channel(place)
    said = []
    for text in texts:
        place = places[int(text.split()[0][1:]) % CHANNELS]
        said.append({**slack.say(place, text), "channel": place})
    seen: set[str] = set()
    later = []
    for message in said:
        if message["text"] in seen:
            later.append(message)
        seen.add(message["text"])
    return said, later


def _stream(said: list[Json], random: Random) -> deque[str]:
    """Return the messages' events in random order, some of them twice."""
    events = [
        event_body({"channel_type": "channel", **message}, f"Ev{message['ts']}") for message in said
    ]
    events += random.sample(events, len(events) // 10)
    random.shuffle(events)
    return deque(events)


def _deliver_until_killed(process: Process, events: deque[str], life: float, share: int) -> None:
    """Deliver up to `share` events while the process runs; unacknowledged ones are kept."""
    killer = Timer(life, process.kill)
    killer.start()
    for _ in range(min(share, len(events))):
        if not process.deliver(events[0]):
            break
        events.popleft()
    killer.join()


def _wait_until(condition: Callable[[], bool]) -> bool:
    pause = Event()
    return any(condition() or pause.wait(0.1) for _ in range(int(PATIENCE / 0.1)))


def _survive(
    slack: SlackStandIn, url: str, folder: Path, *, pairs: int, kills: int, seed: int
) -> None:
    random = Random(seed)
    said, later = _pairs(slack, pairs, random)
    events = _stream(said, random)
    values = settings_values(slack.url, url, str(folder / "data"))
    log = folder / "deja.log"
    for lives in range(kills):
        share = -(-len(events) // (kills - lives))
        with _running(values, log, lives) as process:
            _deliver_until_killed(process, events, random.uniform(0, MAX_LIFE_LENGTH), share)
    with _running(values, log, kills) as process:
        while events:
            assert process.deliver(events.popleft())
        database = Database.connect(url)
        assert _wait_until(lambda: _is_idle(database)), JobQueue(database).counts()
    _check(slack, database, said, later)
    database.close()


def _is_idle(database: Database) -> bool:
    counts = JobQueue(database).counts()
    return counts["ready"] == counts["running"] == 0


def _check(slack: SlackStandIn, database: Database, said: list[Json], later: list[Json]) -> None:
    """Assert that the later ticket of each pair has one answer, others none, and all are stored."""
    assert JobQueue(database).find(["failed"], limit=10) == []
    expected = {message["ts"] for message in later}
    answers = {one["ts"]: len(slack.replies(one["channel"], one["ts"])) for one in said}
    assert answers == {ts: int(ts in expected) for ts in answers}
    assert len(slack.posted()) == len(later)
    with database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == len(said)


@pytest.mark.parametrize(
    ("pairs", "kills"), [(16, 2), pytest.param(100, 6, marks=pytest.mark.thorough)]
)
def test_killed_again_and_again_on_sqlite(
    slack: SlackStandIn, sqlite_url: str, tmp_path: Path, pairs: int, kills: int
) -> None:
    """Killed at random points, it still answers every duplicate exactly once."""
    _survive(slack, sqlite_url, tmp_path, pairs=pairs, kills=kills, seed=1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("kills", [1, pytest.param(3, marks=pytest.mark.thorough)])
@pytest.mark.both_databases
def test_killed_again_and_again_on_postgresql(
    slack: SlackStandIn, database_url: str, postgres: PostgresServer, tmp_path: Path, kills: int
) -> None:
    """The same on PostgreSQL."""
    with postgres.durable():
        _survive(slack, database_url, tmp_path, pairs=10 * kills, kills=kills, seed=2)
