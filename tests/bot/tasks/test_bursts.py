"""Bursts: messages of one person in a row are one ticket, in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.jobs.event_kinds import NewMessage
from bot.tasks.backfill import backfill_job
from models import Change, Channel, Embedding, Item, Part, Verdict
from services.intake.slack_messages import find_ticket
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_standin import SlackStandIn

SAID = ("my printer prints", "blank pages after", "the firmware update")
PRINTER = " ".join(SAID)
VPN = "vpn drops every hour on the hotel wifi"
START = 1_795_350_000


@pytest.fixture
def talk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a desk where people's messages of two minutes are one ticket."""
    with open_desk(slack, database_url, str(tmp_path), embedder, burst_seconds=120) as opened:
        yield opened


def at(second: int) -> str:
    """Return a `ts`, so many seconds after the first."""
    return f"{START + second}.000100"


def say(desk: Desk, second: int, text: str, **more: Any) -> dict[str, Any]:
    """Say something at a second, unheard by the bot."""
    return desk.slack.say("C1", text, ts=at(second), **more)


def burst(desk: Desk, start: int = 0, user: str = "U1") -> list[str]:
    """Say the three messages, deliver each by itself, and return their `ts`."""
    for number, text in enumerate(SAID):
        desk.hear("C1", say(desk, start + number * 10, text, user=user))
        desk.drain()
    return [at(start + number * 10) for number in range(len(SAID))]


def tickets(desk: Desk) -> list[tuple[str | None, str]]:
    """Return what is remembered: the `ts` and the text of every ticket."""
    with desk.services.database.read() as session:
        rows = session.execute(
            select(Item.ts, Item.text).where(Item.deleted_at.is_(None)).order_by(Item.ts)
        )
        return [(ts, text) for ts, text in rows]


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


@pytest.mark.both_databases
def test_a_burst_is_answered_once_and_the_answer_follows_it(talk: Desk) -> None:
    """In the head's thread, updated in place by what is said after it."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    talk.hear("C1", say(talk, 0, f"{SAID[0]} {SAID[1]}"))
    [answer] = talk.answers("C1", at(0))
    talk.hear("C1", say(talk, 10, SAID[2]))
    talk.drain()
    [after] = talk.slack.replies("C1", at(0))
    assert after["ts"] == answer["ts"]
    assert "very similar" in words(after)
    assert talk.slack.count("chat.postMessage") == 1
    assert len(talk.slack.posted()) == 1


def test_a_head_that_comes_last_takes_the_answer_over(talk: Desk) -> None:
    """Where a retry brings the first message late, no second answer is posted."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    head = say(talk, 0, "hello folks, a question")
    talk.hear("C1", say(talk, 10, PRINTER))
    [answer] = talk.answers("C1", at(10))
    talk.hear("C1", head)
    talk.drain()
    assert tickets(talk)[1:] == [(at(0), f"hello folks, a question {PRINTER}")]
    assert [message["ts"] for message in talk.slack.posted()] == [answer["ts"]]
    value = buttons(talk.slack.posted()[0])["duplicate"]
    assert value.startswith(f"{talk.item('C1', at(0)).id}:")


def test_an_edit_of_a_part_changes_its_ticket(talk: Desk) -> None:
    """So do the answers that name it."""
    burst(talk)
    talk.hear("C1", say(talk, 9000, PRINTER, user="U2"))
    [answer] = talk.answers("C1", at(9000))
    assert PRINTER in words(answer)
    talk.edit("C1", at(20), "the firmware update today", "1795400000.000100")
    talk.drain()
    assert tickets(talk)[0] == (at(0), f"{PRINTER} today")
    assert f"{PRINTER} today" in words(talk.slack.replies("C1", at(9000))[0])


def test_a_deleted_part_is_forgotten_everywhere(talk: Desk) -> None:
    """Its words are in no text, no index and no answer; the rest stays a ticket."""
    burst(talk)
    talk.hear("C1", say(talk, 9000, PRINTER, user="U2"))
    talk.drain()
    talk.take_back("C1", at(10))
    talk.drain()
    rest = f"{SAID[0]} {SAID[2]}"
    assert tickets(talk)[0] == (at(0), rest)
    with talk.services.database.read() as session:
        texts = session.scalars(select(Part.text)).all()
        assert SAID[1] not in texts
        head = select(Embedding).where(Embedding.item_id == talk.item("C1", at(0)).id)
        assert len(session.scalars(head).all()) == 1
    for message in talk.slack.replies("C1", at(9000)):
        assert PRINTER not in words(message)


def test_a_deleted_head_leaves_the_rest_with_all_that_was_stored(talk: Desk) -> None:
    """The next part is the head then; it has the resolution and the answer."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    first, second, _ = burst(talk)
    [answer] = talk.answers("C1", first)
    reply = talk.slack.say("C1", "Set the tray to plain paper", thread_ts=first, user="U5")
    talk.react("C1", reply["ts"])
    talk.drain()
    talk.slack.remove("C1", first)
    talk.take_back("C1", first)
    talk.drain()
    assert tickets(talk)[1:] == [(second, f"{SAID[1]} {SAID[2]}")]
    assert talk.item("C1", second).resolution == "Set the tray to plain paper"
    assert talk.item("C1", first).text == ""
    assert {message["ts"] for message in talk.slack.posted()} <= {answer["ts"]}


def test_a_deleted_head_leaves_the_decisions(talk: Desk) -> None:
    """What was said to be the same issue stays it, in every answer that names it."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    first, second, _ = burst(talk)
    [answer] = talk.answers("C1", first)
    talk.click("C1", "duplicate", buttons(answer)["duplicate"], user="U9")
    talk.hear("C1", say(talk, 9000, f"{SAID[1]} {SAID[2]}", user="U8"))
    [later] = talk.answers("C1", at(9000))
    pair = f"{talk.item('C1', at(9000)).id}:{talk.item('C1', first).id}"
    talk.click("C1", "duplicate", pair, user="U9")
    talk.drain()
    talk.slack.remove("C1", first)
    talk.take_back("C1", first)
    talk.drain()
    with talk.services.database.read() as session:
        verdicts = session.scalars(select(Verdict)).all()
    ids = {talk.item("C1", ts).id for ts in (at(-9000), second, at(9000))}
    assert {one for row in verdicts for one in (row.item_a_id, row.item_b_id)} == ids
    posted = {message["ts"]: words(message) for message in talk.slack.posted()}
    for message in (answer, later):
        assert "*Same issue* · <@U9>" in posted[message["ts"]]


