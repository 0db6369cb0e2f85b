"""The queue: a job is stored once, claimed by one worker, finished by it, or retried."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Database, Job
from services.errors import NotFoundError
from services.queue import (
    KEEP_DONE,
    LEASE,
    MAX_ATTEMPTS,
    MAX_DELAY,
    JobQueue,
    NewJob,
    enqueue,
    finish,
    retry_delay,
)
from tests.conftest import NOW
from tests.services.queued_jobs import SECOND, WORKSPACE_ID, claim, job_of, open_queue, put_in


@pytest.fixture
def queue(database: Database) -> JobQueue:
    """Give an empty queue in a database of each kind."""
    return open_queue(database)


@pytest.mark.both_databases
def test_a_job_is_stored_once(queue: JobQueue) -> None:
    """A known key is not stored again, whether its job is waiting or done."""
    assert put_in(queue, "a", "b", "a") == 2
    assert put_in(queue, "a", "c") == 1
    [job, *_] = claim(queue)
    with queue.database.write() as session:
        finish(session, [job.id], "me", NOW)
    assert put_in(queue, "a") == 0


@pytest.mark.both_databases
def test_a_job_that_was_not_committed_is_not_stored(queue: JobQueue) -> None:
    """A job belongs to the transaction that stores it."""
    with Session(queue.database.engine) as session:
        assert enqueue(session, WORKSPACE_ID, [NewJob("message", "a", {})], NOW) == 1
        session.rollback()
    assert claim(queue) == []


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "key",
    ["", "x" * 5_000, "'; DROP TABLE jobs; --", "a\x00b", "\ud800", "é\u202e", "%s", "{}", ":x"],
)
def test_hostile_keys_are_stored_like_others(queue: JobQueue, key: str) -> None:
    """Any text in a key or payload is stored once and comes back."""
    payload = {"text": key, key: ["\x00", "\ud800"]}
    for expected in (1, 0):
        with queue.database.write() as session:
            assert (
                enqueue(session, WORKSPACE_ID, [NewJob("message", key, payload)], NOW) == expected
            )
    [job] = claim(queue)
    assert job.payload == payload


@pytest.mark.both_databases
def test_the_oldest_due_jobs_of_a_kind_are_claimed_first(queue: JobQueue) -> None:
    """Claims go by time and order, and respect the limit and the kinds."""
    put_in(queue, "a", "b", "c")
    put_in(queue, "other", kind="sweep")
    assert [job.key for job in claim(queue, limit=2)] == ["a", "b"]
    assert [job.key for job in claim(queue, limit=2)] == ["c"]
    assert claim(queue) == []


@pytest.mark.both_databases
def test_only_jobs_of_the_given_workspaces_are_claimed(queue: JobQueue) -> None:
    """Jobs of another workspace stay, and which ones are given is asked only where a job is due."""
    asked = []

    def others(_session: Session) -> list[int]:
        asked.append(1)
        return [WORKSPACE_ID + 1]

    assert queue.claim("me", NOW, limit=9, kinds=["message"], workspaces=others) == []
    assert asked == []
    put_in(queue, "a")
    assert queue.claim("me", NOW, limit=9, kinds=["message"], workspaces=others) == []
    assert asked == [1]
    assert [job.key for job in claim(queue)] == ["a"]


def test_every_job_is_claimed_by_exactly_one_worker(queue: JobQueue) -> None:
    """Concurrent workers share the jobs without gaps or overlaps."""
    put_in(queue, *[f"job-{number}" for number in range(120)])
    start = Barrier(6)
    claimed: list[str] = []
    errors: list[Exception] = []

    def work(owner: str) -> None:
        try:
            start.wait(20)
            while jobs := claim(queue, owner, limit=7):
                claimed.extend(job.key for job in jobs)
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=work, args=(f"worker-{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(claimed) == sorted(f"job-{number}" for number in range(120))


@pytest.mark.both_databases
def test_a_claim_does_not_wait_for_locked_jobs(queue: JobQueue) -> None:
    """On PostgreSQL rows locked by a claim in progress are skipped, not waited for."""
    if queue.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    put_in(queue, "a", "b")
    with queue.database.write() as session:
        session.scalars(select(Job).where(Job.key == "a").with_for_update()).one()
        assert [job.key for job in claim(queue)] == ["b"]


@pytest.mark.both_databases
def test_an_expired_lease_frees_the_job(queue: JobQueue) -> None:
    """After a dead worker's lease another worker claims its job, as a further attempt."""
    put_in(queue, "a")
    [first] = claim(queue, "dead")
    assert claim(queue, seconds=LEASE.total_seconds()) == []
    [second] = claim(queue, seconds=LEASE.total_seconds() + 1)
    assert (first.attempts, second.attempts) == (1, 2)
    assert second.owner == "me"


def test_a_renewed_lease_keeps_the_job(queue: JobQueue) -> None:
    """Renewing extends the leases of the owner's running jobs, and of no others."""
    put_in(queue, "a", "b")
    first, second = claim(queue)
    queue.renew("me", [first.id], NOW + 10 * SECOND)
    queue.renew("another", [second.id], NOW + 10 * SECOND)
    queue.renew("me", [], NOW + 10 * SECOND)
    assert [job.key for job in claim(queue, "other", seconds=20)] == ["b"]
    assert [job.key for job in claim(queue, "other", seconds=26)] == ["a"]


