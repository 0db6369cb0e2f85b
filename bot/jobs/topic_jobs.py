"""Jobs that keep the posted alerts of topics up to date."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.topic_kinds import AlertCheck, AlertUpdate
from services.topics.alerts import posted_alerts


def alerts_check_job(cause: str) -> AlertCheck:
    """Return the job that deletes the alerts that may no longer be shown."""
    return AlertCheck(key=f"alerts_check:{cause}")


def alert_jobs(
    session: Session, topic_ids: Collection[int], cause: str, *, since: datetime | None = None
) -> list[AlertUpdate]:
    """Return the jobs that update the alerts on topics; `since`: those that rose since then."""
    return [
        AlertUpdate(key=f"alert_show:{alert_id}:{cause}", alert_id=alert_id)
        for alert_id in posted_alerts(session, topic_ids, since)
    ]
