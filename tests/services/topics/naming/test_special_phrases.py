"""A phrase that is special to one ticket gives way to what suits them all."""

from __future__ import annotations

import pytest

from services.topics.naming.candidates import NameCandidate
from services.topics.naming.clauses import TicketPhrase
from services.topics.naming.coverage import names_instead
from services.topics.naming.distinctive_words import read_topics
from services.topics.naming.vocabulary import Vocabulary
from tests.services.topics.naming.calendar_topic import CALENDAR, meanings_by, name_of
from tests.services.topics.naming.examples import labels


def test_a_phrase_with_a_name_that_few_tickets_have_is_one_tickets_case() -> None:
    """Also where it is near to the others; what suits them without the name is taken."""
    near = {"print the calendar of Prague": 0.8, "print the calendar of prague": 0.8}
    texts = [*CALENDAR[:5], "Print the calendar of Prague, as Prague is closed"]
    assert name_of(texts, near).title == "Calendar: various"
    fewer = name_of(texts[1:], near).title
    assert fewer == "Print the calendar of Prague"


@pytest.mark.parametrize(("coverage", "names"), [(0.8, ["Hub 2: various"]), (1.0, [])])
def test_a_phrase_that_fits_all_tickets_may_have_words_of_its_own(
    coverage: float, names: list[str]
) -> None:
    """One that fits only most of them gives way to a thing that all have."""
    texts = [
        f"The Hub 2 {one}" for one in ("hums", "blinks", "smells", "wobbles", "sings", "rusts")
    ]
    words, *_ = read_topics(texts, labels(len(texts)))
    known = Vocabulary.of(words)
    phrase = TicketPhrase(words.tickets[0].runs[0], 1.0)
    best = NameCandidate("hub 2 hums", phrase, coverage=coverage, typical=0.64, own_words=2)
    meanings = meanings_by(len(texts), 0, {}, 1.0)
    found = names_instead({"Hub 2 hums": best}, ["Hub 2"], known, meanings.vectors, meanings)
    assert list(dict.fromkeys(found)) == names
