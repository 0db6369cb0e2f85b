"""Opposites: denials, contraries and ways in three languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.folding import fold
from services.text.opposites import find_denial, find_reversal, senses

WORDS = "enable disable not on off in out up from to my Mac Windows von nach Hamburg Bonn light"
words = st.lists(st.sampled_from(WORDS.split()), max_size=10).map(" ".join)


def found(ours: str, theirs: str) -> str:
    """Return how two texts are opposed."""
    one, other = (senses(fold(text), frozenset(fold(text).split())) for text in (ours, theirs))
    if find_denial(one, other):
        return "denial"
    return "reversal" if find_reversal(one, other) else ""


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [
        ("enable the night alarm", "disable the night alarm", "denial"),
        ("the night alarm is enabled", "the night alarm is disabled", "denial"),
        ("den Nachtalarm aktivieren", "den Nachtalarm deaktivieren", "denial"),
        ("activar la alarma de noche", "desactivar la alarma de noche", "denial"),
        ("bitte das Konto sperren", "bitte das Konto entsperren", "denial"),
        ("agregar ana al grupo rojo", "quitar ana del grupo rojo", "denial"),
        ("mit Karte bezahlen geht hier", "ohne Karte bezahlen geht hier", "denial"),
        ("upload the annual plan", "download the annual plan", "reversal"),
        ("den Plan hochladen", "den Plan herunterladen", "reversal"),
        ("subir el plan anual", "descargar el plan anual", "reversal"),
        ("turn the volume up", "turn the volume down", "reversal"),
        ("clock in at the gate", "clock out at the gate", "reversal"),
        ("mails from the store vanish", "mails to the store vanish", "reversal"),
        ("das Licht ist an", "das Licht ist aus", "reversal"),
        ("bus from Rome to Pisa", "bus from Pisa to Rome", "reversal"),
        ("Zug von Bonn nach Ulm", "Zug von Ulm nach Bonn", "reversal"),
        ("tren de Lima a Cusco", "tren de Cusco a Lima", "reversal"),
        ("my account is locked", "please unlock my account", ""),
        ("mein Konto ist gesperrt", "bitte mein Konto entsperren", ""),
        ("enable the night alarm", "how many cards can I disable today", ""),
        ("a note on the invoice", "a note about the invoice", ""),
        ("I want to open the gate", "I open the gate from time to time", ""),
    ],
)
def test_the_reverse_is_found(ours: str, theirs: str, how: str) -> None:
    """Denied, contrary or the other way; a state is no contrary of what is wanted."""
    assert found(ours, theirs) == how
    assert found(theirs, ours) == how


@given(words, words)
def test_it_does_not_matter_which_came_first(ours: str, theirs: str) -> None:
    """What one text is to the other, the other is to it, and none is opposed to itself."""
    assert found(ours, theirs) == found(theirs, ours)
    assert found(ours, ours) == ""
