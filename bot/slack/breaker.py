"""The circuit breaker of one workspace: while Slack is out of order, one call at a time finds out.

Each process has its own: an outage may be of its network alone, and a process that dies while it
probes holds up no other. The price is one probe a process. Jobs wait in the database, so all of
them know of what they wait for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock, get_ident

from bot.clock import utc_now
from bot.logs import OutageLog
from services.errors import UnavailableError

# Calls that fail one after the other before the breaker opens: a single one may be bad luck.
MAX_FAILURES = 5

# Seconds to the first probe, and at most between two: 5, 10, 20, 40, 60 …
FIRST_PROBE = 5.0
MAX_PROBE = 60.0

# A probe that has not come back after this long is taken for lost: far more than a call may take.
MAX_PROBE_TIME = timedelta(minutes=2)

logger = logging.getLogger(__name__)


class Breaker:
    """Counts the calls that fail one after the other, and holds back the others once too many did.

    A job has a few calls: the thread whose call was a probe that succeeded has closed the breaker.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._lock = Lock()
        self._log = OutageLog(logger, "Slack")
        self._failures = 0
        self._is_open = False
        self._probes = 0
        self._next_probe = clock()
        self._prober: int | None = None
        # Whether a job that was held back comes again for the next probe: the one that probed may
        # have been part of a batch, or may not be needed any more.
        self._has_deputy = False
        self._has_recovered = False

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self._is_open

    def check(self) -> None:
        """Return if a call may be made; raise `UnavailableError` while they are held back."""
        with self._lock:
            if not self._is_open:
                return
            now = self._clock()
            self._ensure_probe_is_due(now)
            self._prober = get_ident()
            if self._is_probe_lost(now):
                self._next_probe = now

    def check_early(self) -> None:
        """Do as `check`, before the work that prepares a call; a probe is not begun by this.

        While no job comes again for the next probe, it is let through: it may turn out to need no
        call, and would come in vain.
        """
        with self._lock:
            if self._is_open and self._has_deputy:
                self._ensure_probe_is_due(self._clock())

    def _ensure_probe_is_due(self, now: datetime) -> None:
        # The clock may have been set back.
        self._next_probe = min(self._next_probe, now + timedelta(seconds=MAX_PROBE))
        is_early = now < self._next_probe
        if is_early or (self._prober is not None and not self._is_probe_lost(now)):
            is_deputy = not self._has_deputy and is_early
            self._has_deputy = self._has_deputy or is_deputy
            probe_in = (self._next_probe - now).total_seconds() if is_deputy else None
            raise UnavailableError("Slack cannot be reached", probe_in)

    def _is_probe_lost(self, now: datetime) -> bool:
        return now >= self._next_probe + MAX_PROBE_TIME

    def failure(self, reason: str) -> UnavailableError:
        """Note that a call failed, and return the error to raise."""
        now = self._clock()
        with self._lock:
            self._failures += 1
            was_probe = self._is_open and self._prober == get_ident()
            opens = not self._is_open and self._failures >= MAX_FAILURES
            if was_probe or opens:
                self._is_open, self._prober, self._has_deputy = True, None, False
                self._probes = self._probes + 1 if was_probe else 0
                seconds = min(FIRST_PROBE * 2**self._probes, MAX_PROBE)
                self._next_probe = now + timedelta(seconds=seconds)
                self._log.note_failure(reason, now)
                return UnavailableError(reason, probe_in=seconds)
        return UnavailableError(reason)

    def note_answer(self) -> None:
        """Note that Slack answered, whatever it said."""
        with self._lock:
            if self._is_open:
                self._has_recovered = True
                self._log.note_success(self._clock())
            self._is_open, self._prober = False, None
            self._failures = self._probes = 0

    def take_recovery(self) -> bool:
        """Say whether Slack has answered again since this was last asked."""
        with self._lock:
            recovered, self._has_recovered = self._has_recovered, False
            return recovered