def test_a_part_leads_to_its_ticket(talk: Desk) -> None:
    """A ✅ on a reply below a part, and a link to it, mean the ticket."""
    first, second, _ = burst(talk)
    with talk.services.database.read() as session:
        channel = talk.tasks.channels.ensure_channel("C1", talk.clock())
        found = find_ticket(session, channel, second)
        assert found is not None
        assert found.ts == first
    reply = talk.slack.say("C1", "Set the tray to plain paper", thread_ts=second, user="U5")
    talk.react("C1", reply["ts"])
    talk.drain()
    assert talk.item("C1", first).resolution == "Set the tray to plain paper"
    talk.hear("C1", say(talk, 9000, f"{PRINTER} again", user="U2"))
    talk.drain()
    link = f"https://stand-in.slack.com/archives/C1/p{second.replace('.', '')}"
    talk.command("C1", f"similar <{link}>")
    talk.drain()
    assert f"{PRINTER} again" in words(talk.slack.whispers[-1])


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


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.both_databases
def test_in_any_order_one_notification(talk: Desk, order: tuple[int, ...]) -> None:
    """Each message is delivered twice, by itself; the answer is updated in place."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    talk.drain()
    messages = [say(talk, number * 10, f"{PRINTER} {number}") for number in range(3)]
    for number in (*order, *order):
        talk.hear("C1", messages[number])
        talk.drain()
    assert len(tickets(talk)) == 1 + 1
    assert len(talk.slack.posted()) == 1
    assert talk.slack.count("chat.postMessage") == 1


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


def inspected(desk: Desk, ts: str, text: str = PRINTER) -> dict[str, Any]:
    """Return the reply to *Inspect this message*."""
    desk.shortcut("deja_inspect", "C1", {"ts": ts, "text": text, "user": "U1"})
    desk.drain()
    return desk.slack.whispers[-1]


def test_an_inspection_names_the_head_and_splits(talk: Desk) -> None:
    """What was split off is a ticket of its own, on record, until it is joined again."""
    first, second, third = burst(talk)
    assert "3 messages in a row form one ticket. This is the first one" in words(
        inspected(talk, first)
    )
    report = inspected(talk, second)
    assert f"p{first.replace('.', '')}|Go to the first one>" in words(report)
    talk.click("C1", "split", buttons(report)["split"], user="U9", hook=talk.slack.hook())
    talk.drain()
    assert "separate ticket" in words(talk.slack.whispers[-1])
    assert tickets(talk) == [(first, f"{SAID[0]} {SAID[2]}"), (second, SAID[1])]
    talk.edit("C1", second, f"{SAID[1]} today", "1795400000.000100")
    talk.edit("C1", third, f"{SAID[2]} today", "1795400000.000100")
    talk.drain()
    assert [text for _, text in tickets(talk)][1] == f"{SAID[1]} today"
    report = inspected(talk, second)
    assert "Split off by <@U9>" in words(report)
    talk.click("C1", "join", buttons(report)["join"], hook=talk.slack.hook())
    talk.drain()
    [(ts, text)] = tickets(talk)
    assert (ts, text) == (first, f"{SAID[0]} {SAID[1]} today {SAID[2]} today")
    with talk.services.database.read() as session:
        assert session.scalars(select(Change.changed_by)).all() == ["U9", "U2"]


def test_what_was_split_off_is_answered_and_joined_again_taken_back(talk: Desk) -> None:
    """Each ticket has one answer; a part has none."""
    talk.hear("C1", say(talk, -9000, VPN, user="U7"))
    talk.hear("C1", say(talk, 0, PRINTER))
    talk.hear("C1", say(talk, 10, VPN))
    talk.drain()
    part = str(talk.item("C1", at(10)).id)
    talk.click("C1", "split", part)
    [answer] = talk.answers("C1", at(10))
    assert "very similar" in words(answer)
    talk.click("C1", "join", part)
    talk.drain()
    assert len(talk.slack.posted()) <= 1
    assert len(tickets(talk)) == 2


def test_who_may_not_decide_splits_nothing(talk: Desk) -> None:
    """Nor does a click from another channel."""
    _, second, _ = burst(talk)
    part = str(talk.item("C1", second).id)
    talk.slack.add_channel("C2")
    talk.click("C2", "split", part, hook=talk.slack.hook())
    talk.drain()
    assert "no longer remember" in words(talk.slack.whispers[-1])
    with talk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    talk.click("C1", "split", part, hook=talk.slack.hook())
    talk.drain()
    assert "only certain people decide" in words(talk.slack.whispers[-1])
    assert len(tickets(talk)) == 1
