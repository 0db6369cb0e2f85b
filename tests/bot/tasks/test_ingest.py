"""From a message in Slack to the one answer in its thread."""

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
from tests.levels import variations
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_standin import SlackStandIn


@pytest.mark.both_databases
def test_a_repeated_ticket_is_answered_once_in_its_thread(desk: Desk) -> None:
    """A duplicate gets one reply that names the first ticket and offers decisions."""
    first = desk.ticket("C1", PRINTER)
    second = desk.ticket("C1", f"{PRINTER}!")
    [answer] = desk.answers("C1", second)
    assert desk.answers("C1", first) == []
    assert PRINTER in words(answer)
    assert "very similar" in words(answer)
    pair = f"{desk.item('C1', second).id}:{desk.item('C1', first).id}"
    actions = buttons(answer)
    for action in ("mute", "solved", "hide"):
        assert actions.pop(action) == str(desk.item("C1", second).id)
    assert actions == dict.fromkeys(("duplicate", "related", "distinct", "why"), pair)


def test_at_most_three_candidates_are_named(desk: Desk) -> None:
    """An answer has the three most similar of six tickets."""
    for number in range(6):
        desk.ticket("C1", f"{PRINTER} {number}")
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER))
    assert "_2 more tickets_" in words(answer)


def test_unrelated_tickets_get_no_answer(desk: Desk) -> None:
    """Nothing is posted about tickets that are not similar."""
    for text in (PRINTER, INVOICE, VPN):
        desk.ticket("C1", text)
    desk.drain()
    assert desk.slack.count("chat.postMessage") == 0


def test_a_similar_ticket_is_called_similar(desk: Desk) -> None:
    """Below the threshold of a duplicate an answer says "similar", not "very similar"."""
    desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER_TOO))
    assert "very similar" not in words(answer)
    assert "similar" in words(answer)


class _CountingEmbedder(HashingEmbedder):
    """Counts the texts of each call of `encode`."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(len(texts))
        return super().encode(texts)


def test_a_batch_is_embedded_in_one_call(
    slack: SlackStandIn, database_url: str, tmp_path: Path
) -> None:
    """The worker embeds all messages of a batch in one call."""
    embedder = _CountingEmbedder()
    with open_desk(slack, database_url, str(tmp_path), embedder) as desk:
        for number in range(20):
            desk.ticket("C1", f"ticket number {number}")
        desk.drain()
    assert embedder.batches == [20]


def test_a_reply_is_a_ticket_only_if_broadcast(desk: Desk) -> None:
    """A message in a thread is a ticket only if it was also sent to the channel."""
    desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", VPN)
    desk.ticket("C1", PRINTER, thread_ts=parent)
    assert desk.answers("C1", parent) == []
    desk.ticket("C1", PRINTER, thread_ts=parent, subtype="thread_broadcast")
    [answer] = desk.answers("C1", parent)
    assert PRINTER in words(answer)


def test_a_thread_gets_one_answer_for_all_broadcasts(desk: Desk) -> None:
    """A duplicate in the thread of an answered duplicate is not answered again."""
    desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", f"{PRINTER} here")
    desk.ticket("C1", f"{PRINTER} too", thread_ts=parent, subtype="thread_broadcast")
    assert len(desk.answers("C1", parent)) == 1


@pytest.mark.parametrize(
    "order", variations([(order,) for order in permutations(range(3))], few=3), ids=str
)
@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "one by one"])
@pytest.mark.both_databases
def test_the_order_of_arrival_does_not_matter(
    desk: Desk, order: tuple[int, ...], in_one_batch: bool
) -> None:
    """Of three similar tickets the two later ones are answered once, in any order of arrival."""
    messages = [desk.slack.say("C1", f"{PRINTER} {number}") for number in range(3)]
    for number in order:
        desk.deliver_message("C1", messages[number])
        if not in_one_batch:
            desk.drain()
    mentioned: list[set[Any]] = []
    for message in messages:
        answers = desk.opened("C1", message["ts"])
        assert len(answers) <= 1
        mentioned.append({n for n in range(3) for one in answers if f"{PRINTER} {n}" in words(one)})
    assert mentioned == [set(), {0}, {0, 1}]


def test_an_event_that_is_sent_again_gives_one_answer(desk: Desk) -> None:
    """Slack's retries with the same event id change nothing, before or after the work is done."""
    desk.ticket("C1", PRINTER)
    message = desk.slack.say("C1", PRINTER)
    for _ in range(2):
        assert desk.deliver_message("C1", message, "Ev-same").status == 200
    desk.drain()
    assert desk.deliver_message("C1", message, "Ev-same").status == 200
    assert len(desk.answers("C1", message["ts"])) == 1
    assert desk.slack.count("chat.postMessage") == 1


@pytest.mark.parametrize("order", [(0, 1, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0)], ids=str)
def test_retries_in_any_order_give_one_answer(desk: Desk, order: tuple[int, ...]) -> None:
    """Events and their retries may overtake each other."""
    messages = [desk.slack.say("C1", PRINTER) for _ in range(2)]
    for number in order:
        desk.deliver_message("C1", messages[number], f"Ev-{number}")
        desk.drain()
    assert len(desk.answers("C1", messages[1]["ts"])) == 1
    assert desk.slack.count("chat.postMessage") == 1


def test_the_bots_own_messages_are_not_tickets(desk: Desk) -> None:
    """The event of the bot's own answer leads to no job."""
    desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER))
    desk.deliver_message("C1", {**answer, "subtype": "thread_broadcast"})
    assert desk.jobs("ready") == []


def test_a_message_that_arrives_again_is_the_same_item(desk: Desk) -> None:
    """An item's id is its channel and timestamp, so the same message is stored once."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.deliver_message("C1", {"type": "message", "ts": ts, "user": "U1", "text": PRINTER})
    desk.drain()
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 1


@pytest.mark.both_databases
def test_hostile_texts_are_stored_like_others(desk: Desk) -> None:
    """NUL, lone surrogates, bidi marks, 40,000 characters and only emoji cause no failed job."""
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
