"""The bot with its threads started, as in production."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from tests.bot.server.duplicate_tickets import PRINTER
from tests.serving import Desk

# Long enough for a busy machine.
SOON = 20.0


@pytest.mark.both_databases
def test_the_bot_works_in_its_own_threads(desk: Desk) -> None:
    """The started worker answers a duplicate and stops cleanly."""
    desk.bot.worker.start()
    desk.ticket("C1", PRINTER)
    desk.ticket("C1", PRINTER)
    posted = _wait_for(lambda: len(desk.slack.posted()) == 1)
    desk.bot.worker.stop()
    assert posted


def _wait_for(condition: Callable[[], bool]) -> bool:
    """Return whether a condition became true in time."""
    pause = Event()
    return any(condition() or pause.wait(0.05) for _ in range(int(SOON / 0.05)))
