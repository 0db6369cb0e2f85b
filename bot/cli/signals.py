"""Ctrl-C and SIGTERM: jobs that are running are finished, then the process ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType

# Ctrl-C, `kill`, and a terminal window that is closed.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_signals() -> Iterator[Callable[[], int]]:
    """Give a function that waits for one of `SIGNALS`; a second one ends the program at once."""
    # Not an Event: a handler that runs while `Event.wait` holds its lock would deadlock.
    received: SimpleQueue[int] = SimpleQueue()
    stopping = False
    before = {}

    def on_signal(number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True
        received.put(number)

    for number in SIGNALS:
        before[number] = signal.signal(number, on_signal)
    try:
        yield received.get
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
