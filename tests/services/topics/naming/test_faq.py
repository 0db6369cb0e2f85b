"""The question of an FAQ entry is taken from the tickets' own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.topics.naming.faq import MAX_LENGTH, question_of


@pytest.mark.parametrize(
    ("text", "names", "question"),
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
def test_a_question_is_the_sentence_about_the_topic(
    text: str, names: list[str], question: str
) -> None:
    """Greeting, thanks and what a mail program adds are left out, in any language."""
    assert question_of([text], names) == question


def test_a_question_is_preferred_to_a_statement() -> None:
    """A later ticket's question is taken too, but not one that is not about the topic."""
    statement = "My laptop battery drains within an hour. Any idea?"
    question = "Why does the battery of my laptop drain?"
    assert question_of([statement, question], ["laptop battery drains"]) == question
    assert question_of([statement], ["laptop battery drains"]).endswith("an hour.")


def test_a_long_sentence_is_cut_where_no_short_one_fits() -> None:
    """A sentence that is too long is cut between words."""
    long = "the connection to the vpn gateway in the Lisbon office " * 6
    question = question_of([f"Sad. {long}"], ["vpn gateway", "connection"])
    assert len(question) <= MAX_LENGTH
    assert question.endswith(" the…") or f" {question.rstrip('…').split()[-1]} " in long


@given(st.lists(st.text(max_size=300), max_size=4), st.lists(st.text(max_size=20), max_size=3))
def test_any_tickets_give_a_question_in_their_own_words(texts: list[str], names: list[str]) -> None:
    """The question has only words of the tickets, and at most the allowed length."""
    question = question_of(texts, names)
    assert len(question) <= MAX_LENGTH
    own = [" ".join(text.split()) for text in texts]
    assert not question or set(question.rstrip("…").split()) <= {
        *(word for text in own for word in text.split()),
        question.rstrip("…").split()[-1],
        question.split()[0],
    }
