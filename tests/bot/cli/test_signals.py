"""Stopping by a signal, at any moment."""

from __future__ import annotations

import subprocess
import sys

SECONDS = 30

# Sends the signal at the n-th line run while the program waits, or a moment later.
SCRIPT = """
import signal, sys
from threading import Timer, main_thread
from bot.cli.signals import stop_signals

for moment in range(1, 25):
    with stop_signals() as wait:
        lines, sent = 0, False

        def trace(frame, event, argument):
            global lines, sent
            lines += 1
            if lines == moment and not sent:
                sent = True
                signal.raise_signal(signal.SIGINT)
            return trace

        def late():
            global sent
            if not sent:
                sent = True
                signal.pthread_kill(main_thread().ident, signal.SIGINT)

        timer = Timer(0.05, late)
        timer.start()
        sys.settrace(trace)
        wait()
        sys.settrace(None)
        timer.join()
"""


def test_a_signal_at_any_moment_of_the_wait_ends_it() -> None:
    """A handler that took a lock of the waiting code would deadlock."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=SECONDS)


# The system may deliver a signal to any thread while the main one sleeps or is about to.
OTHER_THREAD_SCRIPT = """
import signal
from threading import Timer, get_ident
from bot.cli.signals import stop_signals
from services.interruption import SIGNALS

for number in SIGNALS:
    with stop_signals() as wait:
        Timer(0.05, lambda: signal.pthread_kill(get_ident(), number)).start()
        assert wait() == number
"""


def test_a_signal_delivered_to_another_thread_ends_the_wait() -> None:
    """The sleeping main thread runs no Python code, so the signal must wake it."""
    subprocess.run([sys.executable, "-c", OTHER_THREAD_SCRIPT], check=True, timeout=SECONDS)


TWICE_SCRIPT = """
import signal
from bot.cli.signals import stop_signals

with stop_signals() as wait:
    signal.raise_signal(signal.SIGTERM)
    assert wait() == signal.SIGTERM
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise SystemExit(7)
"""


def test_the_second_signal_ends_the_program_at_once() -> None:
    """A second Ctrl-C does not wait for running jobs."""
    ended = subprocess.run([sys.executable, "-c", TWICE_SCRIPT], check=False, timeout=SECONDS)
    assert ended.returncode == 7
