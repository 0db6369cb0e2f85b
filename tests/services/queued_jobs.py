"""An empty queue, and what tests of it do: put jobs in, claim them, look at them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from models import Database, Job, Workspace
from services.job_rows import ClaimedJob
from services.queue import JobQueue, NewJob, enqueue
from tests.conftest import NOW

SECOND = timedelta(seconds=1)

WORKSPACE_ID = 1


def open_queue(database: Database) -> JobQueue:
    """Return the empty queue of a database."""
    with database.write() as session:
        session.add(Workspace(id=WORKSPACE_ID, created_at=NOW))
    return JobQueue(database)


def put_in(queue: JobQueue, *keys: str, kind: str = "message") -> int:
    """Store jobs with these keys; return how many are new."""
    rows = [NewJob(kind, key, {"key": key}) for key in keys]
    with queue.database.write() as session:
        return enqueue(session, WORKSPACE_ID, rows, NOW)


def claim(
    queue: JobQueue, owner: str = "me", limit: int = 10, seconds: float = 0
) -> list[ClaimedJob]:
    """Claim due jobs so many seconds after the start."""
    now = NOW + seconds * SECOND
    return queue.claim(
        owner, now, limit=limit, kinds=["message", "answer"], workspaces=lambda _: [WORKSPACE_ID]
    )


def job_of(queue: JobQueue, key: str) -> Job:
    """Return the row of a job."""
    with queue.database.read() as session:
        return session.scalars(select(Job).where(Job.key == key)).one()
