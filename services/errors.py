"""The errors that people see, in Slack and on the command line alike.

DejaError                 base class; the message says what is wrong and what to do
├── SettingsError         a setting is missing or invalid
├── ModelError            the embedding model is missing, altered or unusable
├── DatabaseError         the database cannot be used as it is
│   └── NoTablesError     it has no tables yet
├── InputError            typed text or an input file is invalid
│   ├── NoTicketsError    nothing in an input file is known to be a ticket
│   └── UnclearDateError  a date does not say by itself which day it is
├── ConflictError         a decision contradicts a current one
├── NotAllowedError       a person may not do what they asked for
├── NotEnoughVerdictsError  too few decisions to learn from
├── NotFoundError         what was asked for does not exist
├── SourceError           a connected tracker or help desk refuses what it is asked
└── UnreachableError      Slack or the database cannot be reached now
    ├── DatabaseUnreachableError  the database; it is a DatabaseError, too
    ├── IndexUnreachableError     the index's server; a job runs again, too
    └── ModelUnreachableError     the embedding API; a job runs again, too
RetryLaterError           not shown: a job runs again after a delay
├── UnavailableError      not shown: Slack cannot be reached, and the job waits for it
└── SourceBusyError       not shown: a connected tracker cannot answer now
NotNeededError            not shown: a job is dropped, as nobody needs it any more
"""

from __future__ import annotations

from datetime import datetime

from services.phrases import Phrase

# How long a job waits for the index's server before it tries again.
INDEX_SECONDS = 10.0


class DejaError(Exception):
    """Base class of the errors that are shown to people as one clear line.

    `phrase` is that line in translatable form.
    """

    def __init__(self, message: str | Phrase) -> None:
        super().__init__(str(message))
        self.phrase = message if isinstance(message, Phrase) else Phrase(message)


class SettingsError(DejaError):
    """A setting is missing or invalid."""


class ModelError(DejaError):
    """The embedding model is missing, altered or unusable."""


class DatabaseError(DejaError):
    """The database cannot be used as it is."""


class NoTablesError(DatabaseError):
    """The database has no tables yet."""


class InputError(DejaError):
    """Typed text or an input file is invalid."""


class NoTicketsError(InputError):
    """Nothing in an input file is known to be a ticket."""


class UnclearDateError(InputError):
    """A date does not say by itself which day it is."""


class ConflictError(DejaError):
    """A decision contradicts a current one: `decided_by` ruled out `pair` at `decided_at`.

    The message names items, so it is for people who may see every item. Before showing it to
    others, check that they may see both items of `pair` (item ids).
    """

    def __init__(
        self, message: str | Phrase, *, pair: tuple[int, int], decided_by: str, decided_at: datetime
    ) -> None:
        super().__init__(message)
        self.pair = pair
        self.decided_by = decided_by
        self.decided_at = decided_at


class NotAllowedError(DejaError):
    """A person may not do what they asked for."""


class NotEnoughVerdictsError(DejaError):
    """There are too few decisions to learn from, or too few of one kind."""


class NotFoundError(DejaError):
    """What was asked for does not exist."""


class SourceError(DejaError):
    """A connected tracker or help desk refuses what it is asked: waiting does not help."""


class UnreachableError(DejaError):
    """Slack or the database cannot be reached now: it may help to wait."""


class DatabaseUnreachableError(DatabaseError, UnreachableError):
    """The database's server cannot be reached now."""


class RetryLaterError(Exception):
    """A job has to wait; it runs again after `delay` seconds, and the attempt does not count."""

    def __init__(self, message: str, delay: float) -> None:
        super().__init__(message)
        self.delay = delay


class IndexUnreachableError(UnreachableError, RetryLaterError):
    """The server of the index cannot be reached now."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)
        self.phrase = Phrase(message)
        self.delay = INDEX_SECONDS


class ModelUnreachableError(UnreachableError, RetryLaterError):
    """The embedding API does not answer now; a job asks again after `delay` seconds."""

    def __init__(self, message: str, delay: float) -> None:
        Exception.__init__(self, message)
        self.phrase = Phrase(message)
        self.delay = delay


class UnavailableError(RetryLaterError):
    """Slack cannot be reached: the job waits for it, which is no attempt, however long it takes.

    `probe_in` is when it should try again to find out, in seconds; None leaves that to the queue.
    """

    def __init__(self, message: str, probe_in: float | None = None) -> None:
        super().__init__(message, probe_in or 1.0)
        self.probe_in = probe_in


class SourceBusyError(RetryLaterError):
    """A connected tracker or help desk cannot answer now.

    `is_outage` is False where it only asks to wait.
    """

    def __init__(self, message: str, delay: float, *, is_outage: bool) -> None:
        super().__init__(message, delay)
        self.is_outage = is_outage


class NotNeededError(Exception):
    """What a job was for no longer matters; the message is the reason."""
