"""A bot in a process of its own that a storm kills and starts again, and whose clock it moves.

The process is forked from one that has imported everything and done nothing: a start takes a tenth
of a second instead of seconds, so that a hundred fit into the minutes of a storm.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from sqlalchemy import func, select

import migrations
from bot.clock import utc_now
from models import Database, Item, Job
from services.judgement.noise_budget import HELD_BACK
from tests import serve_hashing
from tests.bot.server.storm import CHANNELS, Request
from tests.databases import start_postgres
from tests.serving import settings_values
from tests.slack_standin import SlackStandIn

HOST = "127.0.0.1"
START_SECONDS = 60.0
# After a kill the clock is so much later: longer than a lease.
DOWN_SECONDS = 20.0
# How long the driver waits for work that is due after the clock jumped.
PATIENCE = 600.0
POLL_SECONDS = 0.1
# A jump of the clock is noticed when a thread of the worker looks for jobs again.
NOTICE_SECONDS = 0.7
# A call that a jump has cost comes again within this time.
RETRY_SECONDS = 30.0
TIMEOUT = 20
# Requests that Slack has under way at once.
SENDERS = 8
# Seconds between two lines about how far it is.
REPORT_EVERY = 15.0

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@dataclass
class Process:
    """A bot in a process of its own, its database, and its clock, which is `ahead` of ours."""

    slack: SlackStandIn
    database: Database
    environment: dict[str, str]
    clock_file: Path
    log: Path
    ahead: float = 0.0
    child: ForkServerProcess | None = None
    port: int = 0
    starts: int = 0
    taken: int = 0
    began: float = field(default_factory=time.monotonic)
    _next_second: float = 0.0
    _next_report: float = 0.0

    def now(self) -> float:
        """Return its time."""
        return time.time() + self.ahead

    def start(self) -> None:
        """Start the process, and wait until it listens."""
        self._set_clock()
        receiving, sending = _FORKS.Pipe(duplex=False)
        self.child = _FORKS.Process(target=_serve, args=(self.environment, str(self.log), sending))
        self.child.start()
        sending.close()
        with receiving, suppress(EOFError):
            if receiving.poll(START_SECONDS):
                self.port = receiving.recv()
                self.starts += 1
                return
        raise RuntimeError(f"the bot did not start: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Kill the process in the middle of its work."""
        if self.child is not None:
            self.child.kill()
            self.child.join()

    def take(self, requests: Sequence[Request]) -> list[bool]:
        """Send requests as Slack does, several at once; return for each if it was acknowledged."""
        self.taken += len(requests)
        with ThreadPoolExecutor(SENDERS) as senders:
            return list(senders.map(self._take, requests))

    def _take(self, request: Request) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT)
        try:
            connection.request("POST", "/slack/events", request.body.encode(), request.headers())
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait(self, seconds: float) -> None:
        """Let a second pass, less what it took to send; of more the clock jumps.

        What is due after a jump is done before this returns. What was tried then and has to wait,
        as in an outage, comes again later: waiting for an idle bot would never end.
        """
        self._report()
        if seconds <= 1:
            now = time.monotonic()
            self._next_second = max(now, self._next_second + seconds)
            time.sleep(self._next_second - now)
            return
        with self.slack.paused():
            self.ahead += seconds
            self._set_clock()
            time.sleep(NOTICE_SECONDS)
        due_at = self._time() + timedelta(seconds=0 if self.slack.outage else RETRY_SECONDS)
        deadline = time.monotonic() + PATIENCE
        while self._is_any_left(due_at) and time.monotonic() < deadline:
            self._report()
            time.sleep(POLL_SECONDS)

    def request_sweep(self) -> None:
        """Have it sweep the channels, as after a new connection."""
        if self.child is not None and self.child.pid is not None:
            os.kill(self.child.pid, signal.SIGUSR1)
            time.sleep(POLL_SECONDS)

    def kill(self, rng: Random) -> None:
        """Kill it at a random point of its work, and start it again."""
        time.sleep(rng.uniform(0, 1))
        self.stop()
        with self.slack.paused():  # what it had asked for is done before so long has passed
            self.ahead += DOWN_SECONDS
        self.start()

    def is_live(self, channel: str, ts: str) -> bool:
        """Say whether it has a message as a ticket."""
        known = select(Item.id).where(
            Item.external_id == f"{channel}/{ts}", Item.deleted_at.is_(None)
        )
        with self.database.read() as session:
            return session.scalar(known) is not None

    def held_back(self, channel: str, ts: str) -> bool:
        """Say whether it logged that the limit of the channel held back the answer to a message."""
        beginning = HELD_BACK.partition("(")[0] % (channel, ts)
        return beginning in self.log.read_text(encoding="utf-8")

    def keep(self) -> str:
        """Copy its database and log to a folder that stays, and return that."""
        folder = tempfile.mkdtemp(prefix="deja-storm-kept-")
        shutil.copytree(self.log.parent, folder, dirs_exist_ok=True)
        return folder

    def failed(self) -> int:
        """Return how many jobs were given up."""
        return self._jobs().get("failed", 0)

    def _jobs(self) -> dict[str, int]:
        with self.database.read() as session:
            rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
            return {state: number for state, number in rows}

    def _report(self) -> None:
        """Print how far it is, from time to time."""
        now = time.monotonic()
        if now < self._next_report:
            return
        self._next_report = now + REPORT_EVERY
        jobs = " ".join(f"{state} {number}" for state, number in sorted(self._jobs().items()))
        line = f"  {now - self.began:.0f} s: sent {self.taken}, started {self.starts}; jobs: {jobs}"
        print(line, file=sys.stderr, flush=True)

    def _is_any_left(self, due_at: datetime) -> bool:
        due = Job.state.in_(["ready", "running"]) & (Job.run_at <= due_at)
        with self.database.read() as session:
            return session.scalar(select(Job.id).where(due).limit(1)) is not None

    def _time(self) -> datetime:
        return utc_now() + timedelta(seconds=self.ahead)

    def _set_clock(self) -> None:
        # As long as before or longer, in one write: the bot never reads half a number.
        with self.clock_file.open("r+") as file:
            file.write(f"{self.ahead:031.3f}\n")


def _serve(environment: dict[str, str], log: str, announced: Connection) -> None:
    """Serve in a forked process, as `python -m tests.serve_hashing` does."""
    os.environ.update(environment)
    with Path(log).open("a", encoding="utf-8") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
    serve_hashing.main(announced.send)


@contextmanager
def open_process(postgresql: bool) -> Iterator[Process]:
    """Start a bot on an empty database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deja-storm-")))
        url = f"sqlite:///{folder / 'deja.db'}"
        if postgresql:
            server = stack.enter_context(start_postgres())
            stack.enter_context(server.durable())
            url = server.create("storm")
        database = Database.connect(url)
        stack.callback(database.close)
        migrations.upgrade(database.engine)
        slack = stack.enter_context(SlackStandIn().running())
        for channel in CHANNELS:
            slack.add_channel(channel)
        clock_file = folder / "clock"
        clock_file.touch()
        values = settings_values(slack.url, url, str(folder / "data"))
        environment = {**os.environ, **values, "DEJA_PORT": "0", "CLOCK_FILE": str(clock_file)}
        process = Process(slack, database, environment, clock_file, folder / "deja.log")
        stack.callback(process.stop)
        process.start()
        yield process
