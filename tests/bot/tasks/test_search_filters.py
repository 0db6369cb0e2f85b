"""Searches by words, links and filters: `/deja similar` takes the filters of `/deja search`."""

from __future__ import annotations

import pytest

from tests.serving import Desk, words

PRINTER = "printer prints blank pages after the firmware update"


def test_similar_takes_the_filters_of_a_search(desk: Desk) -> None:
    """Beside words and beside links; a link may be to a ticket that does not pass them."""
    desk.slack.add_channel("C2")
    first = desk.ticket("C1", PRINTER)
    desk.ticket("C2", f"{PRINTER} too")
    desk.drain()
    link = desk.item("C1", first).url
    for asked in (PRINTER, f"<{link}>", f'<{link}> but not "green lamp"'):
        assert "too" in _reply_to(desk, f"similar {asked}"), asked
        assert "too" in _reply_to(desk, f"similar {asked} in:#c2"), asked
        assert "too" not in _reply_to(desk, f"similar in:<#C1|c1> {asked}"), asked
    assert "Tell me what to look for" in _reply_to(desk, "similar in:#c2")


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»"])
@pytest.mark.parametrize("command", ["similar", "search"])
def test_what_is_in_quotes_is_no_filter(desk: Desk, command: str, quotes: str) -> None:
    """Errors of programs may look like one."""
    text = f"{PRINTER}: error in:Main form:blank"
    desk.ticket("C1", text)
    desk.drain()
    assert "in:Main" in _reply_to(desk, f"{command} {quotes[0]}{text}{quotes[1]} is:open")


@pytest.mark.parametrize("command", ["similar", "search"])
def test_what_to_look_for_may_begin_on_another_line(desk: Desk, command: str) -> None:
    """As a trace of an error that somebody pastes."""
    desk.ticket("C1", PRINTER)
    assert PRINTER in _reply_to(desk, f"{command}\n{PRINTER}")
    [reply] = desk.answers("C1", desk.ticket("C1", f"<@U0DEJA> {command}\n{PRINTER} in:#c1"))
    assert PRINTER in words(reply)


def _reply_to(desk: Desk, text: str) -> str:
    """Type `/deja text`, and return the last private reply."""
    desk.command("C1", text)
    desk.drain()
    return words(desk.slack.private_replies[-1])


def test_a_word_or_a_code_finds_the_tickets_that_have_it(desk: Desk) -> None:
    """One word of a long ticket is far from it in meaning, and often all that somebody knows."""
    code = "Customer 88213 says that discount code WINTER20 has no effect in the basket at checkout"
    cold = "Mieterin im Birkenweg 12 meldet, dass die Heizung seit gestern Abend kalt bleibt"
    desk.ticket("C1", code)
    desk.ticket("C1", cold)
    desk.drain()
    for word, ticket in (
        ("WINTER20", code), ("#88213", code), ("the basket", code), ("Birkenweg", cold),
        ("kalt", cold),
    ):  # fmt: skip
        assert ticket[:30] in _reply_to(desk, f"search {word}"), word
        assert ticket[:30] in _reply_to(desk, f"similar {word}"), word
    for word in ("the", "basket heating", "WINTER2"):
        assert "anything like that" in _reply_to(desk, f"search {word}"), word


def test_an_order_number_in_a_long_log_is_found_among_many_tickets(desk: Desk) -> None:
    """It ranks behind short tickets that are a little alike, and nothing else has it."""
    noise = "\n".join(
        f"{number:02}:14 gateway capture of intent in_{number} timed out" for number in range(40)
    )
    desk.ticket(
        "C1", f"Cards charged twice since last night.\n{noise}\nwebhook ignored order=100391"
    )
    for number in range(12):
        desk.ticket("C1", f"order {number} is late", user=f"U{number}")
    desk.drain()
    assert "Cards charged twice" in _reply_to(desk, "search 100391")
    assert "Cards charged twice" in _reply_to(desk, "search order 100391")
