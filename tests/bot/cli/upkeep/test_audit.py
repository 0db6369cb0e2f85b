"""`deja audit` and `deja groups`: decisions, and the groups that follow from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import Result

from bot.cli.options import SINCE, moment
from models import Database, Item
from tests.bot.cli.decisions.test_verdicts import Run, lines, run, said
from tests.conftest import NOW

__all__ = ["run"]


def json_lines(result: Result) -> list[dict[str, object]]:
    """Return standard output as JSON lines."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def with_decisions(run: Run) -> Run:
    """Give the command line on stored decisions, one of them undone."""
    stdin = lines(
        said("T-4", "duplicate", "T-5"),
        said("T-3", "duplicate", "T-2", by="Ann"),
        said("T-3", "duplicate", "T-1"),
        said("T-1", "related", "T-4", by="Ann"),
    )
    assert run("verdicts", "import", "-", stdin=stdin).exit_code == 0
    assert run("verdicts", "undo", "T-4", "T-1").exit_code == 0
    return run


def test_groups_are_shown_by_their_root(with_decisions: Run) -> None:
    """The largest group comes first, its earliest ticket is the root; an item shows its own."""
    trio = {"root": "T-1", "size": 3, "reports": 3, "members": ["T-1", "T-2", "T-3"]}
    two = {"root": "T-4", "size": 2, "reports": 2, "members": ["T-4", "T-5"]}
    assert json_lines(with_decisions("groups", "--json")) == [trio, two]
    assert json_lines(with_decisions("groups", "T-5", "--json")) == [two]
    shown = with_decisions("groups").stdout
    assert "2 groups" in shown
    assert "T-1, T-2, T-3" in shown


def test_an_item_without_a_group_is_reported(run: Run) -> None:
    """A ticket without a group, no groups at all, and an unknown id have clear messages."""
    assert "No ticket has been confirmed" in run("groups").stdout
    assert "T-1 has not been confirmed" in run("groups", "T-1").stdout
    assert json_lines(run("groups", "T-1", "--json")) == []
    assert "Error: There is no item T-9." in run("groups", "T-9").output


def test_the_audit_is_listed(with_decisions: Run) -> None:
    """Records show the imported ids, newest last, as a table or as JSON."""
    records = json_lines(with_decisions("audit", "--json"))
    assert [(one["by"], one["what"], one["items"]) for one in records] == [
        ("import", "duplicate", ["T-4", "T-5"]),
        ("Ann", "duplicate", ["T-2", "T-3"]),
        ("import", "duplicate", ["T-1", "T-3"]),
        ("Ann", "related", ["T-1", "T-4"]),
        ("command line", "undo", ["T-1", "T-4"]),
    ]
    assert set(records[0]) == {"at", "by", "what", "items", "detail"}
    assert str(records[-1]["detail"]).startswith("related, decided by Ann on ")
    assert datetime.fromisoformat(str(records[0]["at"])).tzinfo is not None
    assert json_lines(with_decisions("audit", "T-4", "--by", "Ann", "--json")) == [records[3]]
    assert json_lines(with_decisions("audit", "--limit", "2", "--json")) == records[-2:]
    assert json_lines(with_decisions("audit", "--since", "1h", "--json")) == records
    assert json_lines(with_decisions("audit", "--since", "2999-01-01", "--json")) == []
    assert "command line" in with_decisions("audit").stdout
    assert "There are no such records" in with_decisions("audit", "--by", "nobody").stdout


def test_a_deleted_ticket_is_still_in_the_audit(with_decisions: Run, database_url: str) -> None:
    """Its decisions are listed and can be undone, but it is no longer in a group."""
    database = Database.connect(database_url)
    with database.write() as session:
        session.query(Item).filter_by(external_id="T-5").update({"deleted_at": NOW})
    database.close()
    assert len(json_lines(with_decisions("audit", "T-5", "--json"))) == 1
    assert json_lines(with_decisions("groups", "T-4", "--json")) == []
    assert with_decisions("verdicts", "undo", "T-5", "T-4").exit_code == 0
    assert len(json_lines(with_decisions("audit", "T-5", "--json"))) == 2


def test_errors_are_one_line(run: Run) -> None:
    """An invalid span and an unknown id have one-line errors."""
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
    """Both are converted to a time in UTC."""
    since = SINCE.convert(text, None, None)
    assert SINCE.convert(since, None, None) == since
    assert moment(since, NOW) == expected


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "99999w", "0001-01-01T00:00+10:00", "1y"])
def test_since_refuses_other_texts(text: str) -> None:
    """A text that is neither a span nor a date is refused."""
    with pytest.raises(click.BadParameter):
        SINCE.convert(text, None, None)
