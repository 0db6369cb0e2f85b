"""Names of topics: terms that distinguish them, and titles in the tickets' own words."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from services.text.words.folding import fold
from services.topics.grouping.clustering import cluster
from services.topics.naming.titles import name_topics
from services.topics.various import without_various
from tests.services.topics.conftest import Company
from tests.services.topics.naming.examples import PRINTER, VPN, labels


def test_topics_are_named_by_their_distinctive_phrase() -> None:
    """A title is a phrase of the topic's tickets, and its terms have no stop words."""
    printer, vpn = name_topics([*PRINTER, *VPN], labels(3, 3))
    assert printer.title == "Office printer: various"
    assert vpn.title == "VPN client: various"
    assert printer.terms[0] == "office printer"
    assert not {fold(term) for term in printer.terms} & {"the", "my", "can", "again"}


def test_a_title_has_two_to_five_words_of_one_ticket() -> None:
    """A title is spelled as in a ticket and neither begins nor ends with a stop word."""
    texts = ["How to claim proof of address?", "Send me the proof of address", "PROOF OF ADDRESS!"]
    (name,) = name_topics([*texts, "proof of address lost"], labels(4))
    assert without_various(name.title) == "Proof of address"


def test_product_names_and_codes_stay_whole() -> None:
    """A code is one word, with its punctuation and its capital letters."""
    texts = [
        "PS-LX350H makes noise", "noise from the PS-LX350H", "PS-LX350H noise again",
        "update to 2.4.1 fails", "2.4.1 fails here too", "since 2.4.1 the update fails",
    ]  # fmt: skip
    first, second = name_topics(texts, labels(3, 3))
    assert "PS-LX350H" in " ".join(first.terms)
    assert "2.4.1" in " ".join(second.terms)


def test_no_two_topics_have_the_same_title() -> None:
    """A topic whose best phrase is taken gets the next best one."""
    texts = [*PRINTER, *PRINTER, *PRINTER]
    titles = [name.title for name in name_topics(texts, labels(3, 3, 3))]
    assert len({fold(title) for title in titles}) == 3
    equal = [name.title for name in name_topics(["help"] * 40, np.arange(40))]
    assert len(set(equal)) == 40


def test_a_title_is_no_part_of_a_longer_common_phrase() -> None:
    """Where tickets always have the longer phrase, that is the title."""
    texts = ["A European bank card fails", "Use of my European bank card", "European bank card fee"]
    (name,) = name_topics([*texts, "Is a European bank card fine?"], labels(4))
    assert "European bank card" in name.title


def test_a_phrase_of_several_tickets_is_a_better_title() -> None:
    """It wins over rarer words of a single ticket."""
    texts = [
        "My parcel arrived late because of chaotic weather", "Again the parcel arrived late",
        "Parcel arrived late", "Parcel tracking odyssey",
    ]  # fmt: skip
    name, _ = name_topics([*texts, *VPN], labels(4, 3))
    assert fold(name.title) in {"parcel arrived late", "my parcel arrived late"}


def test_topics_with_nearly_the_same_phrase_have_different_titles() -> None:
    """Titles differ by more than a word's ending or the order of words."""
    texts = ["exchange rate", "the exchange rate today", "exchange rate of my card",
             "exchange rates", "the exchange rates", "exchange rates at weekends"]  # fmt: skip
    first, second = name_topics(texts, labels(3, 3))
    assert first.title == "Exchange rate"
    assert "weekends" in second.title


def test_a_title_is_not_in_capitals() -> None:
    """It is in lower case where a ticket has it so."""
    texts = ["MY PRINTER PAPER IS GONE", "PRINTER PAPER", "printer paper jam", "printer paper?"]
    (name,) = name_topics(texts, labels(4))
    assert name.title == "Printer paper"


def test_a_huge_topic_is_named_from_a_sample() -> None:
    """Its title is that of the whole topic, and found quickly."""
    many = [f"{text} {number}" for number in range(10_000) for text in PRINTER]
    name, _ = name_topics([*many, *VPN], labels(30_000, 3))
    assert "Office printer" in name.title


