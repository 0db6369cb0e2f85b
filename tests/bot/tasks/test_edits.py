"""After an edit, a ticket's answer and the answers that name it follow its new text."""

from __future__ import annotations

import pytest

from tests.bot.tasks.ticket_texts import INVOICE, PRINTER, VPN
from tests.hashing import HashingEmbedder
from tests.serving import Desk, words


def test_an_edit_is_embedded_only_if_its_words_changed(
    desk: Desk, embedder: HashingEmbedder
) -> None:
    """An edit of markup needs no embedding, an edit of words needs one."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.edit("C1", ts, PRINTER.replace("blank", "*blank*"), "1795400000.000100")
    desk.drain()
    assert len(embedder.encoded) == 1
    desk.edit("C1", ts, INVOICE, "1795400001.000100")
    desk.drain()
    assert embedder.encoded[1:] == [INVOICE]
    assert desk.item("C1", ts).text == INVOICE


def test_a_link_preview_is_not_an_edit(desk: Desk, embedder: HashingEmbedder) -> None:
    """A link preview arrives as a change without an edit, and nothing happens."""
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
    desk.deliver_message(
        "C1", {"type": "message", "subtype": "message_changed", "message": message}
    )
    assert len(desk.answers("C1", ts)) == 1
    assert (desk.item("C1", ts).updated_at, len(embedder.encoded)) == (before, calls)
    assert desk.slack.count("chat.update") == 0


def test_a_ticket_edited_into_a_duplicate_is_answered(desk: Desk) -> None:
    """A ticket gets its answer when an edit makes it a duplicate."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", VPN)
    assert desk.answers("C1", ts) == []
    desk.edit("C1", ts, PRINTER, "1795400000.000100")
    assert len(desk.answers("C1", ts)) == 1


def test_a_ticket_edited_into_another_issue_loses_its_answer(desk: Desk) -> None:
    """An answer without candidates is deleted, and posted again when there is one."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", ts)) == 1
    desk.edit("C1", ts, VPN, "1795400000.000100")
    assert desk.answers("C1", ts) == []
    desk.edit("C1", ts, PRINTER, "1795400001.000100")
    assert len(desk.answers("C1", ts)) == 1


def test_an_edited_original_is_shown_with_its_new_words(desk: Desk) -> None:
    """An answer shows the new text of the tickets that it names."""
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
    """A later ticket has an answer whenever an edit makes an earlier one similar to it."""
    first = desk.ticket("C1", VPN)
    second = desk.ticket("C1", PRINTER)
    for number, (text, count) in enumerate([(PRINTER, 1), (VPN, 0), (PRINTER, 1)]):
        desk.edit("C1", first, text, f"179540000{number}.000100")
        assert len(desk.answers("C1", second)) == count


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "one by one"])
def test_an_edit_before_its_message_wins(desk: Desk, in_one_batch: bool) -> None:
    """A message that arrives after its edit does not undo it."""
    message = desk.slack.say("C1", PRINTER)
    desk.edit("C1", message["ts"], INVOICE, "1795400000.000100")
    if not in_one_batch:
        desk.drain()
    desk.deliver_message("C1", message)
    desk.drain()
    assert desk.item("C1", message["ts"]).text == INVOICE


def test_an_edit_and_its_reversal_in_one_batch_leave_the_right_vectors(desk: Desk) -> None:
    """After the edits A, B, A the stored vector is that of A."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.edit("C1", ts, VPN, "1795400000.000100")
    desk.edit("C1", ts, PRINTER, "1795400001.000100")
    desk.drain()
    assert len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1
    assert desk.answers("C1", desk.ticket("C1", VPN)) == []
