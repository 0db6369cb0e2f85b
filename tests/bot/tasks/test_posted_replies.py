"""What stands in Slack follows edits and deletions of what it names."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.erasure.erase import Eraser
from bot.jobs.request_kinds import ShareClick
from models import PostedReply, PostedReplyItem
from services.answers.posted_replies import names_topics
from services.erasure.subjects import SubjectKind, find_subject
from tests.bot.tasks.test_solved_notices import ANSWER, first, notices, report, solve
from tests.serving import Desk, buttons, words
from tests.slack_server import done_but_dropped
from tests.worlds import begin

__all__ = ["first"]

PRINTER = "printer prints blank pages after the firmware update"
EDITED = "printer prints blank pages after the firmware update of floor nine"


@pytest.fixture
def shared(desk: Desk) -> str:
    """Share the tickets like another one in a channel, and return the ticket's `ts`."""

    def post() -> str:
        desk.slack.add_channel("C2")
        ts = desk.ticket("C1", PRINTER)
        desk.drain()
        desk.click("C2", "share", f"similar {PRINTER}", user="U7")
        desk.drain()
        return ts

    return begin(desk, "a shared reply", post)


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
        assert session.scalars(select(PostedReplyItem)).all() == []


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
        assert session.scalars(select(PostedReply)).all() == []


@pytest.mark.parametrize(("kind", "name"), [("person", "U7"), ("channel", "C2")])
def test_an_erased_person_or_channel_has_shared_nothing(
    desk: Desk, shared: str, kind: SubjectKind, name: str
) -> None:
    """Neither the message is left, nor what was typed to get it."""
    services = desk.services
    with services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, kind, name)
    done = Eraser(services.database, services.settings, "admin", desk.clock, 100).erase(subject)
    assert done.counts["posted replies"] == 1
    desk.drain()
    assert desk.slack.posted("C2") == []
    with services.database.read() as session:
        assert session.scalars(select(PostedReply)).all() == []


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


@pytest.fixture(params=["words", "command", "bare", "direct"])
def asked(desk: Desk, request: pytest.FixtureRequest) -> tuple[str, str, str]:
    """Ask about a ticket; return its `ts`, and the channel and thread of the reply."""
    desk.slack.add_channel("D7", is_im=True, user="U7", members=["U7"])
    ts = desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", "printer prints blank pages since the driver came")
    desk.drain()
    match request.param:
        case "words":
            return ts, "C1", desk.ticket("C1", f"<@U0DEJA> {PRINTER}", user="U7")
        case "command":
            return ts, "C1", desk.ticket("C1", f"<@U0DEJA> similar {PRINTER}", user="U7")
        case "bare":
            desk.ticket("C1", "<@U0DEJA>", user="U7", thread_ts=parent)
            return ts, "C1", parent
        case _:
            return ts, "D7", desk.ticket("D7", PRINTER, user="U7", channel_type="im")


def reply_in(desk: Desk, asked: tuple[str, str, str]) -> str:
    """Return what the newest reply in the thread of the question says."""
    desk.drain()
    _, channel, thread_ts = asked
    return words(desk.slack.replies(channel, thread_ts)[-1])


def test_a_reply_in_a_thread_follows_edits_and_deletions(
    desk: Desk, asked: tuple[str, str, str]
) -> None:
    """Asked in words, by a command, about the thread, or in a direct message: no new message."""
    assert PRINTER in reply_in(desk, asked)
    count = len(desk.slack.posted())
    desk.edit("C1", asked[0], EDITED, "1795400000.000100")
    assert "floor nine" in reply_in(desk, asked)
    desk.delete("C1", asked[0])
    assert "firmware" not in reply_in(desk, asked).replace(PRINTER, "")
    assert len(desk.slack.posted()) == count
    assert desk.jobs("failed") == []


def test_a_reply_in_a_thread_leaves_out_an_erased_ticket(
    desk: Desk, asked: tuple[str, str, str]
) -> None:
    """What was erased stands in no reply, public or private."""
    assert PRINTER in reply_in(desk, asked)
    services = desk.services
    with services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, "item", f"C1/{asked[0]}")
    Eraser(services.database, services.settings, "admin", desk.clock, 100).erase(subject)
    assert PRINTER not in reply_in(desk, asked)


def test_a_reply_in_a_thread_hides_what_its_readers_may_no_longer_read(desk: Desk) -> None:
    """Once outsiders read the channel, a reply there does not name the tickets of others."""
    desk.slack.add_channel("C2")
    desk.ticket("C2", PRINTER)
    desk.drain()
    asked = "", "C1", desk.ticket("C1", f"<@U0DEJA> {PRINTER}")
    assert PRINTER in reply_in(desk, asked)
    desk.slack.channels["C1"]["is_ext_shared"] = True
    desk.deliver({"type": "channel_shared", "channel": "C1", "connected_team_id": "T9"})
    assert "I don't remember anything like that" in reply_in(desk, asked)


def test_a_reply_that_slack_posted_without_saying_so_follows(desk: Desk) -> None:
    """The next attempt finds it, posts no second one, and shows what has changed meanwhile."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.fail("chat.postMessage", done_but_dropped())
    asked = ts, "C1", desk.ticket("C1", f"<@U0DEJA> similar {PRINTER}")
    desk.drain()
    desk.edit("C1", ts, EDITED, "1795400000.000100")
    desk.wait(60)
    assert "floor nine" in reply_in(desk, asked)
    assert len(desk.slack.replies("C1", asked[2])) == 1
    desk.delete("C1", ts)
    assert "floor nine" not in reply_in(desk, asked)


def test_what_was_typed_in_a_thread_is_not_kept(desk: Desk, asked: tuple[str, str, str]) -> None:
    """Slack keeps it: the reply follows without a copy, and goes once its question is deleted."""
    ts, channel, thread_ts = asked
    desk.drain()
    with desk.services.database.read() as session:
        posted = session.scalars(select(PostedReply)).one()
    assert posted.command is None
    assert posted.asked_ts is not None
    desk.slack.remove(channel, posted.asked_ts)
    desk.edit("C1", ts, EDITED, "1795400000.000100")
    desk.drain()
    assert posted.message_ts not in [one["ts"] for one in desk.slack.replies(channel, thread_ts)]
    with desk.services.database.read() as session:
        assert session.scalars(select(PostedReply)).all() == []


def test_nothing_is_recorded_of_a_reply_that_names_nothing(desk: Desk) -> None:
    """Nothing in it can change."""
    desk.ticket("C1", "<@U0DEJA> blank pages again, who knows?")
    desk.ticket("C1", "<@U0DEJA> help")
    desk.drain()
    with desk.services.database.read() as session:
        assert session.scalars(select(PostedReply)).all() == []


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


@pytest.mark.parametrize("command", ["topics", "Trends weeks", "topics\n#helpdesk"])
def test_lists_of_topics_are_known_by_the_command(command: str) -> None:
    """What follows it may be on another line."""
    assert names_topics(command)
    assert not names_topics(f"search {command}")
