"""The clock of the machine is set back while jobs wait."""

from __future__ import annotations

import pytest

from models import Database
from services.queue import LEASE, NewJob, enqueue
from tests.conftest import NOW
from tests.services.queued_jobs import SECOND, WORKSPACE_ID, claim, job_of, open_queue, put_in

HOUR = 3600


@pytest.mark.both_databases
def test_jobs_do_not_wait_until_the_old_time_comes_again(database: Database) -> None:
    """What was due is due, in the order of its arrival, and so is what a dead worker had."""
    queue = open_queue(database)
    put_in(queue, "a")
    assert [job.key for job in claim(queue, owner="dead")] == ["a"]
    put_in(queue, "b", "c")
    back = -HOUR
    with database.write() as session:  # what comes after it was set back
        enqueue(session, WORKSPACE_ID, [NewJob("message", "d", {})], NOW + back * SECOND)
    queue.follow_clock(NOW + back * SECOND)
    assert [job.key for job in claim(queue, seconds=back)] == ["b", "c", "d"]
    later = back + LEASE.total_seconds() + 1
    assert "a" in {job.key for job in claim(queue, owner="other", seconds=later)}
    queue.follow_clock(NOW + back * SECOND)


@pytest.mark.both_databases
def test_older_jobs_that_met_a_wrong_clock_do_not_wait_either(database: Database) -> None:
    """A retry, a wait for Slack and a lease from the time when it was set forward."""
    queue = open_queue(database)
    put_in(queue, "retried", "waiting", "leased")
    wrong = NOW + 24 * HOUR * SECOND
    retried, waiting, leased = claim(queue, seconds=24 * HOUR)
    queue.retry(retried, "me", "failed", wrong)
    queue.waits.wait(waiting, "me", "away", wrong, delay=None)
    for seconds in (1, 2):
        queue.follow_clock(NOW + seconds * SECOND)
    assert [job.key for job in claim(queue, owner="other", seconds=2)] == ["retried", "waiting"]
    later = LEASE.total_seconds() + 2
    assert leased.id in {job.id for job in claim(queue, owner="third", seconds=later)}
    assert job_of(queue, "waiting").waiting_since == NOW + SECOND


@pytest.mark.both_databases
def test_a_clock_that_is_set_back_is_noticed_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Not again each minute because of a job that still runs, or that nobody may run."""
    queue = open_queue(database)
    put_in(queue, "a", "b")
    [_] = claim(queue, limit=1)
    for seconds in (0, 60):
        queue.follow_clock(NOW + (seconds - HOUR) * SECOND)
    assert caplog.text.count("the clock was set back") == 1


@pytest.mark.both_databases
@pytest.mark.parametrize("seconds", [0, 3600, -30])
def test_nothing_changes_while_the_clock_is_right(database: Database, seconds: float) -> None:
    """Or off by no more than two machines' clocks may be: a retry waits, and leases hold."""
    queue = open_queue(database)
    put_in(queue, "a", "b")
    [first, _] = claim(queue, seconds=0)
    queue.retry(first, "me", "failed", NOW)
    queue.follow_clock(NOW + seconds * SECOND)
    assert claim(queue, owner="other", seconds=0) == []


def test_an_empty_queue_follows_any_clock(database: Database) -> None:
    """There is nothing to learn from."""
    queue = open_queue(database)
    queue.follow_clock(NOW)
    assert claim(queue) == []
