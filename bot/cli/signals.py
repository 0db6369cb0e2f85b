"""Ctrl-C and SIGTERM: a server finishes its running jobs, other commands are interrupted."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Protocol

from services.interruption import SIGNALS


class StopSignal(Protocol):
    """Waits for one of `SIGNALS`."""

    def __call__(self, timeout: float | None = None) -> int:
        """Return the signal, or 0 if none came within `timeout` seconds."""


@contextmanager
def all_interrupt() -> Iterator[None]:
    """Let each of `SIGNALS` interrupt as Ctrl-C does, so that a command says what it leaves."""
    if current_thread() is not main_thread():  # only the main one may set handlers
        yield
        return
    before = {one: signal.signal(one, _interrupt) for one in SIGNALS if _is_handled(one)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_handled(number: signal.Signals) -> bool:
    """Say whether a signal is not ignored, as `nohup` ignores SIGHUP."""
    return signal.getsignal(number) not in (signal.SIG_IGN, None)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def stop_signals() -> Iterator[StopSignal]:
    """Give a function that waits for one of `SIGNALS`; a second one ends the program at once."""
    stopping = False
    before = {}

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True

    # The system may give a signal to any thread, and Python's handler runs in the main thread once
    # that is awake: a lock or a queue would let it sleep on. The number of the signal is written to
    # a socket at once, in whatever thread, and wakes whoever reads there.
    receiving, sending = socket.socketpair()
    sending.setblocking(False)
    wakeup = signal.set_wakeup_fd(sending.fileno(), warn_on_full_buffer=False)
    for number in SIGNALS:
        before[number] = signal.signal(number, on_signal)

    def wait(timeout: float | None = None) -> int:
        receiving.settimeout(timeout)
        try:
            while (received := receiving.recv(1)[0]) not in SIGNALS:
                pass
        except TimeoutError:
            return 0
        return received

    try:
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        sending.close()
        receiving.close()
