"""Each problem is news once when it begins, once a day while it grows, and once when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models import Database
from services.evaluation.problem_log import (
    CALM,
    REMIND_AFTER,
    FoundProblem,
    knows_problems,
    note_problems,
)
from services.phrases import counted, phrase
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
DISK = FoundProblem("disk", phrase("Only {n} MB are free.", n=12))


def failed(number: int) -> FoundProblem:
    """Return the problem that so many jobs failed."""
    return FoundProblem("failed", counted(number, "{n} job failed.", "{n} jobs failed."), number)


def news(database: Database, now: datetime, *found: FoundProblem) -> list[str]:
    """Note the problems there are, and return what is news."""
    with database.write() as session:
        return [str(one.text) for one in note_problems(session, found, now)]


@pytest.mark.both_databases
def test_a_problem_is_told_when_it_begins_and_when_it_is_over(database: Database) -> None:
    """Not every minute, and not by each process; with how long it lasted, and what it was."""
    assert news(database, NOW, DISK) == ["Only 12 MB are free."]
    assert news(database, NOW, DISK) == []
    for minute in range(1, 61):
        assert news(database, NOW + minute * MINUTE, DISK) == []
    last = NOW + 60 * MINUTE
    assert news(database, last + CALM - MINUTE) == []
    assert news(database, last + CALM) == ["Resolved after 1 hour: Only 12 MB are free."]
    assert news(database, last + CALM) == []
    assert news(database, last + CALM + MINUTE, DISK) == ["Only 12 MB are free."]


def test_one_that_comes_and_goes_is_one_problem(database: Database) -> None:
    """A disk that is nearly full by turns, or on one of two machines, is told once."""
    assert news(database, NOW, DISK)
    for minute in range(1, 120):
        assert news(database, NOW + minute * MINUTE, *[DISK] * (minute % 14 == 0)) == []


def test_one_that_grows_is_told_again_after_a_day(database: Database) -> None:
    """More failed jobs are news the next day; as many or fewer are not."""
    assert news(database, NOW, failed(1)) == ["1 job failed."]
    assert news(database, NOW + MINUTE, failed(2)) == []
    assert news(database, NOW + REMIND_AFTER, failed(1)) == []
    assert news(database, NOW + REMIND_AFTER + MINUTE, failed(3)) == ["3 jobs failed."]
    assert news(database, NOW + REMIND_AFTER + 2 * MINUTE, failed(4)) == []
    assert news(database, NOW + 3 * REMIND_AFTER, failed(4)) == ["4 jobs failed."]


def test_the_end_tells_how_it_was_last(database: Database) -> None:
    """Two problems end apart, each with its newest text."""
    assert len(news(database, NOW, DISK, failed(1))) == 2
    assert news(database, NOW + 5 * MINUTE, failed(7)) == []
    assert news(database, NOW + CALM, failed(7)) == [
        "Resolved after 1 minute: Only 12 MB are free."
    ]
    assert news(database, NOW + CALM * 3) == ["Resolved after 15 minutes: 7 jobs failed."]
    with database.read() as session:
        assert not knows_problems(session)
