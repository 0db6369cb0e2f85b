"""How the row of a job changes, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Job

ERROR_LENGTH = 500

# The error of jobs that were given up because their workers died; the sweep tries them again.
DIED = "the worker died each time it ran this"


@dataclass(frozen=True)
class ClaimedJob:
    """A job leased to an owner; `attempts` includes the current one.

    The fields are columns of `Job`.
    """

    id: int
    workspace_id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    owner: str
    created_at: datetime


def owned(session: Session, job: ClaimedJob, owner: str) -> Job | None:
    """Return a job's row if `owner` is still running it."""
    return session.scalar(
        select(Job).where(Job.id == job.id, Job.owner == owner, Job.state == "running")
    )


def release(row: Job, reason: str, run_at: datetime) -> None:
    """Let a job run again at a time."""
    row.state, row.owner, row.leased_until = "ready", None, None
    row.error, row.run_at = reason[:ERROR_LENGTH], run_at


def fail(row: Job, error: str, now: datetime) -> None:
    """Give a job up; people can see and retry it."""
    row.state, row.owner, row.leased_until = "failed", None, None
    row.error, row.finished_at = error[:ERROR_LENGTH], now


def drop(row: Job, reason: str, now: datetime) -> None:
    """End a job that nobody needs any more. Its payload goes, as that of a job that is done."""
    row.state, row.owner, row.leased_until = "dropped", None, None
    row.error, row.finished_at, row.payload = reason[:ERROR_LENGTH], now, {}
