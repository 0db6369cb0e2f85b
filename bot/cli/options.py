"""Options that several commands share, and the values they take."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_SPAN = re.compile(r"(\d{1,5})\s*([mhdw])", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

# Longer than any archive; a longer span is a typing mistake, and would end before the year 1.
_MAX_SPAN = timedelta(days=36_525)

# What the databases store and count with: 64 bits.
MAX_NUMBER = 2**63 - 1

# The number of a topic or a job, and how many of something.
ID = click.IntRange(1, MAX_NUMBER)
COUNT = click.IntRange(1, MAX_NUMBER)

WORKSPACE = click.option(
    "--workspace", "team_id", metavar="TEAM_ID", help="The workspace, if there are several."
)


class Since(click.ParamType):  # type: ignore[type-arg]  # generic only in the newest click
    """A time span before now (`90m`, `12h`, `30d`, `4w`) or an ISO 8601 date, by default in UTC.

    Converts to a `timedelta` or an aware `datetime`; `moment` turns either into a time.
    """

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta | datetime:
        if isinstance(value, timedelta | datetime):
            return value
        text = str(value).strip()
        span = _SPAN.fullmatch(text)
        if span is not None:
            length = timedelta(**{_UNITS[span[2].lower()]: int(span[1])})
            if length > _MAX_SPAN:
                self.fail(f"{text} is more than 100 years.", param, ctx)
            return length
        try:
            time = datetime.fromisoformat(text)
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is neither a span such as 30d or 12h nor a date.", param, ctx)


class FilePath(click.Path):
    """A file by its name; an empty one, as of a variable that is not set, is not this folder."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return the path."""
        if not os.fspath(value):
            self.fail("it is empty: name a file.", param, ctx)
        return super().convert(value, param, ctx)


def named(_ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return an option that has a name in it. Raises `BadParameter` for an empty one."""
    if value is not None and not value.strip("# "):
        raise click.BadParameter("it needs a name.", param=param)
    return value


SINCE = Since()
SINCE_OPTION = click.option(
    "--since", type=SINCE, metavar="SPAN|DATE", help="For example 12h, 30d or 2026-11-01."
)
# For the commands on topics.
PRIVATE = click.option(
    "--channel", metavar="NAME", help="A private or shared channel, which has topics of its own."
)
LIMIT_OPTION = click.option("--limit", type=COUNT, help="Show so many at most.")


def moment(since: timedelta | datetime, now: datetime) -> datetime:
    """Return the time that `since` means."""
    return now - since if isinstance(since, timedelta) else since
