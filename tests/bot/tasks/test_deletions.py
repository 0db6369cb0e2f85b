"""Deleted messages leave nothing behind, neither stored nor in Slack."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models import Embedding
from tests.bot.tasks.ticket_texts import PRINTER
from tests.serving import Desk, buttons, words


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "one by one"])
def test_a_deletion_before_its_message_wins(desk: Desk, in_one_batch: bool) -> None:
    """A message that arrives after its deletion is not stored."""
    message = desk.slack.say("C1", PRINTER)
    desk.delete("C1", message["ts"])
    if not in_one_batch:
        desk.drain()
    desk.deliver_message("C1", message)
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []
    assert desk.item("C1", message["ts"]).text == ""


def test_a_deleted_ticket_leaves_nothing_behind(desk: Desk) -> None:
    """Its text, its vectors, the bot's answer and its mention in other answers are deleted."""
    first, second, third = (desk.ticket("C1", f"{PRINTER} {n}") for n in range(3))
    desk.drain()
    desk.delete("C1", second)
    assert desk.answers("C1", second) == []
    [answer] = desk.answers("C1", third)
    assert f"{PRINTER} 0" in words(answer)
    assert f"{PRINTER} 1" not in words(answer)
    item = desk.item("C1", second)
    assert (item.text, item.author, item.url) == ("", None, None)
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Embedding.id))) == 2
    assert desk.item("C1", first).deleted_at is None


def test_an_answer_that_names_only_a_deleted_ticket_is_deleted(desk: Desk) -> None:
    """An answer without any ticket left is deleted."""
    first = desk.ticket("C1", PRINTER)
    second = desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", second)) == 1
    desk.delete("C1", first)
    assert desk.answers("C1", second) == []


def test_a_deleted_parent_arrives_as_a_tombstone(desk: Desk) -> None:
    """A tombstone in place of a thread's parent deletes the ticket and the bot's answer."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", ts)) == 1
    desk.slack.remove("C1", ts)
    tombstone = {"type": "message", "subtype": "tombstone", "ts": ts, "user": "USLACKBOT"}
    desk.deliver_message(
        "C1", {"type": "message", "subtype": "message_changed", "message": tombstone}
    )
    assert desk.answers("C1", ts) == []
    assert desk.item("C1", ts).deleted_at is not None


@pytest.mark.parametrize("with_replies", [True, False])
def test_nothing_is_posted_under_a_deleted_parent(desk: Desk, with_replies: bool) -> None:
    """A ticket deleted before the bot answers gets no message, in a thread or the channel."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    if with_replies:
        desk.slack.say("C1", "same here", thread_ts=ts)
    desk.slack.remove("C1", ts)
    desk.drain()
    assert desk.slack.posted() == []
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_an_answer_that_somebody_deleted_stays_deleted(desk: Desk) -> None:
    """A click on a deleted answer does not post it again."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    desk.slack.remove("C1", answer["ts"])
    desk.click("C1", "duplicate", buttons(answer)["duplicate"])
    assert desk.answers("C1", ts) == []
