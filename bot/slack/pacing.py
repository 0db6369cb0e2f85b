"""Pacing: at most one message per second and channel, however many are waiting.

Slack accepts about one, and people mute a channel that is flooded. A job that comes too early goes
back into the queue until its turn, so that no thread waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from services.errors import RetryLaterError

# Slots that nobody came back for are dropped after this time.
FORGET_SECONDS = 600.0


@dataclass
class Pacer:
    """Reserves slots to post into channels, `interval` seconds apart, first come, first served."""

    interval: float
    clock: Callable[[], float] = time.monotonic
    _free: dict[str, float] = field(default_factory=dict)
    _slots: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def reserve_slot(self, channel: str, key: str) -> None:
        """Return if it is the turn of a message (`key`); raise `RetryLaterError` before."""
        if not self.interval:
            return
        with self._lock:
            now = self.clock()
            self._slots = {one: at for one, at in self._slots.items() if now - at < FORGET_SECONDS}
            at = self._slots.get(key)
            if at is None:
                at = self._slots[key] = max(now, self._free.get(channel, 0.0))
                self._free[channel] = at + self.interval
            if at > now:
                raise RetryLaterError("one message per second and channel", at - now)
            del self._slots[key]
