"""The bots that a long storm breaks over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Protocol

from bot.tasks.registry import BATCHED, SINGLE
from services.errors import NotNeededError, RetryLaterError
from tests.bot.server.storm import Request
from tests.serving import Desk
from tests.slack_standin import SlackStandIn


class Target(Protocol):
    """The bot that a storm breaks over."""

    @property
    def slack(self) -> SlackStandIn:
        """The stand-in for its Slack."""

    def now(self) -> float:
        """Return its time, in seconds since 1970."""

    def take(self, requests: Sequence[Request]) -> list[bool]:
        """Send it requests; return for each whether it was acknowledged."""

    def wait(self, seconds: float) -> None:
        """Let time pass, and the work that is due be done."""

    def request_sweep(self) -> None:
        """Connect it again after its socket was broken."""

    def kill(self, rng: Random) -> None:
        """Kill it at a random point of its work."""

    def is_live(self, channel: str, ts: str) -> bool:
        """Say whether it has a message as a ticket or product."""


@dataclass
class DeskTarget:
    """A bot in this process. Its workers die by claiming jobs, with or without doing the work."""

    desk: Desk
    _deaths: Iterator[int] = field(default_factory=count)

    @property
    def slack(self) -> SlackStandIn:
        """The stand-in for its Slack."""
        return self.desk.slack

    def now(self) -> float:
        """Return the time of its clock."""
        return self.desk.clock.now.timestamp()

    def take(self, requests: Sequence[Request]) -> list[bool]:
        """Have Bolt handle requests, one after the other."""
        answers = [self.desk.request(one.body, one.headers()) for one in requests]
        return [answer.status == 200 for answer in answers]

    def wait(self, seconds: float) -> None:
        """Move the clock on, and do what is due then."""
        self.desk.wait(seconds)

    def request_sweep(self) -> None:
        """Store the jobs of a sweep."""
        self.desk.bot.worker.request_sweep()

    def kill(self, rng: Random) -> None:
        """Let a worker die with the jobs that are due: before the work, or after it."""
        kinds = [kind.kind for kind in rng.choice([BATCHED, SINGLE])]
        jobs = self.desk.claim(f"dead-{next(self._deaths)}", *kinds)
        for job in jobs if rng.random() < 0.7 else []:
            handlers = {kind.kind: of for kind, of in {**BATCHED, **SINGLE}.items()}
            with suppress(RetryLaterError, NotNeededError):
                handlers[job.kind](self.desk.tasks)([job], self.desk.clock.now)

    def is_live(self, channel: str, ts: str) -> bool:
        """Say whether there is an item that was not deleted."""
        item = self.desk.find_item(channel, ts)
        return item is not None and item.deleted_at is None
