"""The wording of an entry of an FAQ, out of the tickets' own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.topics.naming.faq import MAX_LENGTH, question_of


@pytest.mark.parametrize(
    ("text", "names", "wording"),
    [
        (
            "Hi team, hope you are well. The printer on floor 3 prints blank pages. Any ideas?",
            ["blank pages", "printer"],
            "The printer on floor 3 prints blank pages.",
        ),
        (
            "Hello all, just wanted to ask: how do I connect to VPN from home? Thanks!",
            ["connect to VPN"],
            "how do I connect to VPN from home?",
        ),
        (
            "Good morning!\nWhen is invoice 4711 going to be paid?\n\nBest regards\nTom",
            ["invoice paid"],
            "When is invoice 4711 going to be paid?",
        ),
        (
            "Hallo zusammen, ich kann mich nicht mit dem VPN verbinden, danke",
            ["VPN verbinden"],
            "ich kann mich nicht mit dem VPN verbinden",
        ),
        (
            "Hola, ¿cómo puedo restablecer la contraseña? Gracias",
            ["restablecer la contraseña"],
            "¿cómo puedo restablecer la contraseña?",
        ),
        ("你好！打印机坏了。怎么办？", ["打印机"], "打印机坏了。"),
        ("Re: Fwd: iPhone 15 has no mail - please help!", ["iPhone 15"], "iPhone 15 has no mail"),
        ("Hi folks how do I reset my password?", ["reset"], "how do I reset my password?"),
        ("hi there how do i reset it?", ["reset"], "how do i reset it?"),
        ("Hello everyone the VPN is down", ["VPN"], "the VPN is down"),
        ("hey all VPN is down", ["VPN"], "VPN is down"),
        ("Hallo zusammen wie richte ich das VPN ein?", ["VPN"], "wie richte ich das VPN ein?"),
        ("Hallo keine Verbindung zum VPN", ["VPN"], "keine Verbindung zum VPN"),
        ("Hi is the VPN down?", ["VPN"], "is the VPN down?"),
        ("Hi, quick question, is the VPN down?", ["VPN"], "is the VPN down?"),
        (
            "If I print from home, the VPN drops",
            ["VPN drops"],
            "If I print from home, the VPN drops",
        ),
        ("Hi my printer is broken", ["printer"], "my printer is broken"),
    ],
)
def test_a_wording_is_what_a_ticket_says_of_its_topic(
    text: str, names: list[str], wording: str
) -> None:
    """Without greeting, thanks and what a mail program wrote, in any language."""
    assert question_of([text], names) == wording


def test_a_question_is_taken_where_one_says_enough() -> None:
    """Of a later ticket, too; not one that says nothing of the topic."""
    said = "My laptop battery drains within an hour. Any idea?"
    asked = "Why does the battery of my laptop drain?"
    assert question_of([said, asked], ["laptop battery drains"]) == asked
    assert question_of([said], ["laptop battery drains"]).endswith("an hour.")


def test_a_long_sentence_is_taken_where_no_short_one_says_enough() -> None:
    """And cut between words."""
    long = "the connection to the vpn gateway in the Lisbon office " * 6
    wording = question_of([f"Sad. {long}"], ["vpn gateway", "connection"])
    assert len(wording) <= MAX_LENGTH
    assert wording.endswith(" the…") or f" {wording.rstrip('…').split()[-1]} " in long


@given(st.lists(st.text(max_size=300), max_size=4), st.lists(st.text(max_size=20), max_size=3))
def test_any_tickets_have_a_wording_of_their_own_words(texts: list[str], names: list[str]) -> None:
    """No longer than it may be."""
    wording = question_of(texts, names)
    assert len(wording) <= MAX_LENGTH
    own = [" ".join(text.split()) for text in texts]
    assert not wording or set(wording.rstrip("…").split()) <= {
        *(word for text in own for word in text.split()),
        wording.rstrip("…").split()[-1],
        wording.split()[0],
    }
