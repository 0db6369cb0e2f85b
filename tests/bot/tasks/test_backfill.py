"""A backfill stores a channel's past once, with solutions, and posts nothing about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.tasks.backfill import PAGE, backfill_job
from models import Channel, Item
from tests.serving import Desk, restarted, words
from tests.slack_methods import BOT_USER
from tests.slack_server import broken, rate_limited

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper"


def start(desk: Desk, days: int = 90, user: str | None = None) -> None:
    """Start a backfill of the channel."""
    since = desk.clock() - timedelta(days=days)
    with desk.services.database.read() as session:
        channel = session.scalars(select(Channel).where(Channel.slack_id == "C1")).one()
    desk.enqueue(backfill_job(channel.id, since, user=user, cause="x"))


def stored_tickets(desk: Desk) -> int:
    """Return the number of stored tickets."""
    with desk.services.database.read() as session:
        return session.scalar(select(func.count(Item.id))) or 0


@pytest.fixture(autouse=True)
def past(desk: Desk) -> None:
    """Give the channel a past of a few pages, with repeated tickets."""
    for number in range(2 * PAGE + 10):
        desk.slack.say("C1", f"ticket {number // 2} about machine {number // 2}")
    desk.bot.worker.request_sweep()
    desk.drain()


@pytest.mark.both_databases
def test_all_tickets_are_stored_and_nothing_is_posted(desk: Desk) -> None:
    """All pages are read, and later repetitions of old tickets are answered."""
    start(desk)
    desk.drain()
    assert stored_tickets(desk) == 2 * PAGE + 10
    assert desk.slack.posted() == []
    ts = desk.ticket("C1", "ticket 7 about machine 7")
    assert len(desk.answers("C1", ts)) == 1


def test_small_talk_and_bots_are_left_out(desk: Desk) -> None:
    """They are left out as with live messages."""
    desk.slack.say("C1", "thanks all!")
    desk.slack.say("C1", "an alert of a machine", bot_id="B9")
    start(desk)
    desk.drain()
    assert stored_tickets(desk) == 2 * PAGE + 10


def test_marked_replies_are_stored_as_solutions(desk: Desk) -> None:
    """A ✅ on a reply makes it the solution; one on the ticket only marks it as solved."""
    mark = [{"name": "white_check_mark", "users": ["U5"], "count": 1}]
    ts = desk.slack.say("C1", PRINTER, reply_count=2)["ts"]
    desk.slack.say("C1", "me too", thread_ts=ts)
    desk.slack.say("C1", ANSWER, thread_ts=ts, reactions=mark)
    closed = desk.slack.say("C1", "scanner scans nothing", reactions=mark)["ts"]
    start(desk)
    desk.drain()
    assert desk.item("C1", ts).resolution == ANSWER
    assert (desk.item("C1", closed).status, desk.item("C1", closed).resolution) == (
        "resolved", None,
    )  # fmt: skip


def test_a_page_that_fails_is_read_again(desk: Desk) -> None:
    """Errors and rate limits of Slack delay a backfill, and a restart continues it."""
    desk.slack.fail("conversations.history", rate_limited(1), broken())
    start(desk)
    desk.drain()
    assert stored_tickets(desk) == 0
    again = restarted(desk)
    again.wait(60)
    assert stored_tickets(again) == 2 * PAGE + 10


def test_a_backfill_goes_back_only_as_far_as_requested(desk: Desk) -> None:
    """Older messages are not stored."""
    desk.slack.say("C1", "an ancient ticket", ts="1500000000.000100")
    start(desk, days=1800)
    desk.drain()
    assert stored_tickets(desk) == 2 * PAGE + 10


def test_progress_is_shown_in_slack(desk: Desk) -> None:
    """One message is updated, and names who started the backfill."""
    start(desk, user="U7")
    desk.drain()
    [message] = desk.slack.posted()
    assert "Messages read: 210 · Tickets remembered: 210" in words(message)
    assert "<@U7>" in words(message)
    assert desk.slack.count("chat.postMessage") == 1


def test_only_who_may_change_settings_can_start_a_backfill(desk: Desk) -> None:
    """The settings form starts a backfill, but not for others."""
    desk.slack.channels["C1"]["creator"] = "U7"
    desk.join("C1", BOT_USER)
    desk.command("C1", "settings", user="U7")
    desk.drain()
    [view_id] = desk.slack.views
    state = {
        "mode": {"selected_option": {"value": "full"}},
        "kind": {"selected_option": {"value": "tickets"}},
        "language": {"selected_option": {"value": "en"}},
        "noise_budget": {"selected_option": {"value": "1"}},
        "digest": {"selected_options": []},
        "deciders": {"selected_users": []},
        "ignored": {"value": None},
        "backfill": {"selected_option": {"value": "90"}},
    }
    desk.submit(view_id, state, user="U2")
    desk.drain()
    assert stored_tickets(desk) == 0
    desk.command("C1", "settings", user="U7")
    desk.drain()
    desk.submit(list(desk.slack.views)[-1], state, user="U7")
    desk.drain()
    assert stored_tickets(desk) == 2 * PAGE + 10
