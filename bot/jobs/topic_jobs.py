"""Jobs that keep what is posted about topics up to date."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.kinds import BotJob
from bot.jobs.summary_jobs import summary_job
from bot.jobs.topic_kinds import AlertCheck, AlertUpdate
from services.topics.alerts import calm_since, posted_alerts
from services.topics.posts import newest_posted
from services.topics.scopes import Scope


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


def update_jobs(
    session: Session, scope: Scope, topic_ids: Collection[int], cause: str, now: datetime
) -> list[BotJob]:
    """Return the jobs that update Slack after people changed these topics of a scope.

    That is the newest summary of each channel, and the alerts on these topics.
    """
    summaries = newest_posted(session, scope)
    alerts = alert_jobs(session, topic_ids, cause, since=calm_since(now))
    return [
        *(summary_job(run_id, cause) for run_id in summaries),
        *alerts,
        # For topics that were merged.
        *([alerts_check_job(cause)] if alerts else []),
    ]
