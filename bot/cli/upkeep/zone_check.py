"""What `deja doctor` says of the zones and quiet hours of workspaces and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.cli.terminal import open_database
from services.channels.quiet_hours import unreadable_hours

if TYPE_CHECKING:
    from bot.settings import Settings

MAX_NAMED = 5


def check_zones(settings: Settings) -> tuple[Literal["ok", "warning"], str]:
    """Return which zones and hours cannot be read, so that others are used in their place."""
    with open_database(settings) as database, database.read() as session:
        wrong = unreadable_hours(session)
    if not wrong:
        return "ok", "every time zone is known"
    named = ", ".join(f"{text} of {name}" for name, text in wrong[:MAX_NAMED])
    more = f" and {len(wrong) - MAX_NAMED} more" if len(wrong) > MAX_NAMED else ""
    return "warning", (
        f"{named}{more} cannot be read, so the team's own are used: set others with"
        " `deja settings apply`, or update the package tzdata"
    )
