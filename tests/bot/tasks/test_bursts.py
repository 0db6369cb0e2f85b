"""Bursts: messages of one person in a row are one ticket, in whatever order they arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.jobs.event_kinds import NewMessage
from bot.tasks.backfill import backfill_job
from models import Channel, Embedding, Part
from tests.bot.tasks.bursts import PRINTER, SAID, VPN, at, burst, say, tickets
from tests.serving import Desk


def test_several_messages_are_one_ticket(talk: Desk) -> None:
    """Its head is the first, its text is all of them in order; small talk joins nothing."""
    talk.hear("C1", say(talk, 0, "hi"))
    for second, text in ((5, SAID[0]), (20, SAID[1]), (30, "hm"), (60, SAID[2])):
        talk.hear("C1", say(talk, second, text))
    talk.drain()
    assert tickets(talk) == [(at(5), PRINTER)]


@pytest.mark.parametrize(
    ("second", "more"),
    [
        (300, {}),
        (20, {"user": "U2"}),
        (20, {"bot_id": "BALERT"}),
        (20, {"thread_ts": at(-900), "subtype": "thread_broadcast"}),
    ],
    ids=["later", "another person", "a bot", "from a thread"],
)
def test_what_is_no_part_is_a_ticket_of_its_own(
    talk: Desk, second: int, more: dict[str, Any]
) -> None:
    """After a pause, from somebody else, from a bot or out of a thread."""
    talk.hear("C1", say(talk, 0, PRINTER, **({"bot_id": "BALERT"} if "bot_id" in more else {})))
    talk.hear("C1", say(talk, second, VPN, **more))
    talk.drain()
    assert tickets(talk) == [(at(0), PRINTER), (at(second), VPN)]


def test_somebody_in_between_ends_nothing(talk: Desk) -> None:
    """Two people write two tickets at the same time."""
    for second, text in enumerate(SAID):
        talk.hear("C1", say(talk, second * 10, text))
        talk.hear("C1", say(talk, second * 10 + 5, VPN.split()[second], user="U2"))
    talk.drain()
    assert tickets(talk) == [(at(0), PRINTER), (at(5), "vpn drops every")]


def test_a_burst_has_an_end(talk: Desk) -> None:
    """Who says more than ten messages or four thousand characters has another matter."""
    for number in range(12):
        talk.hear("C1", say(talk, number, f"word{number}"))
    talk.hear("C1", say(talk, 20, "x" * 2500, user="U2"))
    talk.hear("C1", say(talk, 21, "y" * 2500, user="U2"))
    talk.drain()
    assert [ts for ts, _ in tickets(talk)] == [at(0), at(10), at(20), at(21)]


def test_a_sweep_and_a_retry_make_the_same_ticket(talk: Desk) -> None:
    """Messages that were missed join the others; what comes twice changes nothing."""
    talk.hear("C1", say(talk, 0, SAID[0]))
    talk.drain()
    say(talk, 10, SAID[1])
    last = say(talk, 20, SAID[2])
    talk.tasks.channels.sweep(talk.clock())
    talk.drain()
    talk.hear("C1", last)
    talk.drain()
    assert tickets(talk) == [(at(0), PRINTER)]


def test_the_past_is_read_the_same_way(talk: Desk) -> None:
    """A backfill reads the newest page first."""
    talk.bot.worker.request_sweep()
    talk.drain()
    for number, text in enumerate(SAID * 40):  # forty bursts, more than one page
        say(talk, -100_000 + number // 3 * 1000 + number % 3, text)
    with talk.services.database.write() as session:
        channel = session.scalars(select(Channel)).one()
        since = talk.clock() - timedelta(days=90)
    talk.put_in(backfill_job(channel.id, since, user=None, cause="x"))
    talk.drain()
    assert [text for _, text in tickets(talk)] == [PRINTER] * 40


def test_a_worker_that_died_after_joining_takes_up_what_follows(talk: Desk) -> None:
    """The same job again makes the same ticket, and deletes the answer to a part."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    talk.hear("C1", say(talk, 0, PRINTER))
    talk.hear("C1", say(talk, 200, PRINTER))
    talk.drain()
    assert len(talk.slack.posted()) == len([at(0), at(200)])
    talk.hear("C1", say(talk, 100, "in between"))  # it makes one burst of the two
    worker = talk.bot.worker
    talk.run_dying(NewMessage, worker.owner)
    talk.wait(60)
    assert tickets(talk)[1:] == [(at(0), f"{PRINTER} in between {PRINTER}")]
    assert len(talk.slack.posted()) == 1


def test_the_words_of_parts_are_counted_once(talk: Desk) -> None:
    """Parts have no embeddings of their own."""
    burst(talk)
    with talk.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Embedding)) == 1
        assert session.scalar(select(func.count()).select_from(Part)) == len(SAID)
