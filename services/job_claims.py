"""Which jobs are due, and how a worker leases them, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from models import Job, is_among, many_ids, many_texts
from services.job_rows import ClaimedJob

# Workers ask these all the time, so they are built once, on the plain table.
_jobs = Job.__table__
_NOW = bindparam("now", type_=_jobs.c.run_at.type)
_DUE = and_(
    is_among(_jobs.c.kind, many_texts("kinds")),
    or_(
        and_(_jobs.c.state == "ready", _jobs.c.run_at <= _NOW),
        and_(_jobs.c.state == "running", _jobs.c.leased_until < _NOW),
    ),
)
_OF_WORKSPACES = is_among(_jobs.c.workspace_id, many_ids("workspaces"))
_COLUMNS = [_jobs.c[one.name] for one in fields(ClaimedJob)]
_ANY = select(_jobs.c.workspace_id).where(_DUE).limit(1)
_ANY_OF_WORKSPACES = select(_jobs.c.id).where(_DUE, _OF_WORKSPACES).limit(1)
_OLDEST = (
    select(*_COLUMNS, _jobs.c.state)
    .where(_DUE, _OF_WORKSPACES)
    .order_by(_jobs.c.run_at, _jobs.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(Job)
    .where(is_among(_jobs.c.id, many_ids("job_ids")))
    .values(
        state="running",
        owner=bindparam("claimed_by"),
        leased_until=bindparam("until", type_=_jobs.c.leased_until.type),
        attempts=_jobs.c.attempts + 1,
    )
)

# What is due: the parameters of the statements above.
Due = dict[str, Any]


@dataclass(frozen=True)
class DueJob:
    """A job that is due, and how often workers died during it if its lease ran out."""

    job: ClaimedJob
    crashes: int


def find_due(
    session: Session,
    kinds: Collection[str],
    workspaces: Callable[[Session], Collection[int]],
    now: datetime,
) -> Due | None:
    """Return what `oldest_due` needs, None if no job of these kinds and workspaces is due."""
    due: Due = {"kinds": list(kinds), "now": now}
    connection = session.connection()
    first = connection.scalar(_ANY, due)
    if first is None:
        return None
    due["workspaces"] = list(workspaces(session))
    if first in due["workspaces"] or connection.scalar(_ANY_OF_WORKSPACES, due) is not None:
        return due
    return None


def oldest_due(session: Session, due: Due, limit: int) -> Iterator[DueJob]:
    """Yield due jobs, oldest first; nobody else can lease them before the caller commits."""
    for row in session.connection().execute(_OLDEST, {**due, "limit": limit}).all():
        *known, state = row
        job = ClaimedJob(*known)
        yield DueJob(job, job.attempts if state == "running" else 0)


def lease(
    session: Session, jobs: Sequence[ClaimedJob], owner: str, until: datetime
) -> list[ClaimedJob]:
    """Lease jobs to an owner, each as a further attempt, and return them as they are now."""
    if not jobs:
        return []
    leased = {"job_ids": [job.id for job in jobs], "claimed_by": owner, "until": until}
    session.connection().execute(_LEASE, leased)
    return [replace(job, owner=owner, attempts=job.attempts + 1) for job in jobs]
