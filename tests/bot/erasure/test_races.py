"""Erasures beside others who write: what was erased does not come back by what they had read."""

from __future__ import annotations

import time
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.erasure.erase import Eraser
from models import Channel, Database, Item, Resolution
from models.queries import lock_channels
from services.erasure.leftovers import leftovers
from services.erasure.retention import set_rule, too_old
from services.erasure.subjects import SubjectKind, find_subject
from services.erasure.tickets import lock_tickets, next_tickets
from services.issues.resolutions import Solution, resolve, restore_solution
from services.memory.item_rows import rows_by_key
from tests.bot.tasks.ticket_texts import PRINTER
from tests.serving import Desk

ANSWER = "Set the quaint tray to plain paper and restart it"

# SQLite has one writer at a time, so that nobody can be in between.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def erase(desk: Desk, kind: SubjectKind, name: str) -> int:
    """Erase something; return the id of the erasure."""
    services = desk.services
    with services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, kind, name)
    return (
        Eraser(services.database, services.settings, "admin", desk.clock).erase(subject).erasure_id
    )


@pytest.mark.parametrize("store", [resolve, restore_solution])
def test_an_answer_that_is_being_stored_leaves_nothing(desk: Desk, store: object) -> None:
    """Whoever had read the ticket before its erasure does not write into its tombstone."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        item = session.scalars(select(Item).where(Item.external_id == f"C1/{ts}")).one()
        erased = erase(desk, "item", f"C1/{ts}")
        found = Solution(ANSWER, "U5", "1795350000.000200")
        assert not store(session, item, found, by="U5", now=desk.clock.now)  # type: ignore[operator]
    with desk.services.database.read() as session:
        assert leftovers(session, erased) == {}
        assert session.scalars(select(Resolution)).all() == []
    assert desk.item("C1", ts).status == "deleted"


def test_it_waits_for_who_stores_messages_in_the_channel(desk: Desk) -> None:
    """They have planned which messages form a ticket, by what they had read."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    services = desk.services
    with services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, "item", f"C1/{ts}")
        here = session.scalars(select(Channel.id)).one()
    url = services.settings.database_url.get_secret_value()
    impatient = Database.connect(f"{url}&options=-c%20lock_timeout%3D1")
    with services.database.write() as storing:
        lock_channels(storing, [here])
        with pytest.raises(OperationalError, match="lock timeout"):
            Eraser(impatient, services.settings, "admin", desk.clock).erase(subject)
    impatient.close()
    assert desk.item("C1", ts).text == PRINTER


def test_what_was_solved_meanwhile_is_kept_as_long_as_solved_ones(desk: Desk) -> None:
    """Retention had found it among the open ones."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    database, workspace_id = desk.services.database, desk.workspace_id
    with database.write() as session:
        set_rule(session, workspace_id, None, "open", 30, by="admin", now=desk.clock.now)
    desk.clock.advance(40 * 86_400)
    with database.write() as session:
        subject = too_old(session, workspace_id, desk.clock.now)
        assert subject is not None
        [found] = next_tickets(session, subject, 10)
        with database.write() as other:
            solved = other.get_one(Item, found)
            resolve(other, solved, Solution(ANSWER), by="U5", now=desk.clock.now)
        assert lock_tickets(session, subject, [found]) == []
    assert desk.item("C1", ts).text == PRINTER


def test_two_erasures_of_the_same_count_it_once(desk: Desk) -> None:
    """The second one leaves alone what the first one erased since it was found."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        subject = find_subject(session, desk.workspace_id, "item", f"C1/{ts}")
        found = next_tickets(session, subject, 10)
        erase(desk, "item", f"C1/{ts}")
        assert len(found) == 1
        assert lock_tickets(session, subject, found) == []


def test_whoever_stores_tickets_locks_them_by_id(desk: Desk) -> None:
    """So do others: of two that have some of the same tickets, none holds what the other needs."""
    database, workspace_id = desk.services.database, desk.workspace_id
    with database.write() as session:
        rows = [
            Item(
                workspace_id=workspace_id, kind="ticket", source="t", external_id=name, text=name,
                status="open", created_at=desk.clock.now, updated_at=desk.clock.now,
            )
            for name in ("b", "a")
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        ids = sorted(one.id for one in rows)
    with database.write() as session:  # a changed row is moved to the end of PostgreSQL's table
        session.get_one(Item, ids[0]).title = "moved"
    keys = [("t", "a"), ("t", "b")]

    def store() -> None:
        with database.write() as session:
            rows_by_key(session, workspace_id, keys)

    first = select(Item.id).where(Item.id == ids[0]).with_for_update(skip_locked=True)
    thread = Thread(target=store)
    with database.write() as other:
        other.execute(select(Item.id).where(Item.id == ids[1]).with_for_update())
        thread.start()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with database.write() as session:
                if session.scalar(first) is None:
                    break
            time.sleep(0.01)
        else:
            pytest.fail("the later ticket is waited for, the earlier one is not locked")
    thread.join()
