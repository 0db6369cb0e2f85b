"""`workers`: messages through one, two and four worker processes on PostgreSQL.

Each call of the stand-in for Slack takes half a second, as Slack's do where it is slow, and then so
long that Slack is the limit on busy cores, too; the hashing embedder takes next to nothing. Every
fourth message repeats an earlier one word for word and gets an answer, which takes two calls. The
share of the time that the threads which call Slack wait for it shows whether Slack is the limit.
The time counts from the moment the jobs are in the queue until none is left. The workers are
running already and have seen a message in each channel: what they ask Slack about a channel that is
new to them, one channel after the other, does not count, and neither does starting.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from sqlalchemy import select

from benchmarks.bot_process import bot_process
from benchmarks.ingest import FIRST_TS
from benchmarks.measurement import Figure, Stopwatch, fresh_deja
from benchmarks.pgvector import postgres
from bot.clock import utc_now
from bot.jobs.from_events import job_for_message
from bot.jobs.kinds import enqueue_jobs
from bot.server.serve import build_bot
from bot.server.worker import BATCH, SINGLE_THREADS
from bot.wiring import Services
from models import Database, Job
from tests.hashing import HashingEmbedder
from tests.serving import settings_values
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn

# Several times as many as a worker takes at once, so that there is something to share.
MESSAGES = 4 * BATCH
CHANNELS = 8
WORKERS = (1, 2, 4)
REPEATS_EVERY = 4
CALL_SECONDS = (0.5, 2.0)
POLL_SECONDS = 0.05
MAX_SECONDS = 600.0


class SlowSlack(SlackStandIn):
    """A stand-in for Slack that takes its time."""

    def __init__(self, call_seconds: float) -> None:
        super().__init__()
        self.call_seconds = call_seconds

    def answer(self, path: str, token: str, call: Json) -> tuple[int, Json | str]:
        """Answer as Slack does, after a while."""
        time.sleep(self.call_seconds)
        return super().answer(path, token, call)


def run(quick: bool) -> list[Figure]:
    """Measure the throughput, and what more processes add to it."""
    return _measure(20, (1, 2), CALL_SECONDS[0]) if quick else run_with(MESSAGES)


def run_with(messages: int) -> list[Figure]:
    """Measure the same with so many messages."""
    return [one for took in CALL_SECONDS for one in _measure(messages, WORKERS, took)]


def _measure(messages: int, workers: tuple[int, ...], call_seconds: float) -> list[Figure]:
    rates = {}
    figures = [Figure("a call of Slack", call_seconds, "s")]
    for number in workers:
        seconds, calls, answers = _time(messages, number, call_seconds)
        rates[number] = messages / seconds
        name = f"{number} worker{'s' if number > 1 else ''}"
        waiting = calls * call_seconds / (seconds * number * SINGLE_THREADS)
        figures += [
            Figure(f"{name}: messages a second", rates[number]),
            Figure(f"{name}: calls of Slack a second", calls / seconds),
            Figure(f"{name}: share of the time that waits for Slack", waiting),
            Figure(f"{name}: answers given", answers),
        ]
        if number > 1:
            target = 1.8 if number == 2 else None
            ratio = rates[number] / rates[1]
            figures.append(Figure(f"{name} / one", ratio, "times", target, "at least"))
    return figures


def _time(messages: int, workers: int, call_seconds: float) -> tuple[float, int, int]:
    """Return the seconds, the calls of Slack in them, and the answers given."""
    slack = SlowSlack(call_seconds)
    with ExitStack() as stack:
        stack.enter_context(slack.running())
        url = stack.enter_context(postgres())
        given = settings_values(slack.url, url, "")
        values = {name: value for name, value in given.items() if value}
        services = stack.enter_context(fresh_deja(HashingEmbedder(), values))
        values["DEJA_DATA_DIR"] = str(services.settings.data_dir)
        for _ in range(workers):
            stack.enter_context(bot_process("hashing", values))
        _wait(services.database)
        channels = [slack.add_channel(f"C{number}") for number in range(CHANNELS)]
        first = CHANNELS * REPEATS_EVERY
        _enqueue(services, slack, channels, range(0, first, REPEATS_EVERY))
        _wait(services.database)
        before = len(slack.calls)
        watch = Stopwatch()
        with watch.lap():
            _enqueue(services, slack, channels, range(first, first + messages))
            _wait(services.database)
        return watch.seconds, len(slack.calls) - before, slack.count("chat.postMessage")


def _enqueue(
    services: Services, slack: SlackStandIn, channels: Sequence[str], numbers: range
) -> None:
    """Put the jobs of the messages into the queue at once, as the listeners would one by one."""
    bot = build_bot(services)
    [workspace_id] = bot.workspaces.installed()
    me = bot.workspaces.tasks(workspace_id).me
    jobs = []
    for number in numbers:
        first = number - number % REPEATS_EVERY
        is_repeat = number % REPEATS_EVERY == REPEATS_EVERY - 1
        words = [f"w{first if is_repeat else number}x{word}" for word in range(12)]
        # As many repeats in each channel: of a hundred tickets in one, thirty are answered at most.
        channel = channels[number // REPEATS_EVERY % CHANNELS]
        ts = f"{FIRST_TS + number}.000100"
        # Each by somebody else: what one person says in a row becomes one ticket.
        message = slack.say(channel, " ".join(words), ts=ts, user=f"U{number}")
        event = {**message, "channel": channel, "channel_type": "channel"}
        job = job_for_message(event, me, key=f"Ev{number}")
        assert job is not None
        jobs.append(job)
    with services.database.write() as session:
        enqueue_jobs(session, workspace_id, jobs, utc_now())


def _wait(database: Database) -> None:
    """Wait until no job is left."""
    unfinished = select(Job.id).where(Job.state.in_(["ready", "running"])).limit(1)
    deadline = time.monotonic() + MAX_SECONDS
    while time.monotonic() < deadline:
        with database.read() as session:
            if session.scalar(unfinished) is None:
                return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"jobs are left after {MAX_SECONDS:.0f} s")
