"""When people are spoken to unasked: by day, and of a week on its first morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from services.phrases import Phrase, phrase

# When a team starts its week, most of the world over: Monday, from nine o'clock on.
WEEKDAY, HOUR = 0, 9

HOURS_A_DAY = 24


@dataclass(frozen=True)
class Hours:
    """The clock that a team lives by, and its hours in which nothing is said unasked.

    Quiet is it from `quiet_from` to `quiet_until`, whole hours of the clock in `zone`, over
    midnight where the first is the later one; never where both are the same.
    """

    zone: tzinfo = UTC
    quiet_from: int = 20
    quiet_until: int = 7

    @property
    def said(self) -> Phrase:
        """When something is said unasked, in words."""
        clock = {"hour": _clock(HOUR), "zone": str(self.zone)}
        if self.quiet_from == self.quiet_until:
            return phrase("On Mondays from {hour}, the rest at any time ({zone}).", **clock)
        return phrase(
            "On Mondays from {hour}; nothing from {start} to {end} ({zone}).",
            start=_clock(self.quiet_from),
            end=_clock(self.quiet_until),
            **clock,
        )

    def is_quiet(self, now: datetime) -> bool:
        """Say whether nothing is to be said unasked."""
        length = (self.quiet_until - self.quiet_from) % HOURS_A_DAY
        return (self._local(now).hour - self.quiet_from) % HOURS_A_DAY < length

    def is_week_told(self, now: datetime) -> bool:
        """Say whether it is the day, late enough and not quiet, for what is said once a week."""
        local = self._local(now)
        return local.weekday() == WEEKDAY and local.hour >= HOUR and not self.is_quiet(now)

    def day_of(self, now: datetime) -> str:
        """Return the day of a time, such as 2026-11-23."""
        return f"{self._local(now):%Y-%m-%d}"

    def week_of(self, now: datetime) -> str:
        """Return the ISO week of a time, such as 2026-W48."""
        year, week, _ = self._local(now).isocalendar()
        return f"{year}-W{week:02}"

    def _local(self, now: datetime) -> datetime:
        return now.astimezone(self.zone)


def _clock(hour: int) -> str:
    return f"{hour:02}:00"
