"""`flow`: what one message costs on its way from a signed event to the posted answer.

Real tickets come one at a time, every fourth for the second time, and each is worked off before the
next comes. Then more come together, as after a pause. Counted are the processor time of the thread
that does all of it and its SQL statements. The stand-in for Slack answers in another thread, which
does not count. The hashing embedder takes next to nothing.

`python -m benchmarks.flow [--postgresql] [--kinds]` counts on PostgreSQL, or prints the statements.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from benchmarks import corpus
from benchmarks.measurement import Figure, fresh_deja, percentile
from benchmarks.pgvector import postgres
from bot.server.serve import build_bot
from bot.server.worker import BATCH
from bot.tasks.registry import BATCHED, SINGLE
from bot.wiring import Services
from tests.hashing import HashingEmbedder
from tests.serving import settings_values
from tests.slack_people import SlackPeople
from tests.slack_standin import SlackStandIn

# Before the first that counts, so that statements are compiled and there is something to find.
WARM_UP = 200
ALONE, TOGETHER = 400, 256
CHANNELS = ("C1", "C2", "C3", "C4")
REPEATS_EVERY = 4
FIRST_TS = 1_795_000_000
_LITERALS = re.compile(r"\s+|\((\?|%\(\w+\)s|[, ])+\)")


@dataclass
class Costs:
    """Processor time and statements of laps."""

    seconds: list[float] = field(default_factory=list)
    statements: Counter[str] = field(default_factory=Counter)
    transactions: int = 0

    @contextmanager
    def lap(self, engine: Engine) -> Iterator[None]:
        """Count a block."""

        def count_statement(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            self.statements[_LITERALS.sub(" ", statement)] += 1

        def count_transaction(_connection: Any) -> None:
            self.transactions += 1

        heard = (("before_cursor_execute", count_statement), ("begin", count_transaction))
        for name, listener in heard:
            event.listen(engine, name, listener)
        started = time.thread_time()
        yield
        self.seconds.append(time.thread_time() - started)
        for name, listener in heard:
            event.remove(engine, name, listener)

    def figures(self, name: str, messages: int) -> list[Figure]:
        """Return what a message took."""
        milliseconds = [1e3 * one for one in self.seconds]
        spread = (
            [] if len(milliseconds) < 2 else [Figure("  p95", percentile(milliseconds, 95), "ms")]
        )
        return [
            Figure(f"{name}: processor time of one", sum(milliseconds) / messages, "ms"),
            *spread,
            Figure("  statements of one", self.statements.total() / messages),
            Figure("  transactions of one", self.transactions / messages),
        ]


@dataclass(frozen=True)
class Way:
    """A bot, and a Slack in which its messages are written."""

    services: Services
    people: SlackPeople

    def send(self, number: int, text: str) -> None:
        """Write a message, and deliver its signed event."""
        channel = CHANNELS[number // REPEATS_EVERY % len(CHANNELS)]
        self.people.ticket(channel, text, ts=f"{FIRST_TS + number}.000100", user=f"U{number}")

    def work(self) -> None:
        """Do all jobs that are due."""
        worker = self.people.bot.worker
        lanes = ((BATCHED, BATCH), (SINGLE, 1))
        while sum(worker.run_once(lane, size) for lane, size in lanes):
            pass


@contextmanager
def _way(url: str) -> Iterator[Way]:
    slack = SlackStandIn()
    for channel in CHANNELS:
        slack.add_channel(channel)
    with slack.running():
        values = {k: v for k, v in settings_values(slack.url, url, "").items() if v}
        with fresh_deja(HashingEmbedder(), values) as services:
            way = Way(services, SlackPeople(slack, build_bot(services), count(1)))
            way.work()
            yield way


def _texts(number: int) -> list[str]:
    """Return tickets, of which every fourth repeats the one three before."""
    texts = corpus.tickets(number, from_sample=not corpus.has_data())
    return [
        f"Hello! {texts[n - 3]}" if n % REPEATS_EVERY == REPEATS_EVERY - 1 else texts[n]
        for n in range(number)
    ]


def measure(url: str = "", alone: int = ALONE, together: int = TOGETHER) -> dict[str, Costs]:
    """Return what messages cost: new ones, those with an answer, and many together."""
    costs = {"a new ticket": Costs(), "one with an answer": Costs(), "together": Costs()}
    texts = _texts(WARM_UP + alone + together)
    with _way(url) as way:
        engine, slack = way.services.database.engine, way.people.slack
        for number, text in enumerate(texts[: WARM_UP + alone]):
            before, cost = slack.count("chat.postMessage"), Costs()
            with cost.lap(engine):
                way.send(number, text)
                way.work()
            if number < WARM_UP:
                continue
            answered = slack.count("chat.postMessage") > before
            total = costs["one with an answer" if answered else "a new ticket"]
            total.seconds += cost.seconds
            total.statements += cost.statements
            total.transactions += cost.transactions
        with costs["together"].lap(engine):
            for number, text in enumerate(texts[WARM_UP + alone :], WARM_UP + alone):
                way.send(number, text)
            way.work()
    return costs


def _figures(costs: dict[str, Costs], together: int) -> list[Figure]:
    return [
        figure
        for name, cost in costs.items()
        for figure in cost.figures(name, together if name == "together" else len(cost.seconds))
    ]


def run(quick: bool) -> list[Figure]:
    """Measure on SQLite."""
    sizes = (16, 8) if quick else (ALONE, TOGETHER)
    return _figures(measure("", *sizes), sizes[1])


def main() -> int:
    """Measure on the database that is chosen, and print the statements if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flow")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--kinds", action="store_true", help="print how often each statement ran")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    if chosen.postgresql:
        with postgres() as url:
            costs = measure(url)
    else:
        costs = measure()
    for figure in _figures(costs, TOGETHER):
        print(figure)
    for name, cost in costs.items() if chosen.kinds else ():
        print(f"\n{name}, {len(cost.seconds)} laps")
        for statement, times in cost.statements.most_common():
            print(f"{times / len(cost.seconds):8.2f} {statement}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
