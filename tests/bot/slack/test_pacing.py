"""Pacing: each message gets one slot in its channel, a second apart."""

from __future__ import annotations

import pytest

from bot.slack.pacing import FORGET_SECONDS, Pacer
from services.errors import RetryLaterError


class Time:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def delay(pacer: Pacer, channel: str, key: str) -> float:
    """Return how long a message must wait."""
    try:
        pacer.reserve_slot(channel, key)
    except RetryLaterError as error:
        return error.delay
    return 0.0


def test_a_channel_gets_one_message_a_second() -> None:
    """Slots follow the order of requests, and each can be used once."""
    clock = Time()
    pacer = Pacer(1.0, clock)
    assert [delay(pacer, "C1", key) for key in "abc"] == [0.0, 1.0, 2.0]
    clock.now += 1.0
    assert [delay(pacer, "C1", key) for key in "cb"] == [1.0, 0.0]
    clock.now += 1.0
    assert delay(pacer, "C1", "c") == 0.0
    assert delay(pacer, "C1", "c") == pytest.approx(1.0)


def test_channels_do_not_wait_for_each_other() -> None:
    """Each channel has its own slots."""
    pacer = Pacer(1.0, Time())
    assert [delay(pacer, channel, channel) for channel in ("C1", "C2", "C3")] == [0.0] * 3


def test_an_unused_slot_is_forgotten() -> None:
    """A job that was given up holds no slot, and the memory does not grow."""
    clock = Time()
    pacer = Pacer(1.0, clock)
    for number in range(100):
        delay(pacer, "C1", str(number))
    clock.now += FORGET_SECONDS + 200
    assert delay(pacer, "C1", "new") == 0.0
    assert len(pacer._slots) == 0


def test_without_an_interval_no_message_waits() -> None:
    """An interval of zero is for a local Slack."""
    pacer = Pacer(0.0, Time())
    assert [delay(pacer, "C1", key) for key in "abc"] == [0.0] * 3
