"""Putting off Ctrl-C and its like, and keeping Ctrl-C from the processes that this one starts."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

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


def start_shielded(process: BaseProcess) -> None:
    """Start a process that Ctrl-C does not reach: it reaches this one, which ends the other."""
    from multiprocessing import resource_tracker  # few commands need it

    # What is blocked here is blocked there. The tracker, which starts with the first process,
    # unblocks it.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
