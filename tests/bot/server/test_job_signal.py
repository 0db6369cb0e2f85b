"""A signal wakes the threads that wait for a kind of job."""

from __future__ import annotations

from bot.server.job_signal import JobSignal

# How long a test waits for another thread at most; normally that takes milliseconds.
SOON = 20.0


def test_a_signal_is_not_missed() -> None:
    """A notification between the last check and the wait ends the wait at once."""
    signal = JobSignal()
    seen = signal.count()
    signal.notify()
    signal.wait(seen, timeout=SOON)
    assert signal.count() == seen + 1


def test_a_signal_wakes_only_threads_of_its_kind() -> None:
    """The others stay asleep; a notification without a kind wakes all."""
    signal = JobSignal()
    messages, answers = signal.count(["message"]), signal.count(["answer", "click"])
    signal.notify("answer")
    assert signal.count(["message"]) == messages
    assert signal.count(["answer", "click"]) != answers
    signal.notify()
    assert signal.count(["message"]) != messages
