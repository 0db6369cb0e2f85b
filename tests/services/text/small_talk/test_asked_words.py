"""Questions about words that say nothing by themselves, and talk that quotes such words."""

from __future__ import annotations

import pytest

from services.text.cleaning.compared_text import embedding_text
from services.text.small_talk.asked_words import asks_about_words
from services.text.small_talk.matter import states_matter


@pytest.mark.parametrize(
    "text",
    [
        '"talk to" vs "talk with"', "'used to' or 'use to'?", "“until” or “till”?",
        "when should I use shall and when will?", "when to use who or whom",
        'which is right, "you and me" or "you and I"?', 'what does "on hold" mean?',
        "what does pending mean?", 'how should one reply to "what\'s up"?',
        'is it correct to say "more better"?', 'may I say "the both of us"?',
        'heißt es "das Gleiche" oder „dasselbe“?', "was bedeutet erledigt?", "was heißt „offen“?",
        "wann schreibt man das mit einem s?", "¿«porque» o «por qué»?", "¿qué significa pendiente?",
        '¿cuándo se usa "ser" y cuándo "estar"?', '¿se dice "gracias por" o "gracias a"?',
        'what\'s the meaning of "asap"?', "what does n/a mean?", 'wie antwortet man auf "na?"',
        "ist es richtig, „größer wie“ zu sagen?", '¿es correcto decir "subir arriba"?',
        '¿cómo respondo a "qué tal"?',
    ],
)  # fmt: skip
def test_what_is_asked_about_words_is_a_matter(text: str) -> None:
    """What they mean, when they are used, which are right; in three languages."""
    assert asks_about_words(text)
    assert states_matter(text)
    assert embedding_text(None, text) == text


@pytest.mark.parametrize(
    "text",
    [
        'did you say "today" or "tomorrow"?', 'he said "thanks" and "see you later"',
        "what does that mean?", "what do you mean?", 'who wrote "done"?', '"any update?" again',
        "was bedeutet das jetzt?", "was heißt das genau?",
        'er hat "gleich" oder "später" gesagt', "¿qué significa eso?", "¿qué quieres decir?",
        'dijo "gracias" o "nada"', "it's fine, that's it",
        'they say "soon" or "later" all the time', 'keeps saying "soon" and "later"',
        'du sagst "gleich" und "sofort"', 'er sagte "ja" und "nein"',
        'has dicho "hoy" o "mañana"', 'siempre decía "ya" y "ahora"',
    ],
)  # fmt: skip
def test_what_somebody_said_is_talk(text: str) -> None:
    """Words are quoted, or asked about, without being what a message is about."""
    assert not asks_about_words(text)
    assert not states_matter(text)
