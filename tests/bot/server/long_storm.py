"""A long storm: events arrive repeatedly, late, out of order or never, while everything fails.

Time advances in steps of a second with 60 events each. What happens in Slack is decided in advance,
so it is known which messages must get an answer. It breaks over a `Target`: a bot in this process
(`DeskTarget`), or one in a process of its own that is killed (`benchmarks/storm.py`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

from tests.bot.server.storm import CHANNELS, Request, Story
from tests.bot.server.storm_targets import Target
from tests.slack_server import broken, done_but_dropped, dropped, rate_limited

EVENTS_A_SECOND = 60
OUTAGE, JUMP = 3600, 300
FAULTS = (broken, dropped, done_but_dropped)
# A sweep really waits where another method is rate-limited.
LIMITED = ("chat.postMessage", "chat.update", "chat.delete")
METHODS = (*LIMITED, "conversations.replies")
WORDS = ("alpha", "beta", "gamma", "delta", "omega")
# What happens to the second report of a problem, and how often.
FATES = {
    "is alone": 250,
    "stays": 30,
    "changes": 10,
    "is another": 10,
    "loses the first": 7,
    "goes": 7,
    "talks": 6,
}
ANSWERED = {"stays", "changes", "talks"}
# How many events come of it; three if not said otherwise.
EVENTS_OF = {"is alone": 1, "stays": 2}
# Seconds after which Slack sends an event again that was not acknowledged; then it gives up.
RESENT_AFTER = (1, 60, 300)


@dataclass(frozen=True)
class Happening:
    """Something a person does in Slack, with the second in which they do it."""

    at: float
    problem: int
    what: str


@dataclass
class Figures:
    """The results of a storm."""

    events: int = 0
    due: int = 0
    lost: int = 0
    twice: int = 0
    missing: list[int] = field(default_factory=list)
    unasked: list[int] = field(default_factory=list)
    kills: int = 0


class LongStorm:
    """Delivers a story of about `events` events to a bot, and counts the answers.

    Both reports of a problem have the same words. Most problems are reported only once, because a
    channel with too large a share of answered tickets gets no more answers.
    """

    def __init__(self, target: Target, events: int, kills: int, seed: int) -> None:
        self.target = target
        self.slack = target.slack
        self.rng = Random(seed)
        self.story = Story(target.slack)
        self.figures = Figures()
        self.fates = self._choose_fates(events)
        self.seconds = events / EVENTS_A_SECOND
        self.happenings = sorted(self._write(), key=lambda one: one.at)
        self.kills_at = [self.rng.uniform(0, self.seconds) for _ in range(kills)]
        self.start = target.now() + 1
        self._times = self._time_reports()
        # When each is due, a number that keeps their order, and how often it was sent before.
        self.mail: list[tuple[float, int, Request, int]] = []
        self.numbers = count()
        self.revisions = count(1)
        self.deaf_until = 0.0

    def _choose_fates(self, events: int) -> list[str]:
        weights = list(FATES.values())
        caused = sum(weight * EVENTS_OF.get(fate, 3) for fate, weight in FATES.items())
        number = round(events * sum(weights) / caused)
        return self.rng.choices(list(FATES), weights, k=number)

    def _write(self) -> Iterator[Happening]:
        for problem, fate in enumerate(self.fates):
            # Those that are alone also come at the end: of hundred tickets few may be answered.
            end = self.seconds if fate == "is alone" else self.seconds * 0.8
            first = self.rng.uniform(0, end)
            second = first + self.rng.uniform(0.1, self.seconds * 0.1)
            yield Happening(first, problem, "first")
            if fate == "is alone":
                continue
            yield Happening(second, problem, "second")
            if fate != "stays":
                yield Happening(second + self.rng.uniform(0.1, self.seconds * 0.1), problem, fate)

    def where(self, problem: int) -> tuple[str, str, str]:
        """Return the channel of a problem and the `ts` of both reports."""
        found = self._times[problem]
        return CHANNELS[problem % len(CHANNELS)], found[0], found[-1]

    def _time_reports(self) -> dict[int, list[str]]:
        """Return the `ts` of the reports of each problem.

        They are in the order in which the reports are written, as Slack's are: a sweep looks for
        what came after the last message that it has seen.
        """
        times: dict[int, list[str]] = {}
        for number, one in enumerate(self.happenings):
            if one.what in {"first", "second"}:
                ts = f"{int(self.start + one.at)}.{number:06}"
                times.setdefault(one.problem, []).append(ts)
        return times

    def run(self) -> Figures:
        """Run the whole story, and return the results."""
        waiting = iter(self.happenings)
        upcoming = next(waiting, None)
        half, outage_is_over = self.seconds / 2, False
        for second in range(int(self.seconds) + 2):
            while upcoming is not None and upcoming.at <= second:
                self._happen(upcoming)
                upcoming = next(waiting, None)
            if second >= half and not outage_is_over:
                outage_is_over = True
                self._outage(second)
            self._disturb(second)
            self._deliver(second)
            self._die(second)
            self.target.wait(1)
        self._calm_down()
        return self._count()

    def _happen(self, one: Happening) -> None:
        channel, first, second = self.where(one.problem)
        text = " ".join(f"{word}{one.problem}" for word in WORDS)
        revision = f"{self.start + one.at:.0f}.{next(self.revisions):06}"
        before = len(self.story.requests)
        other = " ".join(f"{word}x{one.problem}" for word in WORDS)
        edits = {"changes": f"{text}!", "is another": other}
        match one.what:
            case "changes" | "is another":
                self._edit(channel, second, edits[one.what], revision)
            case "first":
                self.story.say(channel, first, text)
            case "second":
                self.story.say(channel, second, text, user="U3")
            case "loses the first":
                self.story.delete(channel, first)
            case "goes":
                self.story.delete(channel, second)
            case "talks":
                ts = f"{self.start + one.at:.0f}.{500_000 + one.problem:06}"
                self.story.say(channel, ts, "any idea?", user="U4", thread_ts=second)
        for request in self.story.requests[before:]:
            self._send(request, one.at)

    def _edit(self, channel: str, ts: str, text: str, revision: str) -> None:
        message = self.slack._messages[channel][ts]
        message |= {"text": text, "edited": {"user": message["user"], "ts": revision}}
        change = {"subtype": "message_changed", "message": dict(message)}
        self.story.add(channel, change)

    def _send(self, request: Request, at: float) -> None:
        """Send an event: late, repeated, again after a drop, or never while the socket is down.

        In the last case a sweep finds the change.
        """
        self.figures.events += 1
        if at < self.deaf_until:
            return
        late = self.rng.uniform(0, 3)
        if self.rng.random() < 0.1:  # dropped, and sent again
            late += self.rng.choice([5, 60, 300])
        copies = 1 + (self.rng.random() < 0.2) + (self.rng.random() < 0.05)
        for _ in range(copies):
            heapq.heappush(self.mail, (at + late, next(self.numbers), request, 0))
            late += self.rng.uniform(0, 30)

    def _deliver(self, second: float) -> None:
        due = []
        while self.mail and self.mail[0][0] <= second:
            due.append(heapq.heappop(self.mail)[2:])
        taken = self.target.take([request for request, _ in due])
        for (request, times), acknowledged in zip(due, taken, strict=True):
            if not acknowledged and times < len(RESENT_AFTER):
                again = min(second, self.seconds + OUTAGE) + RESENT_AFTER[times]
                heapq.heappush(self.mail, (again, next(self.numbers), request, times + 1))

    def _disturb(self, second: float) -> None:
        """Break single calls and, from time to time, the socket for ten seconds."""
        for _ in range(3):
            if self.rng.random() < 0.3:
                self.slack.fail(self.rng.choice(METHODS), self.rng.choice(FAULTS)())
            elif self.rng.random() < 0.1:
                self.slack.fail(self.rng.choice(LIMITED), rate_limited(3))
        if self.deaf_until and second >= self.deaf_until:
            self.deaf_until = 0.0
            self.target.request_sweep()  # the socket is connected again
        elif not self.deaf_until and self.rng.random() < 0.02:
            self.deaf_until = second + 10

    def _die(self, second: float) -> None:
        while any(at <= second for at in self.kills_at):
            self.kills_at.remove(min(self.kills_at))
            self.figures.kills += 1
            self.target.kill(self.rng)

    def _outage(self, second: float) -> None:
        """Let Slack's Web API be away for an hour, in jumps; events that were sent still come."""
        self.slack.outage = dropped
        for jump in range(OUTAGE // JUMP):
            self._deliver(second + (jump + 1) * JUMP)
            self.target.wait(JUMP)
        self.slack.outage = None

    def _calm_down(self) -> None:
        """Deliver the rest, and run jobs until none are left."""
        for _ in range(10):
            self._deliver(float("inf"))
            self.target.wait(JUMP)
        self.target.request_sweep()
        for _ in range(4):
            self.target.wait(JUMP)

    def _count(self) -> Figures:
        found = self.figures
        for problem, fate in enumerate(self.fates):
            if fate == "is alone":
                continue
            channel, first, second = self.where(problem)
            answers = [len(self.slack.replies(channel, ts)) for ts in (first, second)]
            is_due = fate in ANSWERED
            found.due += is_due
            found.twice += max(answers) > 1
            if is_due and sum(answers) != 1:
                found.missing.append(problem)
            if not is_due and any(answers):
                found.unasked.append(problem)
            found.lost += not all(self._is_as_in_slack(channel, ts) for ts in (first, second))
        return found

    def _is_as_in_slack(self, channel: str, ts: str) -> bool:
        is_there = ts in self.slack._messages[channel]
        is_live = self.target.is_live(channel, ts)
        gone = self.slack._messages[channel].get(ts, {}).get("subtype") == "tombstone"
        return is_live == (is_there and not gone)
