"""What was shared or posted elsewhere follows edits and deletions of what it names."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.erasure.erase import Eraser
from bot.jobs.request_kinds import ShareClick
from models import Share, SharedItem
from services.erasure.subjects import SubjectKind, find_subject
from tests.bot.tasks.test_solved_notices import ANSWER, first, notices, report, solve
from tests.serving import Desk, buttons, words

__all__ = ["first"]

PRINTER = "printer prints blank pages after the firmware update"
EDITED = "printer prints blank pages after the firmware update of floor nine"


@pytest.fixture
def shared(desk: Desk) -> str:
    """Share the tickets like another one in a channel, and return the ticket's `ts`."""
    desk.slack.add_channel("C2")
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.click("C2", "share", f"similar {PRINTER}", user="U7")
    desk.drain()
    return ts


def share_of(desk: Desk) -> str:
    """Return what the shared reply says."""
    [message] = desk.slack.posted("C2")
    return words(message)


@pytest.mark.both_databases
def test_a_shared_reply_follows_edits_and_deletions(desk: Desk, shared: str) -> None:
    """It names the ticket as it is now, and not any more once it is gone."""
    before = share_of(desk)
    assert PRINTER in before
    desk.edit("C1", shared, EDITED, "1795400000.000100")
    desk.drain()
    assert "floor nine" in share_of(desk)
    assert "<@U7>" in share_of(desk)
    desk.delete("C1", shared)
    desk.drain()
    found = share_of(desk).replace(f"similar {PRINTER}", "")
    assert "blank pages" not in found
    assert "I don't remember anything like that" in found
    with desk.services.database.read() as session:
        assert session.scalars(select(SharedItem)).all() == []


def test_a_shared_reply_follows_the_answer_of_what_it_names(desk: Desk, shared: str) -> None:
    """A ticket that is solved meanwhile is shown as solved."""
    assert ANSWER not in share_of(desk)
    solve(desk, shared)
    assert ANSWER in share_of(desk)


def test_a_shared_reply_hides_what_its_readers_may_no_longer_read(desk: Desk, shared: str) -> None:
    """Where the ticket's channel became private, or outsiders joined that of the reply."""
    desk.slack.channels["C2"]["is_ext_shared"] = True
    desk.deliver({"type": "channel_shared", "channel": "C2", "connected_team_id": "T9"})
    desk.drain()
    assert "I don't remember anything like that" in share_of(desk)


def test_a_shared_reply_that_was_deleted_is_forgotten(desk: Desk, shared: str) -> None:
    """Nothing fails, and nothing is posted again."""
    [message] = desk.slack.posted("C2")
    desk.slack.remove("C2", message["ts"])
    desk.edit("C1", shared, EDITED, "1795400000.000100")
    desk.drain()
    assert desk.slack.posted("C2") == []
    assert desk.jobs("failed") == []
    with desk.services.database.read() as session:
        assert session.scalars(select(Share)).all() == []


@pytest.mark.parametrize(("kind", "name"), [("person", "U7"), ("channel", "C2")])
def test_an_erased_person_or_channel_has_shared_nothing(
    desk: Desk, shared: str, kind: SubjectKind, name: str
) -> None:
    """Neither the message is left, nor what was typed to get it."""
    services = desk.services
    with services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, kind, name)
    done = Eraser(services.database, services.settings, "admin", desk.clock, 100).erase(subject)
    assert done.counts["shared replies"] == 1
    desk.drain()
    assert desk.slack.posted("C2") == []
    with services.database.read() as session:
        assert session.scalars(select(Share)).all() == []


def test_an_erased_ticket_is_shared_no_more(desk: Desk, shared: str) -> None:
    """The reply to the same command does not find it."""
    services = desk.services
    with services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, "item", f"C1/{shared}")
    Eraser(services.database, services.settings, "admin", desk.clock, 100).erase(subject)
    desk.drain()
    assert "I don't remember anything like that" in share_of(desk)


def test_a_share_whose_worker_died_is_recorded_by_the_next(desk: Desk) -> None:
    """The message is there once, and follows."""
    desk.slack.add_channel("C2")
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.click("C2", "share", f"similar {PRINTER}", user="U7")
    desk.run_and_die(ShareClick)
    desk.wait(60)
    desk.edit("C1", ts, EDITED, "1795400000.000100")
    desk.drain()
    assert "floor nine" in share_of(desk)


def test_a_notice_follows_edits(desk: Desk, first: str) -> None:
    """Of the answer and of the ticket that was solved; its buttons stay, and what was pressed."""
    ts = report(desk)
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=first)
    desk.react("C1", reply["ts"])
    desk.drain()
    edited = {**reply, "text": "Use thick paper", "edited": {"user": "U5", "ts": "1795400000.1"}}
    desk.deliver_message("C1", {"type": "message", "subtype": "message_changed", "message": edited})
    desk.drain()
    [notice] = notices(desk, "C1", ts)
    assert "Use thick paper" in words(notice)
    assert ANSWER not in words(notice)
    desk.click("C1", "told_works", buttons(notice)["told_works"], user="U9")
    desk.drain()
    desk.edit("C1", first, EDITED, "1795400001.000100")
    desk.drain()
    [notice] = notices(desk, "C1", ts)
    assert "floor nine" in words(notice)
    assert "It worked here too" in words(notice)
    desk.delete("C1", first)
    desk.drain()
    assert notices(desk, "C1", ts) == []
