"""`deja audit` and `deja groups`: what people decided, and what came of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import Result

from bot.cli.options import SINCE, moment
from models import Database, Item
from tests.bot.cli.test_verdicts import Run, lines, run, said
from tests.conftest import NOW

__all__ = ["run"]


def told(result: Result) -> list[dict[str, object]]:
    """Return standard output as JSON lines."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def decided(run: Run) -> Run:
    """Store decisions of which one is undone."""
    stdin = lines(
        said("T-4", "duplicate", "T-5"),
        said("T-3", "duplicate", "T-2", by="Ann"),
        said("T-3", "duplicate", "T-1"),
        said("T-1", "related", "T-4", by="Ann"),
    )
    assert run("verdicts", "import", "-", stdin=stdin).exit_code == 0
    assert run("verdicts", "undo", "T-4", "T-1").exit_code == 0
    return run


def test_groups_are_shown_by_their_root(decided: Run) -> None:
    """The largest first, the earliest ticket as root; of an item only its own."""
    trio = {"root": "T-1", "size": 3, "members": ["T-1", "T-2", "T-3"]}
    two = {"root": "T-4", "size": 2, "members": ["T-4", "T-5"]}
    assert told(decided("groups", "--json")) == [trio, two]
    assert told(decided("groups", "T-5", "--json")) == [two]
    shown = decided("groups").stdout
    assert "2 groups" in shown
    assert "T-1, T-2, T-3" in shown


def test_what_is_in_no_group(run: Run) -> None:
    """Is said to be so, and an unknown id too."""
    assert "No ticket has been confirmed" in run("groups").stdout
    assert "T-1 has not been confirmed" in run("groups", "T-1").stdout
    assert told(run("groups", "T-1", "--json")) == []
    assert "Error: There is no item T-9." in run("groups", "T-9").output


@pytest.mark.both_databases
def test_the_record_is_shown(decided: Run) -> None:
    """The newest last, with people's own ids, for people and for scripts."""
    every = told(decided("audit", "--json"))
    assert [(one["by"], one["what"], one["items"]) for one in every] == [
        ("import", "duplicate", ["T-4", "T-5"]),
        ("Ann", "duplicate", ["T-2", "T-3"]),
        ("import", "duplicate", ["T-1", "T-3"]),
        ("Ann", "related", ["T-1", "T-4"]),
        ("command line", "undo", ["T-1", "T-4"]),
    ]
    assert set(every[0]) == {"at", "by", "what", "items", "detail"}
    assert str(every[-1]["detail"]).startswith("related, decided by Ann on ")
    assert datetime.fromisoformat(str(every[0]["at"])).tzinfo is not None
    assert told(decided("audit", "T-4", "--by", "Ann", "--json")) == [every[3]]
    assert told(decided("audit", "--limit", "2", "--json")) == every[-2:]
    assert told(decided("audit", "--since", "1h", "--json")) == every
    assert told(decided("audit", "--since", "2999-01-01", "--json")) == []
    assert "command line" in decided("audit").stdout
    assert "There are no such records" in decided("audit", "--by", "nobody").stdout


def test_a_deleted_ticket_is_still_on_record(decided: Run, database_url: str) -> None:
    """Its decisions can be looked up and undone; it is in no group any more."""
    database = Database.connect(database_url)
    with database.write() as session:
        session.query(Item).filter_by(external_id="T-5").update({"deleted_at": NOW})
    database.close()
    assert len(told(decided("audit", "T-5", "--json"))) == 1
    assert told(decided("groups", "T-4", "--json")) == []
    assert decided("verdicts", "undo", "T-5", "T-4").exit_code == 0
    assert len(told(decided("audit", "T-5", "--json"))) == 2


def test_errors_are_one_line(run: Run) -> None:
    """A span that is none, and an id that is not there."""
    assert "neither a span such as 30d" in run("audit", "--since", "soon").output
    assert "Error: There is no item T-9." in run("audit", "T-9").output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", NOW - timedelta(days=30)),
        ("12H", NOW - timedelta(hours=12)),
        ("90m", NOW - timedelta(minutes=90)),
        (" 2 w ", NOW - timedelta(weeks=2)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
    ],
)
def test_since_takes_spans_and_dates(text: str, expected: datetime) -> None:
    """Both become a time in UTC."""
    since = SINCE.convert(text, None, None)
    assert SINCE.convert(since, None, None) == since
    assert moment(since, NOW) == expected


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "99999w", "0001-01-01T00:00+10:00", "1y"])
def test_since_refuses_the_rest(text: str) -> None:
    """What is neither is refused in words."""
    with pytest.raises(click.BadParameter):
        SINCE.convert(text, None, None)
