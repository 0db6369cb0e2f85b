"""An erasure that ends at any of its commits and is resumed: the end is as without that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from bot.erasure.erase import Eraser
from bot.erasure.resume import resume_all
from models import Base, Channel, Erasure
from services.erasure.leftovers import leftovers
from services.erasure.retention import STATES, remove_rule, set_rule, too_old
from services.erasure.subjects import Subject, SubjectKind, find_subject
from tests.bot.tasks.topics import cluster, post_tickets
from tests.databases import PostgresServer, SqliteFile
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_standin import SlackStandIn
from tests.worlds import begin

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the quaint tray to plain paper and restart it"
ZEBRA = "the violet zebra of floor nine eats every cable"
PAYROLL = "zebra-payroll sends every violet slip twice"
START = 1_795_350_000
DAY = 86_400
# How many checks of posts there are depends on how many tickets go at a time, and does not matter.
CHECKS = "checks of posts in Slack"
NOT_COMPARED = {"vector", "centroid", "centre"}

Place = SqliteFile | PostgresServer
KINDS: tuple[tuple[SubjectKind, str], ...] = (
    ("person", "U5"),
    ("channel", "C2"),
    ("item", f"C1/{START}.000100"),
    ("age", ""),
)


class KilledError(BaseException):
    """The process ends here: nothing may catch it."""


def live(desk: Desk) -> None:
    """Let a team work: tickets and answers of U5, topics, a shared reply, and work that waits."""
    desk.slack.add_channel("C2")
    post_tickets(desk, subjects=("printer prints blank pages", "vpn drops every hour"))
    first = desk.ticket("C1", PRINTER, ts=f"{START}.000100", user="U5")
    second = desk.ticket("C2", PRINTER, ts=f"{START + 100}.000100", user="U6")
    for number in range(3):
        desk.ticket("C2", f"{ZEBRA} {number}", ts=f"{START + 200 + number}.000100", user="U5")
    [answer] = desk.answers("C2", second)
    desk.click("C2", "duplicate", buttons(answer)["duplicate"], user="U5")
    for channel, ts in (("C1", first), ("C2", second)):
        reply = desk.slack.say(channel, ANSWER, user="U5", thread_ts=ts)
        desk.react(channel, reply["ts"], user="U5")
    desk.drain()
    cluster(desk)
    desk.click("C1", "share", f"similar {ZEBRA}", user="U5")
    desk.drain()
    waiting = desk.slack.say("C2", PAYROLL, user="U5", ts=f"{START + 900}.000100")
    desk.deliver_message("C2", waiting)


@contextmanager
def dying(at: int | None) -> Iterator[list[Session]]:
    """Let the process end at the point `at`, of which each commit has two; give those passed."""
    points: list[Session] = []

    def pass_point(session: Session) -> None:
        points.append(session)
        if len(points) == at:
            raise KilledError

    for name in ("before_commit", "after_commit"):
        event.listen(Session, name, pass_point)
    try:
        with suppress(KilledError):
            yield points
    finally:
        for name in ("before_commit", "after_commit"):
            event.remove(Session, name, pass_point)


def keep_for_a_day(desk: Desk) -> None:
    """Set rules by which all that was said is too old."""
    with desk.services.database.write() as session:
        for state in STATES:
            set_rule(session, desk.workspace_id, None, state, 1, by="admin", now=desk.clock.now)
    desk.clock.advance(5 * DAY)


def subject_of(desk: Desk, kind: SubjectKind, name: str) -> Subject:
    """Return what is to be erased."""
    if kind == "age":
        keep_for_a_day(desk)
    with desk.services.database.read() as session:
        if kind != "age":
            return find_subject(session, desk.workspace_id, kind, name)
        subject = too_old(session, desk.workspace_id, desk.clock.now)
    assert subject is not None
    return subject


def erase(desk: Desk, subject: Subject, at: int | None = None) -> int:
    """Erase something until the point `at`; return how many points there were."""
    services = desk.services
    with dying(at) as points:
        Eraser(services.database, services.settings, "admin", desk.clock, 2).erase(subject)
    return len(points)


def resume(desk: Desk) -> list[int]:
    """Resume what was interrupted; return the ids of the erasures."""
    services = desk.services
    done = resume_all(services.database, services.settings, "admin", desk.clock)
    return [one.erasure_id for one in done]


def outcome(desk: Desk) -> dict[str, Any]:
    """Return all that is stored, and what people see of it after the work that follows."""
    stored = rows(desk)
    desk.drain()
    posted = [
        (channel, str(one["ts"]), words(one))
        for channel in desk.slack.channels
        for one in desk.slack.posted(channel)
    ]
    unfinished = [job.key for job in desk.jobs("ready") + desk.jobs("failed")]
    return {**stored, "later": rows(desk), "posted": sorted(posted), "unfinished": unfinished}


def rows(desk: Desk) -> dict[str, list[Any]]:
    """Return the rows of all tables but the jobs, whose payloads go as they end."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != "jobs"]
    with desk.services.database.read() as session:
        found = {
            table.name: session.execute(select(table).order_by(*table.primary_key)).mappings()
            for table in tables
        }
        return {name: [_plain(dict(row)) for row in found[name]] for name in found}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    if isinstance(row.get("counts"), dict):
        row["counts"].pop(CHECKS, None)
    return {name: repr(value) for name, value in row.items() if name not in NOT_COMPARED}


