"""Wakes idle threads of a worker when there is a new job for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from threading import Condition

# Counts notifications that name no kind of job, and so are for every thread.
ALL_KINDS = "*"


class JobSignal:
    """Wakes the threads that run a kind of job, and lets the others sleep.

    Under load each look at the queue costs as much as storing an event, so a thread that is woken
    in vain is expensive.
    """

    def __init__(self) -> None:
        self._condition = Condition()
        self._counts: Counter[str] = Counter()

    def notify(self, *kinds: str) -> None:
        """Wake the threads that wait for jobs of these kinds; all of them if none is given."""
        with self._condition:
            self._counts.update(kinds or [ALL_KINDS])
            self._condition.notify_all()

    def count(self, kinds: Iterable[str] = ()) -> int:
        """Return how many notifications there have been for these kinds or for all."""
        with self._condition:
            return sum(self._counts[kind] for kind in (ALL_KINDS, *kinds))

    def wait(self, seen: int, timeout: float, kinds: Collection[str] = ()) -> None:
        """Wait until `count(kinds)` is no longer `seen`, or for `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.count(kinds) != seen, timeout)
