"""Boilerplate: what forms and programs write is left out, what people say stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.judgement.near_exact import is_near_exact
from services.text.cleaning.boilerplate import without_boilerplate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Re: Fwd: printer broken", "printer broken"),
        ("[EXTERNAL] AW: printer broken", "printer broken"),
        ("Steps to reproduce:\nopen it\n**Actual results:**\ncrash", "open it crash"),
        ("<details><summary>why</summary><!-- @ua: x --> a crash</details>", "why a crash"),
        ("User Agent: Mozilla/5.0 (X11; Linux)\nit crashes", "it crashes"),
        ("> quoted\n---\nreply", "quoted reply"),
        ("std::vector<int> leaks", "std::vector<int> leaks"),
        ("Environment: staging", "Environment: staging"),
        ("the release notes are wrong", "the release notes are wrong"),
        ("Schritte zum Reproduzieren:\nDrucker an", "Drucker an"),
        ("regarding: invoice", "regarding: invoice"),
    ],
)
def test_what_is_left(text: str, said: str) -> None:
    """Templates go, statements stay, and a word that only looks like one does too."""
    assert " ".join(without_boilerplate(text).split()) == said


def test_an_empty_form_stays_as_it_is() -> None:
    """Where nothing else is left nothing is taken away."""
    assert without_boilerplate("Steps to reproduce:\n---") == "Steps to reproduce:\n---"


@given(st.text(max_size=200))
def test_something_is_always_left(text: str) -> None:
    """Whatever is written: a text with words keeps some of them."""
    left = without_boilerplate(text)
    assert any(map(str.isalnum, left)) == any(map(str.isalnum, text))


def test_a_forwarded_ticket_is_the_same_ticket() -> None:
    """A prefix and a form's headings neither make two tickets alike nor tell them apart."""
    ticket = "The badge reader at the north door beeps twice"
    assert is_near_exact(ticket, f"Fwd: {ticket}", 0.95)
    assert is_near_exact(ticket, f"Description:\n{ticket}", 0.95)
    form = "Steps to reproduce:\n{}\nActual results:\nit fails"
    assert not is_near_exact(form.format("open mail"), form.format("open files"), 0.99)
