"""Pacing: no more than one message a second into a channel, however many wait.

Slack takes about one; a channel that is flooded is muted. A job that is too early is told when its
turn comes and goes back into the queue, so that no thread waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from services.errors import RetryLaterError

# Turns that nobody came back for are forgotten after so long.
FORGET_SECONDS = 600.0


@dataclass
class Pacer:
    """Gives turns to post into channels, `interval` seconds apart, in order of asking."""

    interval: float
    clock: Callable[[], float] = time.monotonic
    _free: dict[str, float] = field(default_factory=dict)
    _turns: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def reserve_slot(self, channel: str, key: str) -> None:
        """Return where it is the turn of a message (`key`); raise `RetryLaterError` before."""
        if not self.interval:
            return
        with self._lock:
            now = self.clock()
            self._turns = {one: at for one, at in self._turns.items() if now - at < FORGET_SECONDS}
            at = self._turns.get(key)
            if at is None:
                at = self._turns[key] = max(now, self._free.get(channel, 0.0))
                self._free[channel] = at + self.interval
            if at > now:
                raise RetryLaterError("one message a second into a channel", at - now)
            del self._turns[key]