def test_a_repeated_ticket_does_not_name_its_topic() -> None:
    """The same text counts once, however often it was sent."""
    spam = ["Congratulations dear winner"] * 50
    name, _ = name_topics([*spam, *PRINTER, *VPN], labels(53, 3))
    assert name.title == "Office printer: various"


def test_no_tickets_have_no_names() -> None:
    """No tickets, or none in a topic, give no name; a topic without words has its number."""
    assert name_topics([], np.array([], dtype=np.int64)) == []
    assert name_topics(["a printer"], np.array([-1])) == []
    (name,) = name_topics(["?!", "…"], labels(2))
    assert (name.terms, name.title) == ((), "#1")


# Any characters, and ones from which words of several scripts are made.
SAID = st.text(max_size=60) | st.text("ab的打印机ノのกำรा'- .", max_size=40)


@example(rows=[("0/'0", 0)])
@example(rows=[("0''0", 0)])
@example(rows=[("ก '0", 0)])
@example(rows=[("", 0), ("Aก㐀", 0), ("Aข㐀", 0)])
@given(rows=st.lists(st.tuples(SAID, st.integers(-1, 4)), max_size=30))
def test_any_texts_give_names(rows: list[tuple[str, int]]) -> None:
    """One a topic, never empty, all different, and made of what was written or a number.

    Of one phrase, or of two terms, whatever their capitals.
    """
    texts, of = [text for text, _ in rows], np.array([one for _, one in rows], dtype=np.int64)
    names = name_topics(texts, of)
    assert len(names) == of.max(initial=-1) + 1
    assert len({fold(name.title) for name in names}) == len(names)
    for number, name in enumerate(names):
        assert name.title.strip()
        own = " ".join(" ".join(text.split()) for text, one in rows if one == number)
        title, said = name.title.casefold(), own.casefold()
        unnumbered = re.sub(r" \d+$", "", title)
        parts = re.split(r": | (?:and|und|y) ", without_various(unnumbered))
        is_written = title in said or all(part in said for part in parts)
        assert is_written or name.title.startswith("#")
        assert all(term in own for term in name.terms)


def test_titles_of_the_sample_company_share_words_with_their_tickets(company: Company) -> None:
    """With real vectors, a title shares a word with most of the topic's own tickets."""
    texts = company.texts
    found = cluster(company.vectors)
    names = name_topics(texts, found.labels)
    own, other = [], []
    for topic, name in enumerate(names):
        words = set(fold(name.title).split())
        has_title_word = [bool(words & set(fold(text).split())) for text in texts]
        own.append(np.mean(np.array(has_title_word)[found.labels == topic]))
        other.append(np.mean(np.array(has_title_word)[found.labels != topic]))
    assert np.mean(own) > 0.5
    assert np.mean(own) > 2 * np.mean(other)


def test_topics_with_the_same_texts_are_numbered() -> None:
    """Topics get a number where their tickets differ only by numbers."""
    names = name_topics([f"vpn down {number}" for number in range(12)], labels(4, 4, 4))
    assert [name.title for name in names] == ["Vpn down", "Vpn down 2", "Vpn down 3"]


def test_a_title_has_no_unpaired_quotation_mark() -> None:
    """A title has a quotation whole, with both marks, or nothing of it; an apostrophe stays."""
    texts = [f"AnyConnect hangs at 'connecting to gateway' on my {one}" for one in "ABCDEF"]
    (name,) = name_topics(texts, labels(6))
    assert name.title in texts[0]
    assert name.title.count("'") in {0, 2}
    (name,) = name_topics([f"the button 'Save' vanished {one}" for one in "ABC"], labels(3))
    assert name.title == "Button 'Save' vanished"
    (name,) = name_topics(["our customers' invoices vanished"] * 3, labels(3))
    assert "customers' invoices" in name.title


def test_a_quoted_number_of_a_single_ticket_leaves_no_marks() -> None:
    """The number is left out with the marks around it."""
    (name,) = name_topics([f"Invoice '{4711 + n}' was paid twice" for n in range(5)], labels(5))
    assert name.title == "Invoice was paid twice"
