"""The errors a person is shown, in Slack and on the command line alike.

DejaError                 something is wrong; the message says what, and what to do
├── SettingsError         a setting is missing or makes no sense
├── ModelError            the embedding model is missing, altered or unusable
├── DatabaseError         the database cannot be used as it is
├── InputError            what was typed or given to read makes no sense
├── ConflictError         a decision contradicts one that stands
├── NotAllowedError       somebody may not do what they asked for
├── NotEnoughVerdictsError  too few decisions to learn from
└── NotFoundError         what was asked for is not there
RetryLaterError           not an error yet: a job is to run again at a named time
"""

from __future__ import annotations

from datetime import datetime

from services.phrases import Phrase


class DejaError(Exception):
    """Base of every error that is shown to a person as one clear line.

    `phrase` is that line, for who speaks another language.
    """

    def __init__(self, message: str | Phrase) -> None:
        super().__init__(str(message))
        self.phrase = message if isinstance(message, Phrase) else Phrase(message)


class SettingsError(DejaError):
    """A setting is missing or makes no sense."""


class ModelError(DejaError):
    """The embedding model is missing, altered or unusable."""


class DatabaseError(DejaError):
    """The database cannot be used as it is."""


class InputError(DejaError):
    """What was typed, or given to read, makes no sense."""


class ConflictError(DejaError):
    """A decision contradicts one that stands: `decided_by` ruled out `pair` at `decided_at`.

    The message names items by their ids, which is for who may see every item. Where others read
    along, `pair` (item ids) says whose names they must be allowed to see.
    """

    def __init__(
        self, message: str, *, pair: tuple[int, int], decided_by: str, decided_at: datetime
    ) -> None:
        super().__init__(message)
        self.pair = pair
        self.decided_by = decided_by
        self.decided_at = decided_at


class NotAllowedError(DejaError):
    """Somebody may not do what they asked for."""


class NotEnoughVerdictsError(DejaError):
    """There are too few decisions to learn from, or too few of one kind."""


class NotFoundError(DejaError):
    """What was asked for is not there."""


class RetryLaterError(Exception):
    """A job cannot go on now and is to run again after `delay` seconds, however often it ran."""

    def __init__(self, message: str, delay: float) -> None:
        super().__init__(message)
        self.delay = delay
