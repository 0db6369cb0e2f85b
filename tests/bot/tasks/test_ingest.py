"""From what is said in Slack to the one answer in the thread."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select

from models import Item
from tests.bot.tasks.ticket_texts import INVOICE, PRINTER, PRINTER_TOO, VPN
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_standin import SlackStandIn


@pytest.mark.both_databases
def test_a_repeated_ticket_is_answered_once_in_its_thread(desk: Desk) -> None:
    """A duplicate gets one threaded message that names the first ticket and offers to decide."""
    first = desk.ticket("C1", PRINTER)
    second = desk.ticket("C1", f"{PRINTER}!")
    [answer] = desk.answers("C1", second)
    assert desk.answers("C1", first) == []
    assert PRINTER in words(answer)
    assert "very similar" in words(answer)
    pair = f"{desk.item('C1', second).id}:{desk.item('C1', first).id}"
    offered = buttons(answer)
    for about_the_ticket in ("mute", "solved"):
        assert offered.pop(about_the_ticket) == str(desk.item("C1", second).id)
    assert offered == dict.fromkeys(("duplicate", "related", "distinct", "why"), pair)


def test_at_most_three_candidates_are_named(desk: Desk) -> None:
    """However often a ticket was seen, the answer names the three most similar ones."""
    for number in range(6):
        desk.ticket("C1", f"{PRINTER} {number}")
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER))
    assert len([one for one in answer["blocks"] if one["type"] == "section"]) == 1 + 3


def test_unrelated_tickets_are_met_with_silence(desk: Desk) -> None:
    """Tickets that are not similar get no message at all."""
    for text in (PRINTER, INVOICE, VPN):
        desk.ticket("C1", text)
    desk.drain()
    assert desk.slack.count("chat.postMessage") == 0


def test_an_alike_ticket_is_called_alike_and_no_more(desk: Desk) -> None:
    """Between the two bands the answer says "alike", not "very similar"."""
    desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER_TOO))
    assert "very similar" not in words(answer)
    assert "similar" in words(answer)


class _Counting(HashingEmbedder):
    """Notes how many texts each `encode` was given."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(len(texts))
        return super().encode(texts)


def test_a_batch_is_embedded_in_one_call(
    slack: SlackStandIn, database_url: str, tmp_path: Path
) -> None:
    """All messages of one pass of the worker share one `encode`."""
    counting = _Counting()
    with open_desk(slack, database_url, str(tmp_path), counting) as desk:
        for number in range(20):
            desk.ticket("C1", f"ticket number {number}")
        desk.drain()
    assert counting.batches == [20]


def test_a_thread_broadcast_is_a_ticket_and_a_reply_is_none(desk: Desk) -> None:
    """What is said in a thread counts only where it was also sent to the channel."""
    desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", VPN)
    desk.ticket("C1", PRINTER, thread_ts=parent)
    assert desk.answers("C1", parent) == []
    desk.ticket("C1", PRINTER, thread_ts=parent, subtype="thread_broadcast")
    [answer] = desk.answers("C1", parent)
    assert PRINTER in words(answer)


def test_a_thread_gets_one_answer_whatever_is_broadcast_in_it(desk: Desk) -> None:
    """A duplicate in the thread of an answered duplicate is not answered again."""
    desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", f"{PRINTER} here")
    desk.ticket("C1", f"{PRINTER} too", thread_ts=parent, subtype="thread_broadcast")
    assert len(desk.answers("C1", parent)) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "one by one"])
@pytest.mark.both_databases
def test_the_order_of_arrival_does_not_matter(
    desk: Desk, order: tuple[int, ...], in_one_batch: bool
) -> None:
    """In whatever order three similar tickets arrive, the two later ones are answered once each."""
    messages = [desk.slack.say("C1", f"{PRINTER} {number}") for number in range(3)]
    for number in order:
        desk.hear("C1", messages[number])
        if not in_one_batch:
            desk.drain()
    named: list[set[Any]] = []
    for message in messages:
        answers = desk.answers("C1", message["ts"])
        assert len(answers) <= 1
        named.append({n for n in range(3) for one in answers if f"{PRINTER} {n}" in words(one)})
    assert named == [set(), {0}, {0, 1}]


def test_the_same_event_three_times_is_one_answer(desk: Desk) -> None:
    """Slack's retries, with the same event id, change nothing, before the work or after it."""
    desk.ticket("C1", PRINTER)
    message = desk.slack.say("C1", PRINTER)
    for _ in range(2):
        assert desk.hear("C1", message, "Ev-same").status == 200
    desk.drain()
    assert desk.hear("C1", message, "Ev-same").status == 200
    assert len(desk.answers("C1", message["ts"])) == 1
    assert desk.slack.count("chat.postMessage") == 1


@pytest.mark.parametrize("order", [(0, 1, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0)], ids=str)
def test_retries_in_any_order_are_one_answer(desk: Desk, order: tuple[int, ...]) -> None:
    """Events and their retries may overtake each other."""
    messages = [desk.slack.say("C1", PRINTER) for _ in range(2)]
    for number in order:
        desk.hear("C1", messages[number], f"Ev-{number}")
        desk.drain()
    assert len(desk.answers("C1", messages[1]["ts"])) == 1
    assert desk.slack.count("chat.postMessage") == 1


def test_the_bots_own_messages_are_no_tickets(desk: Desk) -> None:
    """The event about the bot's own answer leads to nothing."""
    desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER))
    desk.hear("C1", {**answer, "subtype": "thread_broadcast"})
    assert desk.jobs("ready") == []


def test_an_import_and_slack_meet_in_one_channel(desk: Desk) -> None:
    """An item is remembered under its channel and time, so a repeat of it is the same item."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.hear("C1", {"type": "message", "ts": ts, "user": "U1", "text": PRINTER})
    desk.drain()
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 1


@pytest.mark.both_databases
def test_hostile_text_is_remembered_like_any_other(desk: Desk) -> None:
    """NUL, lone surrogates, bidi marks, 40,000 characters and pure emoji break nothing."""
    texts = [
        "a\x00b \ud800 c",
        "\u202eabc\u2066",
        "word " * 8_000,
        ":fire: :fire:",
        "<https://x.example>",
    ]
    for text in texts:
        desk.ticket("C1", text)
        desk.ticket("C1", text)
    desk.drain()
    assert desk.jobs("failed") == desk.jobs("ready") == []
