"""Names that read well: understood alone, with capitals and question marks, about the matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.text.words.function_words import Language
from services.topics.naming.clauses import is_question
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics
from tests.services.topics.naming.examples import PRINTER, VPN, labels

OTHERS = [*PRINTER, *VPN]


def _name(texts: list[str], near: float = 1.0, others: Sequence[str] = OTHERS) -> TopicName:
    """Return the name of tickets that all phrases are as `near` to, so that what reads best wins.

    Other topics mean something else.
    """
    vectors = np.zeros((len(texts) + len(others), 2), dtype=np.float32)
    vectors[: len(texts), 0] = vectors[len(texts) :, 1] = 1

    def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
        row = np.array([near, np.sqrt(1 - near**2)], dtype=np.float32)
        return np.tile(row, (len(phrases), 1))

    of = labels(len(texts), len(others) // 2, len(others) - len(others) // 2)
    name, *_ = name_topics([*texts, *others], of, Meanings(vectors, encode))
    return name


def test_a_name_has_a_capital_and_its_names_as_most_write_them() -> None:
    """Also where the ticket that it is from is in lower case."""
    texts = ["vpn drops daily", "Since the move my VPN drops", "Is it the VPN again?"]
    assert _name(texts).title == "VPN drops daily"
    assert _name(["iOS app crashes", "my iOS app crashes", "crash of the iOS app"]).title == (
        "iOS app crashes"
    )


def test_a_question_has_its_mark() -> None:
    """Also where nobody wrote it; what only begins with a question word has none."""
    texts = ["why was my card declined", "why was my card declined", "a card declined"]
    assert _name(texts).title == "Why was my card declined?"
    texts = ["how to claim a refund", "how to claim a refund of that", "refund, please"]
    assert _name(texts).title == "How to claim a refund"


@pytest.mark.parametrize(
    ("words", "language", "is_asked"),
    [
        ("do the lights turn off", "en", True),
        ("have my documents arrived", "en", True),
        ("does it arrive", "en", True),
        ("what time does it open", "en", True),
        ("how many cards can i have", "en", True),
        ("which of my phones do you support", "en", True),
        ("how many cards we have is unclear", "en", False),
        ("what customers want is the refund", "en", False),
        ("have a question about my bill", "en", False),
        ("do it again", "en", False),
        ("do this every morning", "en", False),
        ("ist der drucker kaputt", "de", True),
        ("puedo yo cambiarlo", "es", True),
        ("hay un cargo", "es", False),
        ("es la tercera vez", "es", False),
    ],
)
def test_what_begins_like_a_question_may_ask(
    words: str, language: Language, is_asked: bool
) -> None:
    """A verb does not ask whom it does not agree with; Spanish statements begin like questions.

    A question word asks where a verb comes before who does it.
    """
    assert is_question(words.split(), language) == is_asked


def test_a_pronoun_without_its_thing_is_in_no_name() -> None:
    """Of two clauses the one wins that is understood without the sentence before."""
    texts = [
        "The return label is a dead link, the customer cannot open it.",
        "Return labels: he cannot download them.",
        "Return label cannot be downloaded.",
    ]
    assert not {"it", "them", "he"} & set(_name(texts).title.casefold().split())


def test_a_name_is_no_concession() -> None:
    """What comes before "but" is not the matter."""
    texts = [
        "The clip plays in the app, but the saved file of the clip is broken.",
        "Again a saved clip of somebody is broken in the file.",
        "I saved the clip and the clip is broken.",
    ]
    assert "broken" in _name(texts).title


def test_a_heading_comes_before_the_text_below() -> None:
    """The first line that says something names its ticket better than what follows; "Hi" does not.

    Neither does a clause that hangs on the one before, although a question begins like it.
    """
    texts = [
        "Hi all,\nBlinds stop halfway\nI pressed the button for the blinds again",
        "Blinds are stuck\nWe moved in and love the blinds",
        "The kitchen has blinds, which are stuck",
    ]
    assert _name(texts).title in {"Blinds stop halfway", "Blinds are stuck"}


def test_a_quotation_with_its_own_mark_stays_whole() -> None:
    """It ends after the mark within it."""
    texts = [
        'What does "Suit yourself?" mean here in a letter',
        'The letter ends with "Suit yourself?" and no more',
        'The words "Suit yourself?" in a letter',
    ]
    assert _name(texts).title.count('"') in {0, 2}


def test_tickets_that_no_phrase_is_near_to_are_a_topic_by_what_half_of_them_share() -> None:
    """What two of five share by chance is no topic; what three of five share is."""
    texts = [
        "The calendar of the cleaners is empty.",
        "Could we have a photo in the calendar?",
        "Holiday lights burn all night.",
        "My list has no search field.",
        "A build for the store is late.",
    ]
    assert not _name(texts, near=0.3).is_telling
    texts[2] = "Holiday lights are missing in the calendar."
    assert _name(texts, near=0.3).title == "Calendar: various"


def test_a_language_alone_makes_no_name() -> None:
    """The only tickets of a language are alike to a model, whatever they are about."""
    texts = [
        "Das Etikett lässt sich nicht herunterladen.",
        "Nach dem Stromausfall blinkt die Lampe rot.",
        "Wann kommt das Paket in die Schweiz?",
        "Der Beamer bleibt leider schwarz.",
    ]
    assert not _name(texts).is_telling
    alike = [f"{text} Mein Etikett klebt nicht." for text in texts]
    assert _name(alike).title == "Mein Etikett klebt nicht"
