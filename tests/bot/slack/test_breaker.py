"""The circuit breaker: calls are held back while Slack cannot be reached."""

from __future__ import annotations

import pytest

from bot.slack.breaker import FIRST_PROBE, MAX_FAILURES, Breaker
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
        breaker.check_early()
    clock.advance(FIRST_PROBE)
    breaker.check_early()
    breaker.check_early()
    breaker.check()
    with pytest.raises(UnavailableError):
        breaker.check_early()
    breaker.note_answer()
    breaker.check_early()
