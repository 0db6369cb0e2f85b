"""Wait at the start until Slack or the database can be reached."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from services.errors import UnreachableError

# Seconds between two tries: 1, 2, 4 … at most 30.
FIRST_PAUSE = 1.0
MAX_PAUSE = 30.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """Somebody stopped the program while it waited."""


@dataclass(frozen=True)
class Patience:
    """Takes steps of a start that need Slack or the database, each as soon as that is possible.

    `is_stopped` waits for so many seconds and says whether somebody stopped the program meanwhile.
    """

    is_stopped: Callable[[float], bool]

    def wait_for(self, step: Callable[[], T]) -> T:
        """Return what `step` returns as soon as it raises no `UnreachableError`.

        The log says once what it waits for, and when that is over. Raises `StoppedError` if
        somebody stops the program.
        """
        pause, said = FIRST_PAUSE, False
        while True:
            try:
                done = step()
            except UnreachableError as error:
                if not said:
                    logger.warning("%s Waiting for it.", error)
                said = True
                if self.is_stopped(pause):
                    raise StoppedError from error
                pause = min(2 * pause, MAX_PAUSE)
            else:
                if said:
                    logger.warning("It can be reached again: starting.")
                return done
