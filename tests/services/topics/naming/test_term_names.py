"""Names made of two terms: as tickets say them together, wherever one of them does."""

from __future__ import annotations

import pytest

from services.topics.naming.distinctive_words import read_topics
from services.topics.naming.term_names import joined
from services.topics.naming.vocabulary import Vocabulary
from tests.services.topics.naming.examples import PRINTER, VPN, labels


def _vocabulary(*tickets: str) -> Vocabulary:
    words, *_ = read_topics([*tickets, *PRINTER, *VPN], labels(len(tickets), 3, 3))
    return Vocabulary.of(words)


@pytest.mark.parametrize(
    ("ticket", "name"),
    [
        ("They need the VAT number on the invoice, and soon.", "VAT number on the invoice"),
        ("The invoice of the VAT numbers is wrong.", "invoice of the VAT numbers"),
        ("An invoice without a VAT number.", "VAT number: invoice"),  # a denial
        ("Where is his invoice for my VAT number?", "VAT number: invoice"),  # whose is one ticket's
        ("The VAT number, says the customer of the invoice.", "VAT number: invoice"),
        ("The VAT number printed on that invoice.", "VAT number: invoice"),
    ],
)
def test_terms_are_joined_by_the_words_that_tickets_put_between(ticket: str, name: str) -> None:
    """Only function words may stand between, and no denial."""
    known = _vocabulary(
        "The VAT number of this customer is wrong.", "That invoice came late, as all of them.",
        "Is this the right VAT number?", "Which invoice is it about?", ticket,
    )  # fmt: skip
    assert joined("VAT number", "invoice", known) == name


def test_what_most_tickets_say_is_taken() -> None:
    """Of several ways to say both terms the one of most tickets is the name."""
    known = _vocabulary(
        "Where are the cameras of the app?", "The cameras in the app are white.",
        "I see no cameras in the app.", "Which app are those cameras in?",
    )  # fmt: skip
    assert joined("app", "cameras", known) == "cameras in the app"
