"""What `deja doctor` says of the work that waits, and of what was given up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from bot.cli.terminal import count, open_database
from bot.clock import utc_now
from models import Workspace
from services.queue import JobQueue, oldest_overdue

if TYPE_CHECKING:
    from bot.settings import Settings


def check_queue(settings: Settings) -> tuple[Literal["ok", "warning", "problem"], str]:
    """Return since when work waits, by the settings' idea of too long, and how much failed."""
    now = utc_now()
    with open_database(settings) as database, database.read() as session:
        here = session.scalars(select(Workspace.id).where(Workspace.uninstalled_at.is_(None)))
        due = oldest_overdue(session, list(here), now)
        failed = JobQueue(database).counts()["failed"]
    found = []
    is_late = due is not None and now - due >= timedelta(minutes=settings.alert_minutes)
    if due is not None and is_late:
        span = timedelta(seconds=round((now - due).total_seconds()))
        found.append(
            f"work has been waiting for {span}: is `deja serve` or `deja worker` running, and does "
            "Slack answer? See `deja jobs list`"
        )
    if failed:
        jobs = count(failed, "job was", "jobs were")
        found.append(f"{jobs} given up: `deja jobs list --failed` says why")
    if not found:
        return "ok", "no work waits for long, and none was given up"
    return "problem" if is_late else "warning", "; ".join(found)
