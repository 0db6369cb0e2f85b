"""The job queue in the database: enqueue once, claim with a lease, finish or retry.

A job is *ready*, *running* (leased by an owner), *done* (kept without its payload, so that the
same event is known when it comes again) or *failed* (out of attempts; shown and retried by people).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models import Database, Job, insert_new
from services.errors import NotFoundError

# Attempt 8 comes about eight minutes after the first: long enough for a deploy or a short outage.
MAX_ATTEMPTS = 8
FIRST_DELAY = 2.0
MAX_DELAY = 300.0

# A job that workers died with so often is run alone: one that kills them takes no other with it.
SUSPECT = 2

# A worker renews its leases three times in this time; a killed one's jobs are free after it.
LEASE = timedelta(seconds=15)

# Slack's own retries end after minutes; what arrives later than this is new.
KEEP_DONE = timedelta(days=7)

ERROR_LENGTH = 500


@dataclass(frozen=True)
class NewJob:
    """What is to be done. A second job with the same `key` is never stored in a workspace."""

    kind: str
    key: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class ClaimedJob:
    """A job of a workspace, leased to an owner; `attempts` counts this one."""

    id: int
    workspace_id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    owner: str


def retry_delay(attempts: int) -> float:
    """Return the seconds to wait after the `attempts`-th failure: 2, 4, 8 … at most 300."""
    return float(min(FIRST_DELAY * 2 ** (attempts - 1), MAX_DELAY))


def enqueue(session: Session, workspace_id: int, jobs: Sequence[NewJob], now: datetime) -> int:
    """Store a workspace's jobs whose keys are new and return how many those were."""
    rows = [
        {
            "workspace_id": workspace_id,
            "kind": job.kind,
            "key": job.key,
            "payload": job.payload,
            "state": "ready",
            "attempts": 0,
            "run_at": now,
            "created_at": now,
        }
        for job in {job.key: job for job in jobs}.values()
    ]
    return insert_new(session, Job, rows, unique=["workspace_id", "key"])


