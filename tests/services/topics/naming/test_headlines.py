"""Names that a person would read aloud: no fragments, no special case, no half of two opposites."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.errors import DejaError, ModelError, ModelUnreachableError
from services.memory.similarity_scale import SimilarityScale
from services.topics.meaning_names import TicketTexts, name_by_meaning
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics
from tests.hashing import HashingEmbedder
from tests.services.topics.naming.examples import PRINTER, VPN, labels

# So that words of single topics stand out.
OTHERS = [*PRINTER, *VPN]


def _name(texts: list[str]) -> TopicName:
    name, *_ = name_topics([*texts, *OTHERS], labels(len(texts), 3, 3))
    return name


def test_a_name_says_what_is_the_matter_with_a_product() -> None:
    """A product that all tickets name gets a second term, which most of them have."""
    name = _name(
        [
            "My Latchet Pro eats batteries in two weeks.",
            "We swap the batteries of the Latchet Pro every ten days.",
            "Again the Latchet Pro needs batteries.",
            "The customer says the Latchet Pro has empty batteries.",
        ]
    )
    assert name.title in {
        "Latchet Pro: batteries", "Latchet Pro needs batteries", "Latchet Pro has empty batteries",
    }  # fmt: skip


def test_a_name_is_no_special_case() -> None:
    """What only one ticket says is in no name, although its words are rare."""
    name = _name(
        [
            "The payroll letter has the wrong tax class of Mr Miller.",
            "My payroll letter did not arrive.",
            "Where is the payroll letter of October?",
            "The payroll letter shows my old address.",
        ]
    )
    assert name.title == "Payroll letter: various"


def test_a_name_is_not_one_of_two_opposites() -> None:
    """Where others ask for the contrary, the name says only what it is about."""
    name = _name(
        [
            "please increase the radio volume",
            "increase the radio volume",
            "decrease the radio volume",
            "please decrease the radio volume",
        ]
    )
    assert "crease" not in name.title
    assert "Radio volume" in name.title


def test_a_word_is_the_opposite_of_its_own_opposites_alone() -> None:
    """The opposite of "after" is "before", and what is opened after something is not closed."""
    name = _name(
        [
            "How do I open an account?",
            "How do I open an account?",
            "I want an account after Easter",
            "How do I open an account?",
            "Can I have an account after the move?",
        ]
    )
    assert name.title == "How do I open an account?"


def test_a_name_is_not_cut_within_a_clause() -> None:
    """It begins with a clause, an actor's verb or after an article, and ends where these end."""
    name = _name(
        [
            "I need to close my checking account and move the rest.",
            "I want to close my checking account.",
            "How do I close my checking account?",
            "We would like to close a checking account with you.",
        ]
    )
    assert name.title == "Close my checking account"


def test_little_in_common_is_said_plainly() -> None:
    """One shared word of a few tickets is named as such, in the language of most of them."""
    name = _name(
        [
            "Kann man die Lampe ohne Hub betreiben?",
            "Nach dem Stromausfall blinkt der Hub rot.",
            "Die Rechnung ist falsch und der Kunde wartet.",
            "Wann kommt das Paket nach Liechtenstein?",
            "Das Etikett lässt sich nicht herunterladen.",
        ]
    )
    assert name.title == "Hub: Verschiedenes"
    assert name.is_telling


def test_tickets_without_a_shared_word_are_no_topic() -> None:
    """In one language; tickets of several languages share no words, and may still be a topic."""
    assert not _name(["The lamp is green.", "My parcel was late.", "Where can I pay?"]).is_telling
    mixed = ["The lamp is green.", "Das Paket ist zu klein.", "La factura no es correcta."]
    assert _name(mixed).is_telling


def test_a_denial_names_what_does_not_work() -> None:
    """That something never arrives is the name, if others do not say the contrary."""
    name = _name(
        [
            "The password reset mail never arrives.",
            "Password reset mail never arrives, looked in spam",
            "her password reset mail never came",
            "I cannot log in, the password reset mail is not coming",
        ]
    )
    assert name.title == "Password reset mail never arrives"


def test_a_whole_question_is_a_name() -> None:
    """It begins with its question word and ends with its mark, as a ticket has it."""
    name = _name(
        [
            "Why was my card declined?",
            "My card was declined in a shop.",
            "why was my card declined yesterday",
            "The card keeps being declined.",
        ]
    )
    assert name.title in {"Why was my card declined?", "My card was declined"}


