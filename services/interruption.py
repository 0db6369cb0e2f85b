"""Putting off Ctrl-C and its like while what was just stored is counted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

# Ctrl-C, `kill`, and a terminal window that is closed.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let signals wait until the end of the block, which must be short."""
    if current_thread() is not main_thread():  # Python handles signals in the main one alone
        yield
        return
    came: list[tuple[int, FrameType | None]] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))

    handlers = {one: signal.getsignal(one) for one in SIGNALS}
    handled = {one: found for one, found in handlers.items() if callable(found)}
    for number in handled:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
    for came_number, frame in came:
        handled[signal.Signals(came_number)](came_number, frame)
