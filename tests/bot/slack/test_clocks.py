"""This machine's clock is compared with Slack's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.slack.clocks import clock_ahead, clock_fault
from tests.serving import Desk


@pytest.mark.parametrize(
    ("days", "side"), [(400, "ahead of"), (-400, "behind")], ids=["ahead", "behind"]
)
def test_a_wrong_clock_is_told(desk: Desk, days: int, side: str) -> None:
    """By how much, and in which direction."""
    now = utc_now() + timedelta(days=days)
    assert abs(clock_ahead(desk.tasks.slack, now) - timedelta(days=days)) < timedelta(minutes=1)
    fault = clock_fault(desk.tasks.slack, now)
    assert fault is not None
    assert f" {side} Slack's: set it" in fault


def test_a_right_clock_is_none(desk: Desk) -> None:
    """Nothing is said of a few seconds."""
    assert clock_fault(desk.tasks.slack, utc_now()) is None
