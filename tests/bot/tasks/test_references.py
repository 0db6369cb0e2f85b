"""Messages that only make sense after another one of the same person."""

from __future__ import annotations

import pytest

from tests.bot.tasks.follow_ups import OWN, PRINTER, VPN, at, followed, heard, inspected, tickets
from tests.levels import variations
from tests.serving import Desk, words


@pytest.mark.parametrize(
    ("text", "kind"),
    variations([
        ("nope, cable is plugged in", "detail"),
        ("im privaten Fenster klappt es", "works"),
        ("probé con otro cable y nada", "broken"),
        ("it's the one with the red cable", "detail"),
        ("now also on the second floor", "detail"),
        ("only in firefox, chrome is fine", "detail"),
        ("der neben dem serverraum", "detail"),
        ("besser, aber immer noch langsam", "broken"),
        ("con el cable viejo funciona", "works"),
    ], few=3),
)  # fmt: skip
def test_what_refers_back_follows_its_authors_last_ticket(desk: Desk, text: str, kind: str) -> None:
    """Only shortly after it; before it is known, later, or from somebody else it is a ticket."""
    alone = heard(desk, -20_000, text, user="U1")
    first = heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, 3000, text, user="U1")
    other = heard(desk, 3100, text, user="U2")
    later = heard(desk, 40_000, text, user="U1")
    assert followed(desk) == {ts: (kind, first)}
    assert tickets(desk) == [text, PRINTER, text, text]
    assert {alone, other, later}.isdisjoint(followed(desk))
    said = words(inspected(desk, ts, text, user="U1"))
    assert "not a ticket of its own" in said
    assert PRINTER in said


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_the_order_in_which_messages_come_does_not_matter(
    desk: Desk, order: tuple[int, ...]
) -> None:
    """A follow-up of a follow-up belongs to the same ticket."""
    said = [(0, PRINTER), (12_000, "nope, cable is plugged in"), (24_000, "the one in the lobby")]
    for number in order:
        heard(desk, *said[number])
    assert tickets(desk) == [PRINTER]
    assert followed(desk) == {
        at(12_000): ("detail", at(0)), at(24_000): ("detail", at(0)),
    }  # fmt: skip
    assert desk.slack.posted() == []


@pytest.mark.both_databases
def test_a_reference_without_its_ticket_becomes_one(desk: Desk) -> None:
    """When that is deleted or taken out, or the message is edited; its words are still known."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 600, "it's the one with the red cable")
    assert tickets(desk) == [PRINTER]
    desk.react("C1", first, "U5", "no_bell")
    desk.drain()
    assert tickets(desk) == ["it's the one with the red cable"]
    assert followed(desk) == {}
    desk.react("C1", first, "U5", "no_bell", type="reaction_removed")
    desk.drain()
    assert tickets(desk) == [PRINTER]
    desk.edit("C1", ts, "the coffee machine leaks", at(700))
    desk.drain()
    assert tickets(desk) == [PRINTER, "the coffee machine leaks"]
    desk.edit("C1", ts, "it's the one with the red cable", at(800))
    desk.drain()
    assert tickets(desk) == [PRINTER]
    desk.delete("C1", first)
    desk.drain()
    assert tickets(desk) == ["it's the one with the red cable"]


def test_a_second_ticket_of_the_same_person_stays_one(desk: Desk) -> None:
    """However soon after the first."""
    said = [
        PRINTER,
        VPN,
        "vpn down again",
        "no sound in Teams",
        "toner leer",
        "no hay tinta",
        "E-41",
    ]
    for number, text in enumerate(said):
        heard(desk, number * 200, text)
    assert tickets(desk) == said


def test_a_pushpin_makes_a_reference_a_ticket(desk: Desk) -> None:
    """And it is a follow-up again without it."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 600, "it's the one with the red cable")
    desk.react("C1", ts, "U2", "pushpin")
    desk.drain()
    assert tickets(desk) == [PRINTER, "it's the one with the red cable"]
    desk.react("C1", ts, "U2", "pushpin", type="reaction_removed")
    desk.drain()
    assert tickets(desk) == [PRINTER]
    assert followed(desk) == {ts: ("detail", first)}


@pytest.mark.parametrize(
    "text",
    [
        "it's the one next to the kitchen",
        "only in the morning, afternoons are fine",
        "der neben der küche",
    ],
)
def test_a_reference_that_says_nothing_of_a_matter_is_never_a_ticket(desk: Desk, text: str) -> None:
    """It follows its author's last ticket as long as "any news?" would; without one it is talk."""
    alone = heard(desk, -OWN, text, user="U1")
    first = heard(desk, 0, PRINTER, user="U1")
    soon = heard(desk, 3000, text, user="U1")
    other = heard(desk, 3100, text, user="U2")
    later = heard(desk, 40_000, text, user="U1")
    expected = {alone: None, soon: first, other: None, later: first}
    assert followed(desk) == {ts: ("detail", ticket) for ts, ticket in expected.items()}
    assert tickets(desk) == [PRINTER]
    desk.delete("C1", first)
    desk.drain()
    assert tickets(desk) == []
    assert followed(desk) == dict.fromkeys(expected, ("detail", None))


def test_what_follows_nothing_carries_no_reference(desk: Desk) -> None:
    """Talk is no ticket, so what only makes sense after a ticket is one itself."""
    heard(desk, 0, "it's the one next to the kitchen")
    heard(desk, 600, "nope, cable is plugged in")
    assert tickets(desk) == ["nope, cable is plugged in"]
