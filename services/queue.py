"""The job queue in the database: enqueue once, claim with a lease, finish or retry.

A job is *ready*, *running* (leased to an owner), *done* (kept without its payload, so that an event
that is delivered again is recognised), *failed* (out of attempts; people can see and retry it) or
*dropped* (nobody needs it any more). `job_waits` is about outages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from models import Database, Job, insert_new, is_among, many_ids
from services.errors import NotFoundError
from services.job_claims import find_due, lease, oldest_due
from services.job_rows import DIED, ClaimedJob, fail, owned, release
from services.job_waits import MAX_WAIT, JobWaits

# Only errors that trying again cannot mend are counted: the database may be restarting, or
# somebody may be repairing what is wrong.
MAX_ATTEMPTS = 8
FIRST_DELAY = 2.0
MAX_DELAY = 300.0

# A job during which workers died this often is claimed alone, so that it takes no others with it.
MAX_CRASHES_IN_BATCH = 2

# A worker renews its leases three times in this time. A killed worker's jobs are due after it.
LEASE = timedelta(seconds=15)

# Two machines' clocks may differ by this much.
MAX_CLOCK_ERROR = timedelta(minutes=1)

# No job is put off for longer on purpose: what has failed or waits is tried again within minutes.
MAX_POSTPONED = timedelta(hours=1)

# Slack's own retries end after minutes, so an event that is this late is a new one.
KEEP_DONE = timedelta(days=7)

logger = logging.getLogger(__name__)

# Workers run it all the time, so it is built once.
_FINISH = (
    update(Job)
    .where(
        is_among(Job.id, many_ids("job_ids")),
        Job.owner == bindparam("claimed_by"),
        Job.state == "running",
    )
    .values(state="done", payload={}, error=None, leased_until=None, finished_at=bindparam("now"))
    .returning(Job.id)
)


@dataclass(frozen=True)
class NewJob:
    """A job to store. A workspace never has two jobs with the same `key`.

    It is run before those that became due less than `ahead` before it.
    """

    kind: str
    key: str
    payload: dict[str, Any]
    ahead: timedelta = timedelta(0)


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
            "run_at": now - job.ahead,
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
    max_wait: timedelta = MAX_WAIT

    @property
    def waits(self) -> JobWaits:
        """What happens to jobs in an outage."""
        return JobWaits(self.database, self.max_wait)

    def claim(
        self,
        owner: str,
        now: datetime,
        *,
        limit: int,
        kinds: Collection[str],
        workspaces: Callable[[Session], Collection[int]],
    ) -> list[ClaimedJob]:
        """Lease up to `limit` due jobs of `kinds` in the workspaces it is given, oldest first.

        `workspaces` is asked only where a job is due. A job whose lease ran out is due again, or
        fails if that was its last attempt. A job during which workers died repeatedly is returned
        alone.
        """
        with self.database.read() as session:  # so that an idle worker does not block writers
            due = find_due(session, kinds, workspaces, now)
        if due is None:
            return []
        claimed: list[ClaimedJob] = []
        with self.database.write() as session:
            for found in oldest_due(session, due, limit):
                if found.job.attempts >= self.max_attempts:
                    fail(session.get_one(Job, found.job.id), DIED, now)
                    continue
                runs_alone = found.crashes >= MAX_CRASHES_IN_BATCH
                if runs_alone and claimed:
                    break
                claimed.append(found.job)
                if runs_alone:
                    break
            return lease(session, claimed, owner, now + self.lease)

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
            row = owned(session, job, owner)
            if row is None:
                return True
            if again:
                release(row, error, now + timedelta(seconds=retry_delay(job.attempts)))
            else:
                fail(row, error, now)
        return again

    def postpone(
        self, job: ClaimedJob, owner: str, reason: str, *, delay: float, now: datetime
    ) -> None:
        """Schedule a job again without counting the attempt: it has to wait, it did not fail."""
        with self.database.write() as session:
            row = owned(session, job, owner)
            if row is not None:
                release(row, reason, now + timedelta(seconds=delay))
                row.attempts -= 1
                row.waiting_since = None  # whatever it waits for, it is no outage

    def retry_failed(self, now: datetime, job_id: int | None = None) -> int:
        """Make all failed jobs, or one of them, ready again as if they were new; return how many.

        Raises `NotFoundError` if the one named has not failed.
        """
        with self.database.write() as session:
            statement = update(Job).where(Job.state == "failed")
            if job_id is not None:
                statement = statement.where(Job.id == job_id)
            fresh = {"state": "ready", "attempts": 0, "run_at": now, "created_at": now}
            changed = session.execute(
                statement.values(fresh | {"finished_at": None, "waiting_since": None}).returning(
                    Job.id
                )
            ).all()
        if job_id is not None and not changed:
            raise NotFoundError(f"There is no failed job {job_id}. See `deja jobs list --failed`.")
        return len(changed)

    def purge(self, now: datetime) -> None:
        """Delete jobs that were done or dropped before `KEEP_DONE`."""
        ended = Job.state.in_(["done", "dropped"])
        with self.database.write() as session:
            session.execute(delete(Job).where(ended, Job.finished_at < now - KEEP_DONE))

    def follow_clock(self, now: datetime) -> None:
        """Have jobs with times from the future run now: the machine's clock was set back.

        Otherwise what waited would wait until the old time comes again.
        """
        future, until = now + MAX_CLOCK_ERROR, now + self.lease
        is_ready, is_running = Job.state == "ready", Job.state == "running"
        is_put_off = is_ready & (Job.run_at > future + MAX_POSTPONED)
        is_leased = is_running & (Job.leased_until > until + MAX_CLOCK_ERROR)
        is_stored = (is_ready | is_running) & (Job.created_at > future)
        with self.database.read() as session:
            number = session.scalar(select(func.count()).where(is_put_off | is_leased | is_stored))
        if not number:
            return
        logger.warning("the clock was set back: %d jobs with times from the future run now", number)
        is_new = is_ready & (Job.created_at > now) & (Job.run_at > now)
        changes = [
            (is_new | is_put_off, {"run_at": now}),
            ((is_ready | is_running) & (Job.created_at > now), {"created_at": now}),
            (is_ready & (Job.waiting_since > now), {"waiting_since": now}),
            (is_running & (Job.leased_until > until), {"leased_until": until}),
        ]
        with self.database.write() as session:
            for condition, values in changes:
                session.execute(update(Job).where(condition).values(values))

    def find(self, states: Sequence[str], *, limit: int) -> list[Job]:
        """Return jobs in these states, oldest first."""
        with self.database.read() as session:
            found = session.scalars(
                select(Job).where(Job.state.in_(states)).order_by(Job.id).limit(limit)
            )
            return list(found)

    def is_waiting(self, workspace_id: int, kind: str) -> bool:
        """Say whether a workspace has an unfinished job of a kind."""
        return self._has(workspace_id, kind, ["ready", "running"])

    def is_ready(self, workspace_id: int, kind: str) -> bool:
        """Say whether a workspace has a job of a kind that has not begun."""
        return self._has(workspace_id, kind, ["ready"])

    def _has(self, workspace_id: int, kind: str, states: Sequence[str]) -> bool:
        such = (Job.workspace_id == workspace_id) & (Job.kind == kind) & Job.state.in_(states)
        with self.database.read() as session:
            return session.scalar(select(Job.id).where(such).limit(1)) is not None

    def counts(self) -> dict[str, int]:
        """Return the number of jobs by state, apart from those that are done or dropped."""
        with self.database.read() as session:
            rows = session.execute(
                select(Job.state, func.count())
                .where(Job.state.not_in(["done", "dropped"]))
                .group_by(Job.state)
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


def oldest_waiting(session: Session) -> dict[str, datetime]:
    """Return when the oldest job of each kind that has not been started was stored.

    Those that wait for Slack in an outage count, too: they are due again and again.
    """
    rows = session.execute(
        select(Job.kind, func.min(Job.created_at)).where(Job.state == "ready").group_by(Job.kind)
    )
    return {kind: stored_at for kind, stored_at in rows}


def oldest_overdue(session: Session, workspaces: Collection[int], now: datetime) -> datetime | None:
    """Return since when the job that has waited longest should have run; None if none should.

    An outage does not count as a wait that was meant, as the end of quiet hours does.
    """
    # A job may have been stored ahead of others (`NewJob.ahead`).
    due = case((Job.run_at > Job.created_at, Job.run_at), else_=Job.created_at)
    since = func.coalesce(Job.waiting_since, due)
    is_late = (Job.run_at <= now) | Job.waiting_since.is_not(None)
    of_them = Job.workspace_id.in_(list(workspaces))
    return session.scalar(select(func.min(since)).where(Job.state == "ready", of_them, is_late))
