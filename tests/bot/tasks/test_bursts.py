"""Messages of one person in a row are one ticket, in any order of arrival."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.jobs.event_kinds import NewMessage
from bot.tasks.backfill import backfill_job
from models import Channel, Embedding, Part
from tests.bot.tasks.bursts import (
    PARTS,
    PRINTER,
    VPN,
    VPN_PARTS,
    say_at,
    say_burst,
    stored_tickets,
    ts_at,
)
from tests.serving import Desk


def test_several_messages_are_one_ticket(burst_desk: Desk) -> None:
    """The first message is its head, and its text is all in order, without small talk."""
    burst_desk.deliver_message("C1", say_at(burst_desk, 0, "hi"))
    for second, text in ((5, PARTS[0]), (20, PARTS[1]), (30, "hm"), (60, PARTS[2])):
        burst_desk.deliver_message("C1", say_at(burst_desk, second, text))
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(ts_at(5), PRINTER)]


@pytest.mark.parametrize(
    ("second", "more"),
    [
        (300, {}),
        (20, {"user": "U2"}),
        (20, {"bot_id": "BALERT"}),
        (20, {"thread_ts": ts_at(-900), "subtype": "thread_broadcast"}),
    ],
    ids=["later", "another person", "a bot", "from a thread"],
)
def test_other_messages_are_tickets_of_their_own(
    burst_desk: Desk, second: int, more: dict[str, Any]
) -> None:
    """A message after a pause, of another person, of a bot or from a thread does not join."""
    burst_desk.deliver_message(
        "C1", say_at(burst_desk, 0, PRINTER, **({"bot_id": "BALERT"} if "bot_id" in more else {}))
    )
    burst_desk.deliver_message("C1", say_at(burst_desk, second, VPN, **more))
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(ts_at(0), PRINTER), (ts_at(second), VPN)]


def test_messages_of_others_do_not_end_a_burst(burst_desk: Desk) -> None:
    """Two people who write at the same time write two tickets."""
    for second, text in enumerate(PARTS):
        burst_desk.deliver_message("C1", say_at(burst_desk, second * 10, text))
        burst_desk.deliver_message(
            "C1", say_at(burst_desk, second * 10 + 5, VPN_PARTS[second], user="U2")
        )
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(ts_at(0), PRINTER), (ts_at(5), " ".join(VPN_PARTS))]


def test_a_burst_has_a_maximum_length(burst_desk: Desk) -> None:
    """The eleventh message, or the one after 4,000 characters, begins another ticket."""
    for number in range(12):
        burst_desk.deliver_message("C1", say_at(burst_desk, number, f"word{number}"))
    burst_desk.deliver_message("C1", say_at(burst_desk, 20, "x" * 2500, user="U2"))
    burst_desk.deliver_message("C1", say_at(burst_desk, 21, "y" * 2500, user="U2"))
    burst_desk.drain()
    assert [ts for ts, _ in stored_tickets(burst_desk)] == [
        ts_at(0),
        ts_at(10),
        ts_at(20),
        ts_at(21),
    ]


def test_a_sweep_and_a_retry_make_the_same_ticket(burst_desk: Desk) -> None:
    """Missed messages join the others, and a repeated one changes nothing."""
    burst_desk.deliver_message("C1", say_at(burst_desk, 0, PARTS[0]))
    burst_desk.drain()
    say_at(burst_desk, 10, PARTS[1])
    last = say_at(burst_desk, 20, PARTS[2])
    burst_desk.tasks.channels.sweep(burst_desk.clock())
    burst_desk.drain()
    burst_desk.deliver_message("C1", last)
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(ts_at(0), PRINTER)]


def test_a_backfill_joins_bursts_too(burst_desk: Desk) -> None:
    """Bursts are joined although a backfill reads the newest page first."""
    burst_desk.bot.worker.request_sweep()
    burst_desk.drain()
    for number, text in enumerate(PARTS * 40):  # forty bursts, more than one page
        say_at(burst_desk, -100_000 + number // 3 * 1000 + number % 3, text)
    with burst_desk.services.database.write() as session:
        channel = session.scalars(select(Channel)).one()
        since = burst_desk.clock() - timedelta(days=90)
    burst_desk.enqueue(backfill_job(channel.id, since, user=None, cause="x"))
    burst_desk.drain()
    assert [text for _, text in stored_tickets(burst_desk)] == [PRINTER] * 40


def test_a_join_is_completed_after_the_worker_died(burst_desk: Desk) -> None:
    """The job that runs again makes the same ticket and deletes the answer to a part."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, PRINTER, user="U7"))
    burst_desk.deliver_message("C1", say_at(burst_desk, 0, PRINTER))
    burst_desk.deliver_message("C1", say_at(burst_desk, 200, PRINTER))
    burst_desk.drain()
    assert len(burst_desk.slack.posted()) == len([ts_at(0), ts_at(200)])
    burst_desk.deliver_message(
        "C1", say_at(burst_desk, 100, "in colour")
    )  # it joins the two to one burst
    worker = burst_desk.bot.worker
    burst_desk.run_and_die(NewMessage, worker.owner)
    burst_desk.wait(60)
    assert stored_tickets(burst_desk)[1:] == [(ts_at(0), f"{PRINTER} in colour {PRINTER}")]
    assert len(burst_desk.slack.posted()) == 1


def test_parts_are_embedded_once(burst_desk: Desk) -> None:
    """A burst has one embedding, and its parts have none of their own."""
    say_burst(burst_desk)
    with burst_desk.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Embedding)) == 1
        assert session.scalar(select(func.count()).select_from(Part)) == len(PARTS)
