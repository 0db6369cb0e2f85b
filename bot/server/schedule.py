"""What is due by itself: jobs that nobody asks for, put in now and then."""

from __future__ import annotations

from datetime import datetime

from bot.tasks.digests import digest_jobs
from bot.tasks.topic_alerts import topic_jobs
from bot.wiring import Services
from services.judgement.calibration_store import count_verdicts
from services.queue import NewJob


def due_jobs(services: Services, workspace_id: int, now: datetime) -> list[NewJob]:
    """Return the jobs that are due in a workspace. One that was put in before has the same key."""
    guests = NewJob("guests", f"guests:{workspace_id}:{now:%Y-%m-%d}", {})
    return [
        *_calibrations(services, workspace_id),
        *digest_jobs(services, workspace_id, now),
        *topic_jobs(services, workspace_id, now),
        guests,
    ]


def _calibrations(services: Services, workspace_id: int) -> list[NewJob]:
    jobs = []
    for kind in ("ticket", "product"):
        if services.calibrator.is_due(workspace_id, kind):
            with services.database.read() as session:
                number = count_verdicts(session, workspace_id, kind)
            key = f"calibrate:{workspace_id}:{kind}:{number}"
            jobs.append(NewJob("calibrate", key, {"workspace_id": workspace_id, "kind": kind}))
    return jobs
