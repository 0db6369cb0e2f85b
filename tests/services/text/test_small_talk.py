"""Chit-chat: what is left out, and above all what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.small_talk import reason_to_ignore


@pytest.mark.parametrize(
    "text",
    [
        "thanks!", "Thank you so much", "good morning everyone :)", "ok", "LGTM", "Danke schön!",
        "guten Morgen zusammen", "muchas gracias", "buenos días a todos", "haha", "no worries",
        "Thanks, that did the trick!", "you're welcome", "see you tomorrow",
        "vielen Dank für die Hilfe",
    ],
)  # fmt: skip
def test_small_talk_is_no_ticket(text: str) -> None:
    """In three languages, with or without marks and accents."""
    assert str(reason_to_ignore(text)) == "it is small talk"


@pytest.mark.parametrize(
    "text",
    [
        "printer prints blank pages", "help", "the app is down", "no sound",
        "good morning, VPN is down",
        "is it fixed now?", "error 500", "thanks, but it is broken again", "it is", "login",
        "hi, my order has not arrived", "same problem here with the printer", "",
        "テストが動かない", "problem", "it works again",
        "no internet", "everything is slow", "works on 2.4 not on 2.5",
    ],
)  # fmt: skip
def test_what_may_be_a_ticket_stays(text: str) -> None:
    """A problem in few words, with a greeting before it, or in a language not listed."""
    assert reason_to_ignore(text) is None


def test_a_channel_leaves_out_its_own_phrases() -> None:
    """As whole words, wherever they stand; a phrase without words leaves out nothing."""
    assert "“Lunch is here”" in str(reason_to_ignore("hey all, LUNCH is here!", ["Lunch is here"]))
    assert reason_to_ignore("the launch is here", ["lunch is here", "!!!"]) is None


@given(st.text(), st.lists(st.text()))
def test_any_text_can_be_looked_at(text: str, ignored: list[str]) -> None:
    """Whatever is said, and whatever is to be left out."""
    assert reason_to_ignore(text, ignored) is None or text
