"""The job queue in the database: enqueue once, claim with a lease, finish or retry.

A job is *ready*, *running* (leased to an owner), *done* (kept without its payload, so that an event
that is delivered again is recognised) or *failed* (out of attempts; people can see and retry it).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models import Database, Job, insert_new
from services.errors import NotFoundError

# The eighth attempt comes four minutes after the first: enough for a deploy or a short outage.
MAX_ATTEMPTS = 8
FIRST_DELAY = 2.0
MAX_DELAY = 300.0

# A job during which workers died this often is claimed alone, so that it takes no others with it.
MAX_CRASHES_IN_BATCH = 2

# A worker renews its leases three times in this time. A killed worker's jobs are due after it.
LEASE = timedelta(seconds=15)

# Slack's own retries end after minutes, so an event that is this late is a new one.
KEEP_DONE = timedelta(days=7)

ERROR_LENGTH = 500


# Workers ask these all the time, so they are built once.
_NOW = bindparam("now", type_=Job.run_at.type)
_DUE = and_(
    Job.kind.in_(bindparam("kinds", expanding=True)),
    Job.workspace_id.in_(bindparam("workspaces", expanding=True)),
    or_(
        and_(Job.state == "ready", Job.run_at <= _NOW),
        and_(Job.state == "running", Job.leased_until < _NOW),
    ),
)
_IS_ANY_DUE = select(Job.id).where(_DUE).limit(1)
_OLDEST_DUE = (
    select(Job)
    .where(_DUE)
    .order_by(Job.run_at, Job.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_FINISH = (
    update(Job)
    .where(
        Job.id.in_(bindparam("job_ids", expanding=True)),
        Job.owner == bindparam("claimed_by"),
        Job.state == "running",
    )
    .values(state="done", payload={}, error=None, leased_until=None, finished_at=bindparam("now"))
    .returning(Job.id)
)


@dataclass(frozen=True)
class NewJob:
    """A job to store. A workspace never has two jobs with the same `key`."""

    kind: str
    key: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class ClaimedJob:
    """A job leased to an owner; `attempts` includes the current one."""

    id: int
    workspace_id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    owner: str


def retry_delay(attempts: int) -> float:
    """Return the seconds to wait after that many failed attempts: 2, 4, 8 … at most 300."""
    return float(min(FIRST_DELAY * 2 ** (attempts - 1), MAX_DELAY))


def enqueue(session: Session, workspace_id: int, jobs: Sequence[NewJob], now: datetime) -> int:
    """Store the jobs whose keys are new in a workspace; return how many they are."""
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

        A job whose lease ran out is due again, or fails if that was its last attempt. A job during
        which workers died repeatedly is returned alone.
        """
        due = {"kinds": list(kinds), "workspaces": list(workspaces), "now": now}
        with self.database.read() as session:  # so that an idle worker does not block writers
            if session.scalar(_IS_ANY_DUE, due) is None:
                return []
        claimed: list[ClaimedJob] = []
        with self.database.write() as session:
            for job in session.scalars(_OLDEST_DUE, {**due, "limit": limit}).all():
                if job.attempts >= self.max_attempts:
                    _fail(job, "the worker died each time it ran this", now)
                    continue
                crashes = job.attempts if job.state == "running" else 0
                runs_alone = crashes >= MAX_CRASHES_IN_BATCH
                if runs_alone and claimed:
                    break
                claimed.append(_lease(job, owner, now + self.lease))
                if runs_alone:
                    break
        return claimed

    def renew(self, owner: str, job_ids: Sequence[int], now: datetime) -> None:
        """Extend the leases of jobs that `owner` is running."""
        if not job_ids:
            return
        with self.database.write() as session:
            session.execute(
                update(Job)
                .where(Job.id.in_(job_ids), Job.state == "running", Job.owner == owner)
                .values(leased_until=now + self.lease)
            )

    def retry(self, job: ClaimedJob, owner: str, error: str, now: datetime) -> bool:
        """Schedule a failed job again, or give it up; return whether it will run again."""
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
        """Schedule a job again without counting the attempt: it has to wait, it did not fail."""
        with self.database.write() as session:
            row = _owned(session, job, owner)
            if row is not None:
                _release(row, reason, now + timedelta(seconds=delay))
                row.attempts -= 1

    def retry_failed(self, now: datetime, job_id: int | None = None) -> int:
        """Make all failed jobs, or one of them, ready again; return how many.

        Raises `NotFoundError` if the one named has not failed.
        """
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
        """Delete jobs that were done before `KEEP_DONE`."""
        with self.database.write() as session:
            session.execute(
                delete(Job).where(Job.state == "done", Job.finished_at < now - KEEP_DONE)
            )

    def find(self, states: Sequence[str], *, limit: int) -> list[Job]:
        """Return jobs in these states, oldest first."""
        with self.database.read() as session:
            found = session.scalars(
                select(Job).where(Job.state.in_(states)).order_by(Job.id).limit(limit)
            )
            return list(found)

    def is_waiting(self, workspace_id: int, kind: str) -> bool:
        """Say whether a workspace has an unfinished job of a kind."""
        unfinished = (
            (Job.workspace_id == workspace_id)
            & (Job.kind == kind)
            & Job.state.in_(["ready", "running"])
        )
        with self.database.read() as session:
            return session.scalar(select(Job.id).where(unfinished).limit(1)) is not None

    def counts(self) -> dict[str, int]:
        """Return the number of jobs by state, apart from done."""
        with self.database.read() as session:
            rows = session.execute(
                select(Job.state, func.count()).where(Job.state != "done").group_by(Job.state)
            )
            counts = {state: number for state, number in rows}
            return {"ready": 0, "running": 0, "failed": 0} | counts


def finish(session: Session, job_ids: Sequence[int], owner: str, now: datetime) -> set[int]:
    """Mark `owner`'s running jobs done, drop their payloads, and return the ids it still owned.

    Call it in the transaction that stores the results of the jobs, so that both happen or neither.
    """
    of_owner = {"job_ids": list(job_ids), "claimed_by": owner, "now": now}
    # Not by the session, which would look for rows of it to change as well.
    return set(session.connection().execute(_FINISH, of_owner).scalars())


def oldest_due(session: Session, now: datetime) -> dict[str, datetime]:
    """Return since when the oldest job of each kind has been due and not been started."""
    rows = session.execute(
        select(Job.kind, func.min(Job.run_at))
        .where(Job.state == "ready", Job.run_at <= now)
        .group_by(Job.kind)
    )
    return {kind: due for kind, due in rows}


def _lease(job: Job, owner: str, until: datetime) -> ClaimedJob:
    job.state, job.owner, job.leased_until = "running", owner, until
    job.attempts += 1
    return ClaimedJob(job.id, job.workspace_id, job.kind, job.key, job.payload, job.attempts, owner)


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
