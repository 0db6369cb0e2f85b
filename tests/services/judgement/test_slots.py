"""Slots: two requests of the same words that are about other persons, places or things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.judgement.slots import MAX_RARE, differ_in_slot, lacks_slot
from services.text.comparing.terms import Lexicon, terms

texts = st.lists(
    st.sampled_from(
        ["Reset", "the", "password", "of", "Anna", "Tom", "tom", "O'Brien", "isn't", "für", "a@c.d"]
    ),
    max_size=8,
).map(" ".join)  # fmt: skip


def lexicon(*common: str, documents: int = 1000) -> Lexicon:
    """Return a lexicon in which some texts' words are common, and all others rare."""
    words = {word for text in common for word in terms(text)}
    return Lexicon(documents, 10.0, dict.fromkeys(words, documents // 10))


RARE = lexicon()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("reset the password of anna", "reset the password of tom"),
        ("Anna wants a monitor", "Tom wants a monitor"),
        ("a desk for the new intern", "a desk for the new driver"),
        ("Konto für Herrn Kowalski anlegen", "Konto für Frau Meyer anlegen"),
        ("dale acceso a maría", "dale acceso a jorge"),
        ("write to ana.t@x.org again", "write to luis.v@x.org again"),
    ],
)
def test_another_person_or_place_is_another_request(ours: str, theirs: str) -> None:
    """Words that are rare in the corpus, or that follow a preposition, fill a slot."""
    assert differ_in_slot(ours, theirs, RARE)
    assert differ_in_slot(theirs, ours, RARE)


def test_common_words_in_one_place_are_synonyms() -> None:
    """Elsewhere than after a preposition, words that a team often says need not be names."""
    ours, theirs = "we purchased a lamp", "we bought a lamp"
    assert differ_in_slot(ours, theirs, RARE)
    assert not differ_in_slot(ours, theirs, lexicon(ours, theirs))
    assert not differ_in_slot(ours, theirs, Lexicon(10, 10.0, {"bought": MAX_RARE + 1}))


def test_capitals_amid_a_sentence_are_names_however_common() -> None:
    """They are none at the start of a sentence, in titles, and in what is shouted."""
    ours, theirs = "we hear Anna badly", "we hear Tom badly"
    known = lexicon(ours, theirs, "purchase payment failed bad")
    assert differ_in_slot(ours, theirs, known)
    assert not differ_in_slot("Purchase failed", "Payment failed", known)
    assert not differ_in_slot("Bad Purchase Failed", "Bad Payment Failed", known)
    assert not differ_in_slot("BAD PURCHASE", "BAD PAYMENT", known)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Hi Anna, the lift is stuck", "Hello Tom, the lift is stuck"),
        ("The lift is stuck. Thanks, Anna", "The lift is stuck. Regards, Tom Baker"),
        ("the lift isn't moving", "the lift does not move"),
        ("reset the password of anna", "reset the password"),
        ("reset my password for the portal", "reset our password for the portal"),
        ("tasks that depend on others", "tasks depending on others"),
        ("", "reset the password"),
    ],
)
def test_greetings_signatures_and_forms_fill_no_slot(ours: str, theirs: str) -> None:
    """Who is greeted, who signs, other function words and endings, and what only one text has."""
    assert not differ_in_slot(ours, theirs, RARE)
    assert not differ_in_slot(theirs, ours, RARE)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("please reset the password of", True),
        ("Please reset the password of, thanks", True),
        ("Konto anlegen für", True),
        ("restablecer la contraseña de.", True),
        ("what is the form for?", False),
        ("where does the noise come from", False),
        ("please reset the password of Anna", False),
    ],
)
def test_a_mention_that_was_taken_out_leaves_a_gap(text: str, lacks: bool) -> None:
    """Slack's mentions of people are not in the text; what led to one says that it was there."""
    assert lacks_slot(text) is lacks


@given(texts, texts)
def test_it_does_not_matter_which_came_first(ours: str, theirs: str) -> None:
    """The rule is symmetric, and no text differs from itself."""
    assert differ_in_slot(ours, ours, RARE) is False
    assert isinstance(differ_in_slot(ours, theirs, RARE), bool)
