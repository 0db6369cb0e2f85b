"""`burst`: signed events against the HTTP server, and the time from event to answer when idle.

In the burst every fourth event repeats an earlier ticket word for word and must get exactly one
answer. The others are like nothing before and must get none. Every twentieth is delivered twice, as
Slack does when in doubt. The time to an acknowledgement counts from the moment the event was due,
so that a slow one cannot hide behind a late request. The burst uses the hashing embedder, the
second part the real model.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import local

from sqlalchemy import func, select

from benchmarks import corpus
from benchmarks.bot_process import HOST, bot_process
from benchmarks.measurement import Figure, Stopwatch, fresh_deja, percentile
from models import Database, Item, Job
from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder
from tests.serving import settings_values
from tests.slack_people import event_body, json_headers
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn

# RATE is in events a second.
EVENTS, RATE = 2_000, 50.0
IDLE_EVENTS = 40
CHANNEL = "CHELP"
REPEATS_EVERY, TWICE_EVERY = 4, 20
FIRST_TS = 1_795_000_000
SENDERS = 32
MAX_WORK_SECONDS = 600.0
# Between two single events, and between two looks for an answer.
REST_SECONDS = 0.2
POLL_SECONDS = 0.001

_connections = local()


@dataclass(frozen=True)
class Scene:
    """The stand-in for Slack, the bot's database, and the port of its process."""

    slack: SlackStandIn
    database: Database
    port: int

    def say(self, number: int, text: str, channel: str = CHANNEL) -> Json:
        """Post a message in Slack, and return its event."""
        message = self.slack.say(channel, text, ts=f"{FIRST_TS + number}.000100")
        return {**message, "channel": channel, "channel_type": "channel"}

    def deliver(self, event: Json) -> None:
        """Send an event as Slack does, and wait for the acknowledgement."""
        body = event_body(event, f"Ev{event['ts']}")
        if not hasattr(_connections, "open"):
            _connections.open = http.client.HTTPConnection(HOST, self.port, timeout=30)
        _connections.open.request("POST", "/slack/events", body, json_headers(body))
        response = _connections.open.getresponse()
        response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the bot answered {response.status}")

    def wait_for_work(self) -> None:
        """Wait until no job is left."""
        unfinished = select(Job.id).where(Job.state.in_(["ready", "running"])).limit(1)
        deadline = time.monotonic() + MAX_WORK_SECONDS
        while time.monotonic() < deadline:
            with self.database.read() as session:
                if session.scalar(unfinished) is None:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"jobs are left after {MAX_WORK_SECONDS:.0f} s")


def run(quick: bool) -> list[Figure]:
    """Measure the burst, then, unless quick, single events with the real model."""
    return [*_burst(60 if quick else EVENTS), *([] if quick else _idle())]


@contextmanager
def _scene(embedder: str) -> Iterator[Scene]:
    slack = SlackStandIn()
    slack.add_channel(CHANNEL)
    with slack.running(), fresh_deja(HashingEmbedder()) as services:
        folder = str(services.settings.data_dir)
        values = settings_values(
            slack.url, services.settings.database_url.get_secret_value(), folder
        )
        with bot_process(embedder, values) as port:
            scene = Scene(slack, services.database, port)
            scene.wait_for_work()
            yield scene


def _burst(number: int) -> list[Figure]:
    distinct = [" ".join(f"w{one}x{word}" for word in range(12)) for one in range(number)]
    # A quarter, because at most thirty of a hundred tickets in a row are answered.
    repeats = range(REPEATS_EVERY, number, REPEATS_EVERY)
    texts = [distinct[one - 3] if one in repeats else distinct[one] for one in range(number)]
    with _scene("hashing") as scene:
        events = [scene.say(one, text) for one, text in enumerate(texts)]
        acknowledged = _send(scene, events)
        done = Stopwatch()
        with done.lap():
            scene.wait_for_work()
        with scene.database.read() as session:
            stored = session.scalar(select(func.count(Item.id))) or 0
            failed = session.scalar(select(func.count(Job.id)).where(Job.state == "failed")) or 0
        answers = [len(scene.slack.replies(CHANNEL, event["ts"])) for event in events]
    wrong = sum(count != (one in repeats) for one, count in enumerate(answers))
    return [
        Figure(
            f"acknowledged, {number:,} events at {RATE:.0f} a second: p50",
            1e3 * percentile(acknowledged, 50),
            "ms",
        ),
        Figure("acknowledged: p99", 1e3 * percentile(acknowledged, 99), "ms", 100.0),
        Figure("acknowledged: slowest", 1e3 * max(acknowledged), "ms"),
        Figure("events lost", number - stored, "", 0.0),
        Figure("answered twice", sum(count > 1 for count in answers), "", 0.0),
        Figure("answers missing or out of place", wrong, "", 0.0),
        Figure("answers given", sum(answers)),
        Figure("jobs failed", failed, "", 0.0),
        Figure("last answer after the last event", done.seconds, "s"),
    ]


def _send(scene: Scene, events: list[Json]) -> list[float]:
    """Deliver the events on time, some twice; return the seconds to each acknowledgement."""
    start = time.perf_counter() + 0.5

    def send(number: int) -> list[float]:
        due = start + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        scene.deliver(events[number])
        took = [time.perf_counter() - due]
        if number % TWICE_EVERY == 0:
            again = time.perf_counter()
            scene.deliver(events[number])
            took.append(time.perf_counter() - again)
        return took

    with ThreadPoolExecutor(SENDERS) as senders:
        return [seconds for took in senders.map(send, range(len(events))) for seconds in took]


def _idle() -> list[Figure]:
    """Time single events with the real model, each after the answer to the one before."""
    embedder = SentenceTransformerEmbedder()
    texts = corpus.tickets(IDLE_EVENTS, from_sample=True)
    answer, acknowledge, bare = Stopwatch(), Stopwatch(), Stopwatch()
    with _scene("model") as scene:
        for number, text in enumerate(texts):
            scene.deliver(scene.say(number, text))
        scene.wait_for_work()
        for number, text in enumerate(texts, len(texts)):
            again = f"Hello! {text}"  # a repeat that still has to be embedded
            # Each in a channel of its own: of those in one channel few would be answered.
            event = scene.say(number, again, scene.slack.add_channel(f"C{number}"))
            time.sleep(REST_SECONDS)
            with answer.lap():
                with acknowledge.lap():
                    scene.deliver(event)
                _wait_for_answer(scene, event)
            scene.wait_for_work()
            with bare.lap():
                embedder.encode([again])
    return [
        Figure(
            "real model, idle: event to acknowledgement, p95",
            1e3 * percentile(acknowledge.laps, 95),
            "ms",
        ),
        Figure("event to posted answer, p50", 1e3 * percentile(answer.laps, 50), "ms"),
        Figure("event to posted answer, p95", 1e3 * percentile(answer.laps, 95), "ms"),
        Figure("bare encode of the same texts, p50", 1e3 * percentile(bare.laps[1:], 50), "ms"),
        Figure("bare encode of the same texts, p95", 1e3 * percentile(bare.laps[1:], 95), "ms"),
    ]


def _wait_for_answer(scene: Scene, event: Json) -> None:
    deadline = time.monotonic() + 30
    while not scene.slack.replies(event["channel"], event["ts"]):
        if time.monotonic() > deadline:
            raise RuntimeError("no answer came")
        time.sleep(POLL_SECONDS)
