"""The circuit breaker: calls are held back while Slack cannot be reached."""

from __future__ import annotations

import pytest

from bot.slack.breaker import FIRST_PROBE, MAX_FAILURES, MAX_PROBE, Breaker
from services.errors import UnavailableError
from tests.serving import Clock


def test_an_early_look_holds_back_like_a_call_but_is_no_probe() -> None:
    """However many look, the next call is the probe; they wait while it is under way."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(MAX_FAILURES):
        breaker.check_early()
        breaker.failure("no answer")
    with pytest.raises(UnavailableError):
        breaker.check()
    with pytest.raises(UnavailableError):
        breaker.check_early()
    clock.advance(FIRST_PROBE)
    breaker.check_early()
    breaker.check_early()
    breaker.check()
    with pytest.raises(UnavailableError):
        breaker.check_early()
    breaker.note_answer()
    breaker.check_early()


def test_a_job_that_may_need_no_call_does_not_come_for_the_probe() -> None:
    """The first one whose call is held back does, so that somebody finds out in time."""
    breaker = Breaker(Clock())
    for _ in range(MAX_FAILURES):
        breaker.failure("no answer")
    breaker.check_early()
    with pytest.raises(UnavailableError) as held_back:
        breaker.check()
    assert held_back.value.probe_in == FIRST_PROBE
    with pytest.raises(UnavailableError) as waiting:
        breaker.check_early()
    assert waiting.value.probe_in is None


def test_a_clock_that_is_set_back_does_not_put_off_the_probe() -> None:
    """It was a day ahead when the outage began: the next probe is due within a minute."""
    clock = Clock()
    clock.advance(86_400)
    breaker = Breaker(clock)
    for _ in range(MAX_FAILURES):
        breaker.failure("no answer")
    clock.advance(-86_400)
    with pytest.raises(UnavailableError) as held_back:
        breaker.check()
    assert held_back.value.probe_in == MAX_PROBE
    clock.advance(MAX_PROBE)
    breaker.check()
