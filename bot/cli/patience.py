"""Wait at the start until Slack or the database can be reached."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from services.errors import UnreachableError

# Seconds between two tries: 1, 2, 4 … at most 30.
FIRST_PAUSE = 1.0
MAX_PAUSE = 30.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """Somebody stopped the program while it waited."""


def patiently(start: Callable[[], T], is_stopped: Callable[[float], bool]) -> T:
    """Return what `start` returns as soon as it raises no `UnreachableError`.

    The log says once what it waits for, and when that is over. `is_stopped` waits for so many
    seconds and says whether somebody stopped the program meanwhile: then this raises
    `StoppedError`.
    """
    pause, waits_for = FIRST_PAUSE, ""
    while True:
        try:
            started = start()
        except UnreachableError as error:
            if str(error) != waits_for:
                waits_for = str(error)
                logger.warning("%s Waiting for it, and trying again and again.", waits_for)
            if is_stopped(pause):
                raise StoppedError from error
            pause = min(2 * pause, MAX_PAUSE)
        else:
            if waits_for:
                logger.warning("It can be reached: starting.")
            return started
