"""When the bot may post unasked: outside of quiet hours, weekly posts on the first morning."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Workspace
from services.phrases import Phrase, phrase

# Weekly posts come from Monday 9:00 on, when most teams start their week.
WEEKDAY, HOUR = 0, 9

HOURS_A_DAY = 24

_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class QuietHours:
    """A team's time zone, and the hours in which the bot posts nothing unasked.

    They last from `quiet_from` to `quiet_until`, full hours in `zone`, across midnight if the first
    is the later one. If both are equal there are none.
    """

    zone: tzinfo = UTC
    quiet_from: int = 20
    quiet_until: int = 7

    def of(self, row: Workspace | Channel) -> QuietHours:
        """Return the hours of a workspace or channel, these where it has none of its own.

        What cannot be read, such as a zone that this machine does not know, counts as none: see
        `unreadable_hours`.
        """
        zone, (start, end) = self.zone, (self.quiet_from, self.quiet_until)
        with suppress(ValueError):
            zone = read_zone(row.time_zone) if row.time_zone else zone
        with suppress(ValueError):
            start, end = read_hours(row.quiet_hours) if row.quiet_hours else (start, end)
        return replace(self, zone=zone, quiet_from=start, quiet_until=end)

    @property
    def description(self) -> Phrase:
        """The hours in words."""
        clock = {"hour": time(self.weekly_hour), "zone": str(self.zone)}
        if self.quiet_from == self.quiet_until:
            return phrase("Mondays from {hour}; alerts at any time ({zone}).", **clock)
        return phrase(
            "Mondays from {hour}; nothing from {start} to {end} ({zone}).",
            start=time(self.quiet_from),
            end=time(self.quiet_until),
            **clock,
        )

    def is_quiet(self, now: datetime) -> bool:
        """Say whether nothing may be posted unasked."""
        return self._is_quiet_hour(self._local(now).hour)

    def _is_quiet_hour(self, hour: int) -> bool:
        length = (self.quiet_until - self.quiet_from) % HOURS_A_DAY
        return (hour - self.quiet_from) % HOURS_A_DAY < length

    @property
    def weekly_hour(self) -> int:
        """The hour from which weekly posts come: the first one late enough, if one is not quiet."""
        day = (*range(HOUR, HOURS_A_DAY), *range(HOUR))
        first: int = next(hour for hour in day if not self._is_quiet_hour(hour))
        return first

    def is_weekly_time(self, now: datetime) -> bool:
        """Say whether it is the time for weekly posts: Monday, late enough and not quiet."""
        local = self._local(now)
        return (
            local.weekday() == WEEKDAY and local.hour >= self.weekly_hour and not self.is_quiet(now)
        )

    def day_of(self, now: datetime) -> str:
        """Return the local date, such as 2026-11-23."""
        return f"{self._local(now):%Y-%m-%d}"

    def week_of(self, now: datetime) -> str:
        """Return the local ISO week, such as 2026-W48."""
        year, week, _ = self._local(now).isocalendar()
        return f"{year}-W{week:02}"

    def _local(self, now: datetime) -> datetime:
        return now.astimezone(self.zone)


def hours_of_workspace(session: Session, workspace_id: int, default: QuietHours) -> QuietHours:
    """Return the hours of a workspace, where `default` are those of the settings."""
    workspace = session.get(Workspace, workspace_id)
    return default if workspace is None else default.of(workspace)


def hours_of_channel(session: Session, channel: Channel, default: QuietHours) -> QuietHours:
    """Return the hours of a channel, where `default` are those of the settings."""
    return hours_of_workspace(session, channel.workspace_id, default).of(channel)


def unreadable_hours(session: Session) -> list[tuple[str, str]]:
    """Return the workspaces and channels whose zone or hours cannot be read, and these."""
    rows: list[Workspace | Channel] = [
        *session.scalars(select(Workspace).order_by(Workspace.id)),
        *session.scalars(select(Channel).order_by(Channel.id)),
    ]
    return [
        (_name(row), text)
        for row in rows
        for text, read in ((row.time_zone, read_zone), (row.quiet_hours, read_hours))
        if text and not _is_readable(text, read)
    ]


def _name(row: Workspace | Channel) -> str:
    if isinstance(row, Channel):
        return f"#{row.name}" if row.name else str(row.slack_id)
    return row.name or str(row.team_id)


def _is_readable(text: str, read: Callable[[str], object]) -> bool:
    with suppress(ValueError):
        read(text)
        return True
    return False


def read_hours(text: str) -> tuple[int, int]:
    """Return the two hours of a text such as `20-7`. Raises `ValueError` if it is none."""
    found = _HOURS.fullmatch(text)
    if found is None or max(map(int, found.groups())) >= HOURS_A_DAY:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def read_zone(text: str) -> tzinfo:
    """Return the time zone of a name such as `Europe/Berlin`. Raises `ValueError` if there is none.

    Zones are files, so a wrong name fails in many ways.
    """
    try:
        return ZoneInfo(text)
    except (LookupError, OSError) as error:
        raise ValueError(text) from error
