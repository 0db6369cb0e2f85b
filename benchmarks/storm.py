"""`storm`: does every answer that is due come once, whatever goes wrong meanwhile?

A bot in a process of its own takes events at 60 a second: in copies, late, in another order,
dropped and sent again, or never, because its socket was broken. Messages are edited and deleted
meanwhile. Slack's calls fail, also after the work was done. Every so often the process is killed
(SIGKILL) and started again, and once Slack is away for an hour, in jumps of the bot's clock.

`python -m benchmarks.storm --events N --kills K [--seed S] [--postgresql]` runs another size.
"""

from __future__ import annotations

import argparse
import http.client
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from random import Random

from sqlalchemy import func, select

import migrations
from benchmarks.corpus import ROOT
from benchmarks.measurement import Figure, Stopwatch
from bot.clock import utc_now
from models import Database, Item, Job
from tests.bot.server.long_storm import Figures, LongStorm
from tests.bot.server.storm import CHANNELS, Request
from tests.databases import start_postgres
from tests.serving import settings_values
from tests.slack_standin import SlackStandIn

EVENTS, KILLS, SEED = 10_000, 100, 1
QUICK_EVENTS, QUICK_KILLS = 120, 1
HOST = "127.0.0.1"
# After a kill the clock is so much later: longer than a lease.
DOWN_SECONDS = 20.0
# How long the driver waits for work that is due after the clock jumped.
PATIENCE = 120.0
POLL_SECONDS = 0.1
# A jump of the clock is noticed when a thread of the worker looks for jobs again.
NOTICE_SECONDS = 0.7
TIMEOUT = 20


@dataclass
class Process:
    """A bot in a process of its own, its database, and its clock, which is `ahead` of ours."""

    slack: SlackStandIn
    database: Database
    environment: dict[str, str]
    clock_file: Path
    log: Path
    ahead: float = 0.0
    child: subprocess.Popen[str] | None = None
    port: int = 0

    def now(self) -> float:
        """Return its time."""
        return time.time() + self.ahead

    def start(self) -> None:
        """Start the process, and wait until it listens."""
        self._set_clock()
        with self.log.open("a") as errors:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "tests.serve_hashing"],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f"the bot did not start: {self.log.read_text()[-2000:]}")
        self.port = int(line)

    def stop(self) -> None:
        """Kill the process in the middle of its work."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            if self.child.stdout is not None:
                self.child.stdout.close()

    def take(self, request: Request) -> bool:
        """Send a request as Slack does; return whether it was acknowledged."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT)
        try:
            connection.request("POST", "/slack/events", request.body.encode(), request.headers())
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait(self, seconds: float) -> None:
        """Let a second pass; of more the clock jumps, and what is due then is done."""
        if seconds <= 1:
            time.sleep(seconds)
            return
        self.ahead += seconds
        self._set_clock()
        time.sleep(NOTICE_SECONDS)
        deadline = time.monotonic() + PATIENCE
        while self._is_busy() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def request_sweep(self) -> None:
        """Have it sweep the channels, as after a new connection."""
        if self.child is not None:
            self.child.send_signal(signal.SIGUSR1)
            time.sleep(POLL_SECONDS)

    def kill(self, rng: Random) -> None:
        """Kill it at a random point of its work, and start it again."""
        time.sleep(rng.uniform(0, 1))
        self.stop()
        self.ahead += DOWN_SECONDS
        self.start()

    def is_live(self, channel: str, ts: str) -> bool:
        """Say whether it has a message as a ticket."""
        known = select(Item.id).where(
            Item.external_id == f"{channel}/{ts}", Item.deleted_at.is_(None)
        )
        with self.database.read() as session:
            return session.scalar(known) is not None

    def failed(self) -> int:
        """Return how many jobs were given up."""
        with self.database.read() as session:
            return session.scalar(select(func.count(Job.id)).where(Job.state == "failed")) or 0

    def _is_busy(self) -> bool:
        due = (Job.state == "running") | ((Job.state == "ready") & (Job.run_at <= self._time()))
        with self.database.read() as session:
            return session.scalar(select(Job.id).where(due).limit(1)) is not None

    def _time(self) -> datetime:
        return utc_now() + timedelta(seconds=self.ahead)

    def _set_clock(self) -> None:
        # As long as before or longer, in one write: the bot never reads half a number.
        with self.clock_file.open("r+") as file:
            file.write(f"{self.ahead:031.3f}\n")


@contextmanager
def _process(postgresql: bool) -> Iterator[Process]:
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


def measure(events: int, kills: int, seed: int = SEED, *, postgresql: bool = False) -> list[Figure]:
    """Return what came of a storm of about `events` events."""
    watch = Stopwatch()
    with _process(postgresql) as process, watch.lap():
        storm = LongStorm(process, events, kills, seed)
        found = storm.run()
        _print_wrong(storm, found)
        failed = process.failed()
    return [
        Figure("events", found.events),
        Figure("kills", found.kills),
        Figure("answers due", found.due),
        Figure("tickets lost, or kept though deleted", found.lost, "", 0.0),
        Figure("answered twice", found.twice, "", 0.0),
        Figure("answers missing", len(found.missing), "", 0.0),
        Figure("answered though not due", len(found.unasked), "", 0.0),
        Figure("jobs given up", failed, "", 0.0),
        Figure("time", watch.seconds, "s"),
    ]


def _print_wrong(storm: LongStorm, found: Figures) -> None:
    """Print the stories that went wrong, so that they can be looked for in the log."""
    for problem in (*found.missing, *found.unasked):
        print(f"  {storm.fates[problem]}: {storm.where(problem)}", file=sys.stderr)


def run(quick: bool) -> list[Figure]:
    """Measure a storm of 10,000 events and 100 kills."""
    return measure(QUICK_EVENTS, QUICK_KILLS) if quick else measure(EVENTS, KILLS)


def main() -> int:
    """Measure a storm of another size; return 0 if every target is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--postgresql", action="store_true")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    figures = measure(chosen.events, chosen.kills, chosen.seed, postgresql=chosen.postgresql)
    for figure in figures:
        print(figure)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
