"""A bot reads a tracker as it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.tasks.source_polls import poll_jobs
from models import Connection, Item, Source, Workspace
from services.erasure.tickets import erase_tickets
from services.intake.importers.entries import Row, RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from services.sources.connections import add_connection
from tests.serving import Desk, words
from tests.trackers.github import REPOSITORY, GitHubStandIn, at
from tests.trackers.server import Reply, serving

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Roll the firmware back to 2.1."


@dataclass
class Reading:
    """A bot that reads a repository."""

    desk: Desk
    github: GitHubStandIn

    def poll(self) -> dict[str, Item]:
        """Do what is due, five minutes later, and return the live items of the source by id."""
        self.desk.clock.advance(301)
        services, workspace = self.desk.services, self.desk.workspace_id
        self.desk.enqueue(*poll_jobs(services, workspace, self.desk.clock.now))
        self.desk.drain()
        with services.database.read() as session:
            found = session.scalars(select(Item).where(Item.source == f"github/{REPOSITORY}"))
            return {item.external_id: item for item in found if item.deleted_at is None}

    def state(self) -> Connection:
        """Return the state of the connection."""
        with self.desk.services.database.read() as session:
            return session.scalars(select(Connection)).one()


@pytest.fixture
def reading(desk: Desk) -> Iterator[Reading]:
    """Connect a bot to a public repository."""
    tracker = GitHubStandIn(is_public=True)
    with serving(tracker):
        with desk.services.database.write() as session:
            add_connection(
                session,
                session.get_one(Workspace, desk.workspace_id),
                kind="github",
                account=REPOSITORY,
                address=tracker.address,
                scope=REPOSITORY,
                channel=None,
                now=desk.clock.now,
            )
        yield Reading(desk, tracker)


@pytest.mark.both_databases
def test_an_issue_is_stored_closed_with_its_answer_and_deleted(reading: Reading) -> None:
    """What happens at GitHub happens here within five minutes, over as many pages as there are."""
    reading.github.page = 2
    for number in range(1, 6):
        reading.github.open(number, PRINTER if number == 1 else "", at(number))
    items = reading.poll()
    assert sorted(items) == ["1", "2", "3", "4", "5"]
    assert (items["1"].title, items["1"].status, items["1"].author) == (PRINTER, "open", "ana")
    assert items["1"].url == f"https://github.com/{REPOSITORY}/issues/1"
    reading.github.close_with(1, ANSWER, at(60))
    del reading.github.issues[2]
    items = reading.poll()
    assert (items["1"].status, items["1"].resolution) == ("closed", ANSWER)
    for _ in range(3):  # one page of the walk each time
        items = reading.poll()
    assert sorted(items) == ["1", "3", "4", "5"]
    assert reading.desk.jobs("failed") == []
    state = reading.state()
    assert (state.error, state.read_until) == (None, reading.desk.clock.now)


@pytest.mark.both_databases
def test_an_issue_that_is_restored_there_comes_back(reading: Reading) -> None:
    """With its words; one that somebody erased here does not."""
    for number in (1, 2):
        reading.github.open(number, PRINTER, at(number))
    reading.poll()
    gone = dict(reading.github.issues)
    reading.github.issues.clear()
    for _ in range(2):
        items = reading.poll()
    assert items == {}
    with reading.desk.services.database.write() as session:
        erased = session.scalars(select(Item).where(Item.external_id == "2")).all()
        erase_tickets(session, [one.id for one in erased], reading.desk.clock.now)
    for number, issue in gone.items():
        reading.github.issues[number] = {**issue, "updated_at": at(60)}
    items = reading.poll()
    assert [(id_, one.title, one.status) for id_, one in items.items()] == [("1", PRINTER, "open")]
    reading.desk.drain()
    reading.desk.command("C1", f"similar {PRINTER}")
    reading.desk.drain()
    assert PRINTER in words(reading.desk.slack.private_replies[-1])


def test_a_clock_that_is_set_back_does_not_put_off_the_next_look(reading: Reading) -> None:
    """What was read while it was a day ahead is read again within minutes, not a day later."""
    reading.desk.clock.advance(86_400)
    reading.github.open(1, PRINTER, at(1))
    assert list(reading.poll()) == ["1"]
    reading.desk.clock.advance(-86_400)
    reading.github.close_with(1, ANSWER, at(60))
    assert reading.poll()["1"].status == "closed"


def test_an_issue_that_is_opened_again_has_no_answer(reading: Reading) -> None:
    """What was said did not solve it; closed again, it has what is said then."""
    reading.github.open(1, PRINTER)
    reading.github.close_with(1, ANSWER, at(60))
    assert reading.poll()["1"].resolution == ANSWER
    again = {"state": "open", "closed_at": None, "state_reason": "reopened", "updated_at": at(120)}
    reading.github.issues[1] |= again
    item = reading.poll()["1"]
    assert (item.status, item.resolution) == ("open", None)
    other = "Replace the fuser, then the pages are printed."
    reading.github.close_with(1, other, at(180))
    item = reading.poll()["1"]
    assert (item.status, item.resolution) == ("closed", other)


def test_the_answer_there_is_found_here(reading: Reading) -> None:
    """A ticket of the tracker is found like any other."""
    reading.github.open(1, PRINTER)
    reading.github.close_with(1, ANSWER, at(60))
    reading.poll()
    reading.desk.command("C1", f"similar {PRINTER}")
    reading.desk.drain()
    assert PRINTER in words(reading.desk.slack.private_replies[-1])


def test_import_and_connector_give_the_same_tickets(reading: Reading, tmp_path: Path) -> None:
    """The list that `gh api` writes, imported, has the same sources, ids and words."""
    reading.github.open(1, PRINTER)
    reading.github.open(2, state="closed", closed_at=at(5), updated_at=at(5))
    items = reading.poll()
    file = tmp_path / "issues.json"
    file.write_bytes(Reply(data=list(reading.github.issues.values())).body)
    with open_inputs(file, lambda: None) as inputs:  # type: ignore[arg-type,return-value]
        plan = make_plan(recognize(inputs[0], ReadOptions()), ReadOptions())
        defaults = RowDefaults(None, "ticket", reading.desk.clock.now)
        rows = [one.item for one in TicketReader(plan, defaults).read() if isinstance(one, Row)]
    assert len(rows) == 2
    for row in rows:
        item = items[row.external_id]
        assert item.source == row.source
        for name in ("title", "text", "author", "url", "status", "created_at", "resolved_at"):
            assert getattr(item, name) == getattr(row, name), name


def test_what_fails_is_kept_with_the_source_and_tried_again(reading: Reading) -> None:
    """An outage costs no attempts of a job, and the source says what is wrong."""
    reading.github.open(1, PRINTER)
    for number, reply in enumerate([None, Reply(500), Reply(404)], 1):
        reading.github.fail(reply)
        assert reading.poll() == {}
        assert reading.state().failures == number
    assert "check the name" in str(reading.state().error)
    assert reading.desk.jobs("failed") == []
    assert list(reading.poll()) == ["1"]
    assert (reading.state().failures, reading.state().error) == (0, None)


def test_a_list_that_leads_in_a_circle_is_left(reading: Reading) -> None:
    """It says so, keeps what was read, and goes on once the program does."""
    reading.github.open(1, PRINTER)
    issues = f"{reading.github.address}/repos/{REPOSITORY}/issues"
    query = "state=all&sort=updated&direction=asc&per_page=100&page=2"
    link = {"Link": f'<{issues}?{query}>; rel="next"'}
    pages = 20
    for _ in range(pages):
        reading.github.fail(Reply(200, list(reading.github.issues.values()), link), "/issues")
    assert list(reading.poll()) == ["1"]
    assert 0 < len(reading.github.faults) < pages
    assert "the same page again" in str(reading.state().error)
    assert reading.state().failures == 1
    reading.github.faults.clear()
    reading.github.close_with(1, ANSWER, at(60))
    assert reading.poll()["1"].resolution == ANSWER
    assert reading.state().error is None


def test_as_long_is_waited_as_is_asked(reading: Reading) -> None:
    """Then, and not before, the source is read."""
    reading.github.open(1, PRINTER)
    reading.github.fail(Reply(429, headers={"Retry-After": "900"}))
    assert reading.poll() == {}
    assert reading.state().failures == 0
    calls = len(reading.github.calls)
    assert reading.poll() == {}
    assert len(reading.github.calls) == calls
    reading.desk.clock.advance(300)
    assert list(reading.poll()) == ["1"]


def test_two_that_read_at_once_store_a_page_once(reading: Reading) -> None:
    """Whoever is later stops: the other has the place in the list."""
    services = reading.desk.services
    reading.github.open(1, PRINTER)

    def steal() -> None:
        reading.github.after_list = None
        with services.database.write() as session:
            connection = session.scalars(select(Connection)).one()
            connection.cursor = {"since": at(30)}

    reading.github.after_list = steal
    assert reading.poll() == {}
    assert reading.state().cursor == {"since": at(30)}
    assert reading.desk.jobs("failed") == []


def test_a_source_that_is_removed_is_read_no_more(reading: Reading) -> None:
    """Its tickets stay."""
    reading.github.open(1, PRINTER)
    reading.poll()
    with reading.desk.services.database.write() as session:
        session.delete(session.scalars(select(Source)).one())
    calls = len(reading.github.calls)
    assert list(reading.poll()) == ["1"]
    assert len(reading.github.calls) == calls
