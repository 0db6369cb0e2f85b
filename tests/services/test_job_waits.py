"""Jobs in an outage: they wait without an attempt, wake up, and are dropped."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from models import Database
from services.job_waits import CRASH_REST, MAX_PAUSE, MAX_WAIT, pause
from services.queue import KEEP_DONE, MAX_ATTEMPTS, JobQueue
from tests.conftest import NOW
from tests.services.queued_jobs import SECOND, WORKSPACE_ID, claim, job_of, open_queue, put_in

pytestmark = pytest.mark.both_databases(every=True)


@pytest.fixture
def queue(database: Database) -> JobQueue:
    """Give an empty queue in a database of each kind."""
    return open_queue(database)


def test_a_sweep_tries_a_job_again_that_was_given_up_because_workers_died(
    queue: JobQueue,
) -> None:
    """Once each time, after a rest, and no longer than a day; jobs that failed stay failed."""
    put_in(queue, "a", "b")
    [b] = [job for job in claim(queue) if job.key == "b"]
    queue.retry(replace(b, attempts=MAX_ATTEMPTS), "me", "no", NOW)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claim(queue, seconds=60.0 * attempt)
    given_up = NOW + 60 * MAX_ATTEMPTS * SECOND
    assert job_of(queue, "a").state == "failed"
    queue.waits.retry_crashed(WORKSPACE_ID, given_up + CRASH_REST - SECOND)
    assert job_of(queue, "a").state == "failed"
    queue.waits.retry_crashed(WORKSPACE_ID, given_up + CRASH_REST)
    assert (job_of(queue, "a").state, job_of(queue, "b").state) == ("ready", "failed")
    assert len(claim(queue, seconds=60 * MAX_ATTEMPTS + CRASH_REST.total_seconds())) == 1
    assert claim(queue, seconds=4000) == []
    assert job_of(queue, "a").state == "failed"
    queue.waits.retry_crashed(WORKSPACE_ID, NOW + MAX_WAIT)
    assert job_of(queue, "a").state == "failed"


def test_a_waiting_job_comes_back_after_a_pause_as_long_as_its_wait(queue: JobQueue) -> None:
    """Waiting is no attempt; the pauses are capped, and shorter by chance."""
    waits = replace(queue.waits, jitter=lambda: 0.0)
    put_in(queue, "a")
    now, pauses = NOW, []
    for _ in range(12):
        [job] = queue.claim(
            "me", now, limit=1, kinds=["message"], workspaces=lambda _: [WORKSPACE_ID]
        )
        assert waits.wait(job, "me", "no answer", now, delay=None)
        row = job_of(queue, "a")
        pauses.append((row.run_at - now).total_seconds())
        now = row.run_at
    assert pauses == [2, 2, 4, 8, 16, 32, 64, 128, 256, MAX_PAUSE, MAX_PAUSE, MAX_PAUSE]
    assert (row.attempts, row.error, row.waiting_since) == (0, "no answer", NOW)
    assert (pause(100, 0.0), pause(100, 1.0)) == (100, 50)


def test_waiting_jobs_are_due_at_once_when_slack_answers_again(queue: JobQueue) -> None:
    """Those of this workspace that wait for it, and no others."""
    put_in(queue, "a", "b", "c", "d")
    jobs = {job.key: job for job in claim(queue)}
    queue.waits.wait(jobs["a"], "me", "no answer", NOW, delay=200)
    queue.postpone(jobs["b"], "me", "rate limit", delay=200, now=NOW)
    queue.waits.wait(jobs["c"], "me", "too slow", NOW, delay=200)  # Slack may still be at it
    queue.waits.wait(jobs["d"], "me", "too slow", NOW, delay=5)
    wake = partial(queue.waits.wake, unsettled="too slow", settle=10 * SECOND)
    wake(WORKSPACE_ID + 1, NOW + SECOND)
    assert claim(queue, seconds=1) == []
    wake(WORKSPACE_ID, NOW + SECOND)
    due = {
        seconds: [job.key for job in claim(queue, seconds=seconds)] for seconds in (1, 5, 10, 11)
    }
    assert due == {1: ["a"], 5: ["d"], 10: [], 11: ["c"]}


def test_a_dropped_job_keeps_its_reason_and_no_payload(queue: JobQueue) -> None:
    """It is counted neither as waiting nor as failed, and deleted when done jobs are."""
    put_in(queue, "a")
    [job] = claim(queue)
    queue.waits.drop(job, "another", "not mine", NOW)
    assert job_of(queue, "a").state == "running"
    queue.waits.drop(job, "me", "the ticket is solved", NOW)
    dropped = job_of(queue, "a")
    assert (dropped.state, dropped.error, dropped.payload) == (
        "dropped",
        "the ticket is solved",
        {},
    )
    assert queue.counts() == {"ready": 0, "running": 0, "failed": 0}
    assert put_in(queue, "a") == 0
    queue.purge(NOW + KEEP_DONE + SECOND)
    assert put_in(queue, "a") == 1
