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

from models import Embedding, Item
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_standin import SlackStandIn

PRINTER = "printer prints blank pages after the firmware update"
PRINTER_TOO = "printer prints empty pages after the driver update"
INVOICE = "invoice export fails with error 500"
VPN = "vpn drops every hour on the hotel wifi"


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


def test_an_edit_is_embedded_only_if_its_words_changed(
    desk: Desk, embedder: HashingEmbedder
) -> None:
    """An edit of markup alone costs no embedding; an edit of words costs one."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.edit("C1", ts, PRINTER.replace("blank", "*blank*"), "1795400000.000100")
    desk.drain()
    assert len(embedder.encoded) == 1
    desk.edit("C1", ts, INVOICE, "1795400001.000100")
    desk.drain()
    assert embedder.encoded[1:] == [INVOICE]
    assert desk.item("C1", ts).text == INVOICE


def test_a_link_preview_is_no_edit(desk: Desk, embedder: HashingEmbedder) -> None:
    """An unfurl arrives as a change without an edit: nothing is embedded, updated or posted."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    before, calls = desk.item("C1", ts).updated_at, len(embedder.encoded)
    desk.clock.advance(60)
    message = {
        "type": "message",
        "ts": ts,
        "user": "U1",
        "text": PRINTER,
        "attachments": [{"title": "x"}],
    }
    desk.hear("C1", {"type": "message", "subtype": "message_changed", "message": message})
    assert len(desk.answers("C1", ts)) == 1
    assert (desk.item("C1", ts).updated_at, len(embedder.encoded)) == (before, calls)
    assert desk.slack.count("chat.update") == 0


def test_an_edit_into_a_duplicate_is_answered(desk: Desk) -> None:
    """A ticket that becomes a duplicate by an edit gets its answer then."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", VPN)
    assert desk.answers("C1", ts) == []
    desk.edit("C1", ts, PRINTER, "1795400000.000100")
    assert len(desk.answers("C1", ts)) == 1


def test_an_edit_out_of_a_duplicate_takes_the_answer_back(desk: Desk) -> None:
    """An answer without any candidate left is deleted, and comes back with the next duplicate."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", ts)) == 1
    desk.edit("C1", ts, VPN, "1795400000.000100")
    assert desk.answers("C1", ts) == []
    desk.edit("C1", ts, PRINTER, "1795400001.000100")
    assert len(desk.answers("C1", ts)) == 1


def test_an_edited_original_is_shown_with_its_new_words(desk: Desk) -> None:
    """An answer follows the tickets that it names when their words change."""
    first = desk.ticket("C1", PRINTER)
    second = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.edit("C1", first, f"{PRINTER} today", "1795400000.000100")
    [answer] = desk.answers("C1", second)
    assert f"{PRINTER} today" in words(answer)


def test_an_original_edited_into_something_else_is_not_named_any_more(desk: Desk) -> None:
    """A candidate that is no longer similar after its edit leaves the answer."""
    first = desk.ticket("C1", PRINTER)
    second = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.edit("C1", first, VPN, "1795400000.000100")
    assert desk.answers("C1", second) == []


def test_an_original_edited_back_is_named_again(desk: Desk) -> None:
    """A later ticket is answered whenever an edit makes an earlier one similar to it."""
    first = desk.ticket("C1", VPN)
    second = desk.ticket("C1", PRINTER)
    for number, (text, answers) in enumerate([(PRINTER, 1), (VPN, 0), (PRINTER, 1)]):
        desk.edit("C1", first, text, f"179540000{number}.000100")
        assert len(desk.answers("C1", second)) == answers


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "one by one"])
def test_an_edit_before_its_message_wins(desk: Desk, in_one_batch: bool) -> None:
    """Where the edit arrives first, the message that comes after it changes nothing."""
    message = desk.slack.say("C1", PRINTER)
    desk.edit("C1", message["ts"], INVOICE, "1795400000.000100")
    if not in_one_batch:
        desk.drain()
    desk.hear("C1", message)
    desk.drain()
    assert desk.item("C1", message["ts"]).text == INVOICE


def test_an_edit_and_its_reversal_in_one_batch_leave_the_right_vectors(desk: Desk) -> None:
    """After A, B, A the stored vector is A's, although A was embedded before."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.edit("C1", ts, VPN, "1795400000.000100")
    desk.edit("C1", ts, PRINTER, "1795400001.000100")
    desk.drain()
    assert len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1
    assert desk.answers("C1", desk.ticket("C1", VPN)) == []


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "one by one"])
def test_a_deletion_before_its_message_wins(desk: Desk, in_one_batch: bool) -> None:
    """A message that arrives after its deletion is not remembered."""
    message = desk.slack.say("C1", PRINTER)
    desk.take_back("C1", message["ts"])
    if not in_one_batch:
        desk.drain()
    desk.hear("C1", message)
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []
    assert desk.item("C1", message["ts"]).text == ""


def test_a_deleted_ticket_leaves_nothing_behind(desk: Desk) -> None:
    """Deletion removes text, vectors and the bot's answer, and unnames it in other answers."""
    first, second, third = (desk.ticket("C1", f"{PRINTER} {n}") for n in range(3))
    desk.drain()
    desk.take_back("C1", second)
    assert desk.answers("C1", second) == []
    [answer] = desk.answers("C1", third)
    assert f"{PRINTER} 0" in words(answer)
    assert f"{PRINTER} 1" not in words(answer)
    item = desk.item("C1", second)
    assert (item.text, item.author, item.url) == ("", None, None)
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Embedding.id))) == 2
    assert desk.item("C1", first).deleted_at is None


def test_an_answer_that_named_only_a_deleted_ticket_is_taken_back(desk: Desk) -> None:
    """Where nothing is left to name, the message goes."""
    first = desk.ticket("C1", PRINTER)
    second = desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", second)) == 1
    desk.take_back("C1", first)
    assert desk.answers("C1", second) == []


def test_a_deleted_parent_arrives_as_a_tombstone(desk: Desk) -> None:
    """The tombstone of a thread's parent deletes the ticket and the bot's answer in the thread."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", ts)) == 1
    desk.slack.remove("C1", ts)
    tombstone = {"type": "message", "subtype": "tombstone", "ts": ts, "user": "USLACKBOT"}
    desk.hear("C1", {"type": "message", "subtype": "message_changed", "message": tombstone})
    assert desk.answers("C1", ts) == []
    assert desk.item("C1", ts).deleted_at is not None


@pytest.mark.parametrize("with_replies", [True, False])
def test_nothing_is_posted_under_a_parent_that_is_gone(desk: Desk, with_replies: bool) -> None:
    """A ticket deleted before the bot answers gets no message, neither in a thread nor outside."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    if with_replies:
        desk.slack.say("C1", "same here", thread_ts=ts)
    desk.slack.remove("C1", ts)
    desk.drain()
    assert desk.slack.posted() == []
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_an_answer_that_somebody_deleted_stays_deleted(desk: Desk) -> None:
    """A click that arrives for a message that is gone does not bring it back."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    desk.slack.remove("C1", answer["ts"])
    desk.click("C1", "duplicate", buttons(answer)["duplicate"])
    assert desk.answers("C1", ts) == []


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