def test_a_request_to_look_is_no_name() -> None:
    """That somebody is asked says nothing of the matter."""
    name = _name(
        [
            "Can somebody look at the scanner?",
            "Could you check the scanner?",
            "The scanner hums, can anybody help with the scanner?",
        ]
    )
    assert name.title == "Scanner: various"


def test_who_reports_is_left_out() -> None:
    """What a customer says is the name, not that a customer says it."""
    name = _name(
        [
            "customer says the lamp flickers at night",
            "a customer reports the lamp flickers",
            "the lamp flickers again",
        ]
    )
    assert "customer" not in name.title.casefold()
    assert "Lamp flickers" in name.title


def test_a_number_that_one_ticket_has_leaves_no_hole() -> None:
    """A phrase that needs the number of one ticket is no name: "empty after days"."""
    name = _name([f"The doorbell battery is empty after {n} days" for n in (12, 14, 9, 30)])
    assert "after days" not in name.title


def test_typical_tickets_are_preferred() -> None:
    """Of phrases that suit alike, the name is the one whose meaning is nearest to all tickets."""
    texts = ["the lamp flickers at night", "the lamp hums at night", "strange light, strange lamp"]
    of = labels(len(texts), 3, 3)
    vectors = np.eye(2, dtype=np.float32)[[0, 1, 0, *[1] * 6]]
    for meant, word in ((0, "flickers"), (1, "hums")):

        def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
            return np.eye(2, dtype=np.float32)[[int("flickers" not in one) for one in phrases]]

        rows = vectors if meant == 0 else 1 - vectors
        name, *_ = name_topics([*texts, *OTHERS], of, Meanings(rows, encode))
        assert word in name.title


def _by_meaning(texts: list[str], near: str) -> str:
    """Return the name of tickets that all mean the same, of which a phrase means most."""
    vectors = np.ones((len(texts) + 6, 2), dtype=np.float32) / np.sqrt(np.float32(2))
    vectors[len(texts) :] = (0, 1)

    def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([(1, 1) if one == near else (1, 0.2) for one in phrases], np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    name, *_ = name_topics([*texts, *OTHERS], labels(len(texts), 3, 3), Meanings(vectors, encode))
    return name.title


def test_a_name_is_what_is_nearest_in_meaning_although_others_share_more_words() -> None:
    """A whole clause that no other ticket words so names them, if its meaning is theirs."""
    texts = [
        "Casebook is painfully slow. I make tea in the morning.",
        "Each ticket needs half a minute to open in the morning, says the early shift.",
        "It takes forever to load a case in the morning!",
    ]
    assert _by_meaning(texts, "Casebook is painfully slow") == "Casebook is painfully slow"


def test_a_name_fits_into_a_form() -> None:
    """A clause with long words is no name, as a title has 80 characters at most."""
    texts = [f"the printer of {'x' * 90} is jammed", "printer jammed", "a printer is jammed"]
    assert len(_by_meaning(texts, texts[0].removeprefix("the "))) <= 80


def test_both_directions_are_said() -> None:
    """Where many tickets go the other way, a name says both."""
    texts = ["turn on the lamp", "turn the lamp off", "lamp off", "turn on the big lamp"]
    assert _by_meaning(texts, "turn on the lamp") == "Turn on / off the lamp"


def test_a_quotation_is_in_a_name_whole() -> None:
    """A clause goes on after what it quotes, and is not cut within."""
    texts = [
        'Tracking stuck at "label created" for days, no movement.',
        "The tracking page never goes on, still the first label.",
        "Parcels do not move, says tracking.",
    ]
    near = 'Tracking stuck at "label created" for days'
    assert _by_meaning(texts, near) == near


@pytest.mark.parametrize(
    "error",
    [ModelError("It refuses."), ModelUnreachableError("It does not answer.", 60)],
)
def test_without_a_model_that_answers_topics_are_named_by_words(error: DejaError) -> None:
    """A run does not fail because the model does."""

    class Unreachable(HashingEmbedder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise error

    texts = [*PRINTER, *VPN]
    vectors = HashingEmbedder().encode(texts)
    scale = SimilarityScale()
    tickets = TicketTexts(texts, labels(3, 3), [None] * len(texts))
    names = name_by_meaning(tickets, vectors, Unreachable(), scale)
    assert names == name_topics(texts, labels(3, 3))
