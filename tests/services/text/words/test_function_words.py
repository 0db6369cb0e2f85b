"""Function words: which of them say nothing, and of which language a text is."""

from __future__ import annotations

import pytest

from services.text.words.folding import fold
from services.text.words.function_words import DECIDING, LANGUAGES, NEUTRAL, NUMERALS, language_of
from services.text.words.word_lists import word_pattern


def test_lists_are_folded_and_apart() -> None:
    """No word is neutral and decides in one language; all are as terms are."""
    for language in LANGUAGES:
        assert not NEUTRAL[language] & (DECIDING[language] | NUMERALS)
        listed = NEUTRAL[language] | DECIDING[language]
        assert {fold(word) for word in listed} == listed


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the printer is on my desk", "en"),
        ("der drucker ist auf meinem tisch", "de"),
        ("la impresora esta en mi mesa", "es"),
        ("printer offline", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_known_by_its_function_words(text: str, language: str) -> None:
    """Most of them decide; without any it is the first language."""
    assert language_of(text.split()) == language


def test_a_listed_word_is_whole_or_a_beginning() -> None:
    """A bar ends a whole word."""
    pattern = word_pattern("add| remov")
    assert [word for word in ("add", "addition", "remove", "remov") if pattern.fullmatch(word)] == [
        "add", "remove", "remov",
    ]  # fmt: skip
