"""Headlines: a ticket in one short line that begins where it says something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.cleaning.headline import headline


@given(st.text(st.characters(codec=None), max_size=400), st.integers(10, 100))
def test_headline_is_one_short_line(text: str, length: int) -> None:
    """A headline fits, has no line break, and is the whole line where that fits."""
    line = headline(None, text, length)
    assert len(line) <= length
    assert "\n" not in line
    assert headline("Printer is broken", text) == "Printer is broken"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hi all, hope you are well. The printer prints blanks", "The printer prints blanks"),
        ("Hello!\nGood morning :sunny:\nThe VPN drops in hotels", "The VPN drops in hotels"),
        ("Guten Morgen zusammen, der Hub blinkt rot", "der Hub blinkt rot"),
        ("Hola equipo: no imprime la impresora", "no imprime la impresora"),
        ("E-41 on varmo, no heat at all", "E-41 on varmo, no heat at all"),
        ("Hi! The app, since today, is crashing", "The app, since today, is crashing"),
        ("Not working: VPN", "Not working: VPN"),
        ("Hallo, das System, seit heute, ist langsam", "das System, seit heute, ist langsam"),
        ("Hola equipo, una consulta: no imprime la caja", "no imprime la caja"),
        ("thanks!", "thanks!"),
        ("Hi\nthere", "Hi"),
        ("", ""),
    ],
)
def test_a_headline_begins_where_a_text_says_something(text: str, title: str) -> None:
    """Greetings tell nothing; a text of nothing else is shown as it is."""
    assert headline(None, text) == title