@pytest.mark.both_databases
def test_only_the_owner_ends_a_job(queue: JobQueue) -> None:
    """A worker that lost a job to another one cannot change it any more."""
    put_in(queue, "a")
    [lost] = claim(queue, "slow")
    [job] = claim(queue, "quick", seconds=60)
    with queue.database.write() as session:
        assert finish(session, [lost.id], "slow", NOW) == set()
    assert queue.retry(lost, "slow", "late", NOW)
    queue.postpone(lost, "slow", "late", delay=1, now=NOW)
    assert (job_of(queue, "a").state, job_of(queue, "a").owner) == ("running", "quick")
    with queue.database.write() as session:
        assert finish(session, [job.id], "quick", NOW) == {job.id}
        assert finish(session, [job.id], "quick", NOW) == set()


def test_a_done_job_keeps_no_payload(queue: JobQueue) -> None:
    """The queue keeps no text of people, only the key by which a repeat is recognised."""
    put_in(queue, "a")
    [job] = claim(queue)
    with queue.database.write() as session:
        finish(session, [job.id], "me", NOW)
    done = job_of(queue, "a")
    assert (done.state, done.payload, done.finished_at) == ("done", {}, NOW)
    assert done.leased_until is None


def test_each_failed_attempt_is_followed_by_a_longer_wait(queue: JobQueue) -> None:
    """Each failure doubles the wait, until the job is given up with its error."""
    put_in(queue, "a")
    now = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        [job] = queue.claim(
            "me", now, limit=1, kinds=["message"], workspaces=lambda _: [WORKSPACE_ID]
        )
        assert job.attempts == attempt
        assert queue.retry(job, "me", f"error {attempt}", now) is (attempt < MAX_ATTEMPTS)
        now += timedelta(seconds=retry_delay(attempt))
        early = queue.claim(
            "me",
            now - timedelta(milliseconds=1),
            limit=1,
            kinds=["message"],
            workspaces=lambda _: [WORKSPACE_ID],
        )
        assert early == []
    failed = job_of(queue, "a")
    assert (failed.state, failed.error) == ("failed", f"error {MAX_ATTEMPTS}")
    assert queue.counts() == {"ready": 0, "running": 0, "failed": 1}


def test_a_job_that_kills_its_workers_is_given_up(queue: JobQueue) -> None:
    """A job whose lease expired at its last attempt fails, and kills no more workers."""
    put_in(queue, "a")
    for attempt in range(MAX_ATTEMPTS):
        assert [job.key for job in claim(queue, seconds=60.0 * attempt)] == ["a"]
    put_in(queue, "b")
    claimed = claim(queue, seconds=60.0 * MAX_ATTEMPTS)
    assert [job.key for job in claimed] == ["b"]
    assert job_of(queue, "a").state == "failed"
    assert "died" in str(job_of(queue, "a").error)


def test_a_job_that_kills_its_workers_takes_no_other_with_it(queue: JobQueue) -> None:
    """Even if it is claimed with others, it is the only one that is given up."""
    put_in(queue, *"abc")
    for attempt in range(3 * MAX_ATTEMPTS):
        claimed = claim(queue, seconds=60.0 * attempt)
        if not claimed:
            break
        if "b" not in {job.key for job in claimed}:  # the worker dies of it
            with queue.database.write() as session:
                finish(session, [job.id for job in claimed], "me", NOW)
    assert [job_of(queue, key).state for key in "abc"] == ["done", "failed", "done"]


def test_a_postponed_job_has_not_failed(queue: JobQueue) -> None:
    """Postponing costs no attempt, however often it happens."""
    put_in(queue, "a")
    for number in range(MAX_ATTEMPTS * 2):
        [job] = claim(queue, seconds=number)
        queue.postpone(job, "me", "rate-limited", delay=1, now=NOW + number * SECOND)
    assert (job_of(queue, "a").attempts, job_of(queue, "a").state) == (0, "ready")


def test_failed_jobs_are_retried_on_request(queue: JobQueue) -> None:
    """One or all failed jobs start again; a job that has not failed is not found."""
    put_in(queue, "a", "b", "c")
    impatient = JobQueue(queue.database, max_attempts=1)
    for job in impatient.claim(
        "me", NOW, limit=2, kinds=["message"], workspaces=lambda _: [WORKSPACE_ID]
    ):
        impatient.retry(job, "me", "no", NOW)
    failed = [job.id for job in queue.find(["failed"], limit=10)]
    assert queue.retry_failed(NOW, failed[0]) == 1
    assert queue.retry_failed(NOW) == 1
    assert [job.attempts for job in claim(queue)] == [1, 1, 1]
    with pytest.raises(NotFoundError, match="no failed job"):
        queue.retry_failed(NOW, failed[0])


@pytest.mark.both_databases
def test_done_jobs_are_deleted_long_after_slacks_last_retry(queue: JobQueue) -> None:
    """Purging removes jobs done long ago, and none that wait or failed."""
    put_in(queue, "done", "waiting")
    [job] = claim(queue, limit=1)
    with queue.database.write() as session:
        finish(session, [job.id], "me", NOW)
    queue.purge(NOW + KEEP_DONE)
    assert put_in(queue, "done") == 0
    queue.purge(NOW + KEEP_DONE + SECOND)
    assert put_in(queue, "done") == 1
    assert job_of(queue, "waiting").state == "ready"


@given(st.integers(min_value=1, max_value=1_000))
def test_the_wait_grows_and_is_bounded(attempts: int) -> None:
    """The wait after a failure never shrinks and never exceeds its bound."""
    assert 0 < retry_delay(attempts) <= retry_delay(attempts + 1) <= MAX_DELAY
