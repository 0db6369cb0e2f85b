"""What is due by itself: jobs that nobody asks for, put in now and then."""

from __future__ import annotations

from datetime import datetime

from bot.tasks.digests import digest_jobs
from bot.tasks.topic_alerts import topic_jobs
from bot.wiring import Deja
from services.judgement.calibration_store import count_verdicts
from services.queue import NewJob


def due_jobs(deja: Deja, workspace_id: int, now: datetime) -> list[NewJob]:
    """Return the jobs that are due in a workspace. One that was put in before has the same key."""
    guests = NewJob("guests", f"guests:{workspace_id}:{now:%Y-%m-%d}", {})
    return [
        *_calibrations(deja, workspace_id),
        *digest_jobs(deja, workspace_id, now),
        *topic_jobs(deja, workspace_id, now),
        guests,
    ]


def _calibrations(deja: Deja, workspace_id: int) -> list[NewJob]:
    jobs = []
    for kind in ("ticket", "product"):
        if deja.calibrator.is_due(workspace_id, kind):
            with deja.database.read() as session:
                number = count_verdicts(session, workspace_id, kind)
            key = f"calibrate:{workspace_id}:{kind}:{number}"
            jobs.append(NewJob("calibrate", key, {"workspace_id": workspace_id, "kind": kind}))
    return jobs
