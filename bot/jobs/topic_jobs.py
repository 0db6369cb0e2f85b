"""Jobs that follow topics: alerts, and checks of what is posted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from services.queue import NewJob
from services.topics.alerts import (
    standing_alerts,
)


def alerts_check_job(cause: str) -> NewJob:
    """Return the job that takes back the alerts that may stand no more."""
    return NewJob("alerts_check", f"alerts_check:{cause}", {})


def alert_jobs(
    session: Session, topic_ids: Collection[int], cause: str, *, since: datetime | None = None
) -> list[NewJob]:
    """Return the jobs that show anew the alerts on topics; `since`: those that rose since then."""
    return [
        NewJob("alert_show", f"alert_show:{alert_id}:{cause}", {"alert_id": alert_id})
        for alert_id in standing_alerts(session, topic_ids, since)
    ]
