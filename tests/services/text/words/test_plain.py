"""Plain texts: where they are cut."""

from __future__ import annotations

import pytest

from services.text.words.plain import shorten


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("Lock eats a set of batteries in ten days. The box says a year", 50, "in ten days…"),
        ("Bulbs flicker below about ten per cent or 10 %. Above it they do not", 55, "or 10 %…"),
        ("El termostato no apaga nada de nada. ¿Alguien sabe por qué?", 45, "de nada…"),
        # Too much would be lost, or no sentence ends there.
        (
            "The backlight stayed on. Update the lock to version two soon",
            50,
            "Update the lock to…",
        ),
        ("Der Kunde meldet seit gestern, dass z. B. Die Lampe nicht mehr geht", 50, "z. B. Die…"),
        (
            "Update the lock in the app to version 2.2.2; with it all is fine",
            50,
            "to version 2.2.2…",
        ),
        ("hub 2 from the customer blinks red. again and again since noon", 50, "again and…"),
    ],
)
def test_a_text_is_cut_at_a_word_or_the_end_of_a_sentence(text: str, length: int, cut: str) -> None:
    """A few words of the next sentence say nothing: "in ten days. The…"."""
    shown = shorten(text, length)
    assert shown.endswith(cut)
    assert len(shown) <= length