@contextmanager
def team(place: Place, folder: Path, run: int) -> Iterator[Desk]:
    """Give a team at work, on a new database and in a new Slack."""
    data = str(folder / str(run))
    with (
        SlackStandIn().running() as slack,
        open_desk(slack, place.renew(), data, HashingEmbedder()) as desk,
    ):
        slack.add_channel("C1")
        begin(desk, "a team at work", lambda: live(desk))
        yield desk


@pytest.fixture
def place(request: pytest.FixtureRequest, database_url: str) -> Place:
    """Give the database of a kind, which is new in each run."""
    is_sqlite = database_url.startswith("sqlite")
    found: Place = request.getfixturevalue("sqlite_file" if is_sqlite else "postgres")
    return found


def different(place: Place, folder: Path, kind: SubjectKind, name: str, every: int) -> list[int]:
    """Return the points at which an erasure that ends there and is resumed ends otherwise."""
    with team(place, folder, 0) as desk:
        points = erase(desk, subject_of(desk, kind, name))
        expected = outcome(desk)
    assert points > every
    wrong = []
    # Before the first commit there is nothing, and after the last one nothing is left.
    for at in range(2, points, every):
        with team(place, folder, at) as desk:
            erase(desk, subject_of(desk, kind, name), at)
            assert resume(desk) == [1]
            if outcome(desk) != expected:
                wrong.append(at)
    return wrong


@pytest.mark.parametrize(("kind", "name"), KINDS)
@pytest.mark.parametrize(
    "every", [pytest.param(3, marks=pytest.mark.thorough), 13], ids=["many", "few"]
)
@pytest.mark.both_databases
def test_it_may_end_at_any_commit(
    place: Place, tmp_path: Path, kind: SubjectKind, name: str, every: int
) -> None:
    """What is stored, counted, on record and posted afterwards is the same."""
    assert different(place, tmp_path, kind, name, every) == []


def test_a_channel_that_is_renamed_meanwhile_is_erased(place: Place, tmp_path: Path) -> None:
    """Its name is that of another channel by then, which stays; on record is its new name."""
    with team(place, tmp_path, 0) as desk:
        erase(desk, subject_of(desk, "channel", "C2"), 4)
        with desk.services.database.write() as session:
            session.execute(update(Channel).where(Channel.slack_id == "C2").values(name="old"))
            session.execute(update(Channel).where(Channel.slack_id == "C1").values(name="c2"))
        assert resume(desk) == [1]
        assert desk.item("C2", f"{START + 200}.000100").text == ""
        assert desk.item("C1", f"{START}.000100").text == PRINTER
        with desk.services.database.read() as session:
            assert session.scalars(select(Erasure.subject)).all() == ["#old"]


def test_retention_whose_rules_are_removed_meanwhile_ends(place: Place, tmp_path: Path) -> None:
    """What was erased so far leaves the queue, the titles and the index; nothing more is erased."""
    with team(place, tmp_path, 0) as desk:
        erase(desk, subject_of(desk, "age", ""), 4)
        with desk.services.database.write() as session:
            for state in STATES:
                remove_rule(session, desk.workspace_id, None, state, by="a", now=desk.clock.now)
        assert resume(desk) == [1]
        with desk.services.database.read() as session:
            row = session.scalars(select(Erasure)).one()
            assert leftovers(session, row.id) == {}
        assert None not in (row.emptied_at, row.finished_at)
        assert row.counts["tickets and products"] == 2
