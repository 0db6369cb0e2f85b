"""The question of an FAQ entry is taken from the tickets' own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.topics.naming.faq import (
    MAX_ANSWER,
    MAX_LENGTH,
    answer_of,
    heading_of,
    question_of,
)


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
        ("Please send the invoice to us", ["invoice"], "Please send the invoice to us"),
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


@pytest.mark.parametrize(
    "said",
    [
        "Done.",
        "fixed, thanks",
        "erledigt",
        "Resuelto",
        "Ok",
        "works now",
        "Thanks all, closing",
        "",
    ],
)
def test_an_answer_that_says_nothing_is_none(said: str) -> None:
    """That something was done helps nobody who asks again."""
    assert answer_of(said) == ""


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Hi Ann, turn off the eco radio. Thank you!", "turn off the eco radio."),
        ("Sessions restored. Please switch back.", "Sessions restored. Please switch back."),
        ("Update to 7.3.1.\n\nThanks a lot", "Update to 7.3.1."),
        ("1. Open the app.\n2. Reset it. Thanks!", "1. Open the app. 2. Reset it."),
    ],
)
def test_an_answer_is_without_small_talk(said: str, answer: str) -> None:
    """What it tells people to do stays, with every word."""
    assert answer_of(said) == answer


def test_a_long_answer_ends_with_a_whole_sentence() -> None:
    """One that is a single sentence is cut at a word."""
    sentence = "Open the settings of the hub and turn the radio off."
    answer = answer_of(" ".join([sentence] * 20))
    assert MAX_ANSWER - len(sentence) <= len(answer) <= MAX_ANSWER
    assert answer.endswith("off.")
    steps = answer_of("\n".join(f"{n}. {sentence}" for n in range(1, 20)))
    assert steps.endswith("off.")
    cut = answer_of("turn " * 200)
    assert cut.endswith("turn…")
    assert len(cut) <= MAX_ANSWER


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("the printer is offline.", "The printer is offline"),
        ("¿cómo cambio el idioma?", "¿Cómo cambio el idioma?"),
        ("iOS app closes itself.", "iOS app closes itself"),
        ("e-mail never arrives", "e-mail never arrives"),
        ("can't log in since today.", "Can't log in since today"),
        ("l’app ne s’ouvre pas", "L’app ne s’ouvre pas"),
        ("how, if at all, do I reset it?", "How, if at all, do I reset it?"),
        ("你好", "你好"),
        ("", ""),
    ],
)
def test_a_heading_begins_with_a_capital(sentence: str, heading: str) -> None:
    """Names and codes stay as they are written."""
    assert heading_of(sentence) == heading
