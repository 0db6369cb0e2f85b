"""Normalised texts: what a text says, whatever words it says it in."""

from __future__ import annotations

import pytest

from services.judgement.normalised_text import (
    normalise,
    normalise_pair,
    stem_of,
    without_courtesies,
)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hi Anna, the lift is stuck", " the lift is stuck"),
        ("Hello team!\nthe lift is stuck", "the lift is stuck"),
        ("Hallo Frau Meyer, der Aufzug steckt", " der Aufzug steckt"),
        ("Buenos días Ana: el ascensor falla", " el ascensor falla"),
        ("the lift is stuck. Thanks in advance, Tom Baker", "the lift is stuck.  "),
        ("der Aufzug steckt\nViele Grüße\nAnna", "der Aufzug steckt\nViele  "),
        ("el ascensor falla, gracias.", "el ascensor falla,  "),
        ("Hi there", "Hi there"),
        ("thanks", "thanks"),
        ("Hidden files are shown", "Hidden files are shown"),
    ],
)
def test_courtesies_say_nothing(text: str, rest: str) -> None:
    """Greetings and thanks go, with whom they name; a text of nothing else stays as it is."""
    assert without_courtesies(text).split() == rest.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How can I export the reports?", ["how", "export", "report"]),
        ("Is there any way to export a report", ["how", "export", "report"]),
        ("The Windows news are not loading", ["windows", "news", "not", "load"]),
        ("Ich möchte bitte die Rechnungen sehen", ["rechnung", "seh"]),
        ("Necesito las facturas, por favor", ["factur"]),
        ("my my order 5 5 is C++", ["order", "5", "5", "c"]),
    ],
)
def test_what_is_left_is_what_tells(text: str, words: list[str]) -> None:
    """Function words go, stems stay; a slip of the hand counts once, a figure each time."""
    assert list(normalise(text).words) == words


def test_a_pair_is_read_in_one_language() -> None:
    """What is neutral in the language of one text is so in the other, however short that is."""
    one, other = normalise_pair("Die Rechnungen sind im Portal", "Rechnungen im Portal")
    assert one.words == other.words
    assert normalise("printers that die", "en").words == ("printer", "die")


def test_numbers_in_words_are_figures() -> None:
    """ "Two" is a figure as 2 is; "one" may be a pronoun."""
    assert normalise("floor two and 3 for one").figures == {"two", "3"}
    assert stem_of("lx350hs", "en") == "lx350hs"


@pytest.mark.parametrize("apostrophe", "’‘`´ʼ")
def test_any_apostrophe_shortens(apostrophe: str) -> None:
    """Keyboards and phones write different ones; a denial is one with each of them."""
    for text in ("I can't log in", "it doesn't print", "it's red"):
        assert normalise(text.replace("'", apostrophe)).words == normalise(text).words