@dataclass(frozen=True)
class JobQueue:
    """Claims and finishes the jobs of one database."""

    database: Database
    max_attempts: int = MAX_ATTEMPTS
    lease: timedelta = LEASE

    def claim(
        self,
        owner: str,
        now: datetime,
        *,
        limit: int,
        kinds: Collection[str],
        workspaces: Collection[int],
    ) -> list[ClaimedJob]:
        """Lease up to `limit` due jobs of `kinds` in `workspaces`, oldest first.

        A job whose lease ran out is due again; where that was its last attempt it fails. One that
        workers died with before comes alone.
        """
        due = and_(Job.kind.in_(kinds), Job.workspace_id.in_(workspaces), _due(now))
        with self.database.read() as session:  # an idle worker does not hold up writers
            if session.scalar(select(Job.id).where(due).limit(1)) is None:
                return []
        with self.database.write() as session:
            jobs = session.scalars(
                select(Job)
                .where(due)
                .order_by(Job.run_at, Job.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            ).all()
            claimed: list[ClaimedJob] = []
            for job in jobs:
                if job.attempts >= self.max_attempts:
                    _fail(job, "the worker died each time it ran this", now)
                    continue
                is_suspect = job.state == "running" and job.attempts >= SUSPECT
                if is_suspect and claimed:
                    break
                job.state, job.owner = "running", owner
                job.attempts += 1
                job.leased_until = now + self.lease
                claimed.append(
                    ClaimedJob(
                        job.id,
                        job.workspace_id,
                        job.kind,
                        job.key,
                        job.payload,
                        job.attempts,
                        owner,
                    )
                )
                if is_suspect:
                    break
        return claimed

    def renew(self, owner: str, job_ids: Sequence[int], now: datetime) -> None:
        """Lengthen the leases of the jobs that `owner` is running."""
        if not job_ids:
            return
        with self.database.write() as session:
            session.execute(
                update(Job)
                .where(Job.id.in_(job_ids), Job.state == "running", Job.owner == owner)
                .values(leased_until=now + self.lease)
            )

    def retry(self, job: ClaimedJob, owner: str, error: str, now: datetime) -> bool:
        """Put a failed job back for later, or give it up; return whether it will run again."""
        again = job.attempts < self.max_attempts
        with self.database.write() as session:
            row = _owned(session, job, owner)
            if row is None:
                return True
            if again:
                _release(row, error, now + timedelta(seconds=retry_delay(job.attempts)))
            else:
                _fail(row, error, now)
        return again

    def postpone(
        self, job: ClaimedJob, owner: str, reason: str, *, delay: float, now: datetime
    ) -> None:
        """Put a job back without counting the attempt: it was told to wait, it did not fail."""
        with self.database.write() as session:
            row = _owned(session, job, owner)
            if row is not None:
                _release(row, reason, now + timedelta(seconds=delay))
                row.attempts -= 1

    def retry_failed(self, now: datetime, job_id: int | None = None) -> int:
        """Make failed jobs (or the one named) ready again and return how many."""
        with self.database.write() as session:
            statement = update(Job).where(Job.state == "failed")
            if job_id is not None:
                statement = statement.where(Job.id == job_id)
            changed = session.execute(
                statement.values(state="ready", attempts=0, run_at=now, finished_at=None).returning(
                    Job.id
                )
            ).all()
        if job_id is not None and not changed:
            raise NotFoundError(f"There is no failed job {job_id}. See `deja jobs list --failed`.")
        return len(changed)

    def purge(self, now: datetime) -> None:
        """Forget jobs that were done long ago."""
        with self.database.write() as session:
            session.execute(
                delete(Job).where(Job.state == "done", Job.finished_at < now - KEEP_DONE)
            )

    def find(self, states: Sequence[str], *, limit: int) -> list[Job]:
        """Return jobs in these states, the oldest first."""
        with self.database.read() as session:
            found = session.scalars(
                select(Job).where(Job.state.in_(states)).order_by(Job.id).limit(limit)
            )
            return list(found)

    def is_waiting(self, workspace_id: int, kind: str) -> bool:
        """Say whether a job of a kind is still to be done in a workspace."""
        undone = (
            (Job.workspace_id == workspace_id)
            & (Job.kind == kind)
            & Job.state.in_(["ready", "running"])
        )
        with self.database.read() as session:
            return session.scalar(select(Job.id).where(undone).limit(1)) is not None

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state that is not done."""
        with self.database.read() as session:
            rows = session.execute(
                select(Job.state, func.count()).where(Job.state != "done").group_by(Job.state)
            )
            counts = {state: number for state, number in rows}
            return {"ready": 0, "running": 0, "failed": 0} | counts


def finish(session: Session, job_ids: Sequence[int], owner: str, now: datetime) -> set[int]:
    """Mark `owner`'s running jobs done, drop their payloads, and return those it still owned.

    Called in the transaction that stores what follows from the jobs, so that both happen or
    neither.
    """
    rows = session.execute(
        update(Job)
        .where(Job.id.in_(job_ids), Job.owner == owner, Job.state == "running")
        .values(state="done", payload={}, error=None, leased_until=None, finished_at=now)
        .returning(Job.id)
    )
    return set(rows.scalars())


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Job.state == "ready", Job.run_at <= now),
        and_(Job.state == "running", Job.leased_until < now),
    )


def _owned(session: Session, job: ClaimedJob, owner: str) -> Job | None:
    return session.scalar(
        select(Job).where(Job.id == job.id, Job.owner == owner, Job.state == "running")
    )


def _release(row: Job, reason: str, run_at: datetime) -> None:
    row.state, row.owner, row.leased_until = "ready", None, None
    row.error, row.run_at = reason[:ERROR_LENGTH], run_at


def _fail(row: Job, error: str, now: datetime) -> None:
    row.state, row.owner, row.leased_until = "failed", None, None
    row.error, row.finished_at = error[:ERROR_LENGTH], now
