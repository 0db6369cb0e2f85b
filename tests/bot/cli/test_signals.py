"""Stopping by a signal, at whatever moment it comes."""

from __future__ import annotations

import subprocess
import sys

SECONDS = 30

# Sends the signal at the n-th line that runs while the program waits, or a moment later.
SCRIPT = """
import signal, sys
from threading import Timer, main_thread
from bot.cli.serve import stop_signals

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


def test_a_signal_at_any_moment_of_the_wait_is_heard() -> None:
    """A handler that takes a lock of the waiting code would wait for itself for ever."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=SECONDS)
