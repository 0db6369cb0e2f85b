"""Words of titles: no stop words at the ends, no greetings, no numbers of single tickets."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from services.text.words.folding import fold
from services.topics.naming.phrase_spans import MAX_WHOLE_WORDS
from services.topics.naming.titles import name_topics
from services.topics.naming.tokens import stop_word_languages
from services.topics.various import without_various
from tests.services.topics.naming.examples import labels


def test_question_words_begin_whole_questions_alone() -> None:
    """Question words begin no title but a whole question; an order does."""
    things = ["router", "laptop", "badge", "monitor", "headset", "scanner", "keyboard", "phone",
              "charger", "tablet", "projector", "camera", "stapler", "locker", "adapter", "cable",
              "trolley", "plotter", "microphone", "webcam"]  # fmt: skip
    asked = [("where is", "gone"), ("who took", "away"), ("where was", "left")]
    texts = [f"{ask} my {thing} {end}" for thing in things for ask, end in asked]
    texts += ["I want to order a pizza", "order pizza for lunch", "who can order pizza"]
    names = name_topics(texts, labels(*[3] * 21))
    whole = {fold(text) for text in texts}
    cut = [name.title for name in names if fold(name.title) not in whole]
    outer_words = {word for title in cut for word in (title.split()[0], title.split()[-1])}
    assert not outer_words & {"where", "who", "is", "was", "my"}
    assert "Order" in names[-1].title
    assert "pizza" in names[-1].title


def test_greetings_are_no_titles() -> None:
    """Neither are the words of a request."""
    texts = [
        "Hi team, please help, my laptop is broken", "hello team, laptop broken again, thanks",
        "Hello, can you help? My laptop is broken",
    ]  # fmt: skip
    (name,) = name_topics(texts, labels(3))
    assert fold(name.title) in {"laptop broken", "laptop is broken", "my laptop is broken"}


PLACES = ("home", "the train", "Berlin", "the hotel", "the airport")
VPN_FAILURES = (
    "I cannot connect to VPN from {}", "connect to VPN from {} fails", "Unable to connect to VPN",
    "How do I connect to VPN from {}?", "no way to connect to VPN at {}",
)  # fmt: skip


def test_a_title_does_not_end_in_the_middle_of_a_phrase() -> None:
    """A title ends neither with a preposition nor before an object that most tickets have."""
    vpn = [text.format(place) for text, place in zip(VPN_FAILURES, PLACES, strict=True)]
    sheets = ("paper", "labels", "sheets", "paper", "paper")
    printer = [f"The printer prints blank {sheet}" for sheet in sheets]
    badge = ["Badge not working", "my badge is not working", "Badge not working since Monday",
             "Why is my badge not working?"]  # fmt: skip
    names = name_topics([*vpn, *printer, *badge], labels(5, 5, 4))
    titles = [fold(name.title) for name in names]
    assert titles[0] == "no way to connect to vpn"
    assert titles[1].endswith("prints blank paper")
    assert titles[2] in {"badge not working", "badge is not working"}


def test_numbers_of_single_tickets_are_in_no_title() -> None:
    """A number that all tickets have stays, such as an error code or a product's number."""
    invoices = [f"Invoice {4711 + 37 * n} has the wrong amount" for n in range(6)]
    laptops = [f"Laptop PC-{100 + n} battery drains in {n} minutes" for n in range(6)]
    errors = [f"error 0x80070005 on floor {n} again, error 0x80070005" for n in range(6)]
    phones = [f"no mail on my iPhone 15 since {n} days" for n in range(6)]
    names = name_topics([*invoices, *laptops, *errors, *phones], labels(6, 6, 6, 6))
    words = [" ".join((name.title, *name.terms)) for name in names]
    assert not any(character.isdigit() for text in words[:2] for character in text)
    assert names[0].title == "Invoice has the wrong amount"
    assert "0x80070005" in names[2].title
    assert "iPhone 15" in names[3].title
    assert "iPhone 15" in names[3].terms


def test_phrases_of_many_topics_are_in_no_title() -> None:
    """Greetings, thanks and signatures are left out, although no stop word list has them."""
    subjects = ("printer jam", "parcel late", "vpn drops", "screen flickers", "invoice total")
    greetings = ("Hi folks", "Hello team", "Dear colleagues")
    outer_words = ("Any idea", "Urgent", "Kind regards, Anna")
    texts = [
        f"{greeting}, {subject}. {end}!"
        for subject in subjects
        for greeting, end in zip(greetings, outer_words, strict=True)
    ]
    names = name_topics(texts, labels(*[3] * 5))
    assert [name.title for name in names] == [one.capitalize() for one in subjects]
    words = {word for name in names for term in name.terms for word in fold(term).split()}
    assert not words & {"folks", "team", "colleagues", "idea", "urgent", "anna", "regards"}


def test_endings_of_most_topics_are_in_no_title() -> None:
    """Closing phrases are left out, even where no punctuation separates them."""
    subjects = (
        "Printer queue stuck",
        "Parcel is late",
        "VPN drops",
        "Screen flickers",
        "Door jams",
    )
    outer_words = ("please help", "this is urgent", "can somebody look at it", "Thanks", "again")
    texts = [f"{subject} {end}" for subject in subjects for end in outer_words]
    names = name_topics(texts, labels(*[len(outer_words)] * len(subjects)))
    words = {word for name in names for term in (name.title, *name.terms) for word in term.split()}
    assert not words & {"help", "urgent", "somebody", "look", "Thanks"}


def test_a_title_skips_the_numbers_of_single_tickets() -> None:
    """The words before and after such a number are one phrase."""
    paid = [f"Invoice {4711 + 37 * n} was paid twice" for n in range(6)]
    locked = [f"my account is locked after {n + 3} attempts" for n in range(6)]
    names = name_topics([*paid, *locked], labels(6, 6))
    assert [name.title for name in names] == [
        "Invoice was paid twice",
        "My account is locked",
    ]


def test_a_topic_with_one_distinctive_word_has_a_phrase_around_it() -> None:
    """The title is a phrase, as one word alone says little."""
    texts = [f"the wifi does not show up on my {one}" for one in ("HP", "Mac", "Dell", "Asus")]
    others = [
        f"{one} does not show up on my list" for one in ("order", "invoice", "parcel", "bill")
    ]
    (name, _) = name_topics([*texts, *others], labels(4, 4))
    assert name.title == "Wifi does not show up"


THINGS = st.sampled_from(["printer", "parcel", "VPN", "camera", "router", "badge"])
HAPPENS = st.sampled_from(["jammed", "flickers", "disconnects", "vanished", "overheats"])
AMID = st.sampled_from(["", "is", "in the", "from", "with a", "does not", "when I"])
TAILS = st.sampled_from(["", " from", " is", " with {}", " on floor {}", " again", " please {}"])


def test_a_topic_of_numbers_only_has_none_of_them() -> None:
    """Where tickets have nothing but numbers, the title has none of these."""
    (name,) = name_topics(["4711", "4712 and", "is 4713?"], labels(3))
    assert "471" not in name.title


JAMMED = ("", "printer", "", "jammed", "", 0)


@example(rows=[*[JAMMED] * 15, ("is", "printer", "", "jammed", "", 1)])
@example(rows=[*[JAMMED] * 15, ("", "printer", "", "jammed", " with {}", 1)])
@example(rows=[
    ("", "VPN", "", "jammed", " from", 0), ("", "VPN", "", "jammed", " from", 2),
    ("", "VPN", "when I", "jammed", " from", 1),
])  # fmt: skip
@example(rows=[
    ("", "badge", "does not", "flickers", "", 3), ("", "badge", "does not", "flickers", "", 2),
    ("", "badge", "does not", "flickers", " with {}", 3),
])  # fmt: skip
@example(rows=[
    ("", "parcel", "is", "flickers", "", 3), ("", "parcel", "is", "flickers", "", 0),
    ("is", "parcel", "is", "flickers", "", 1),
])  # fmt: skip
@given(
    rows=st.lists(
        st.tuples(AMID, THINGS, AMID, HAPPENS, TAILS, st.integers(0, 3)), min_size=4, max_size=24
    )
)
def test_titles_have_words_that_tell_something_and_no_number_of_one_ticket(
    rows: list[tuple[str, str, str, str, str, int]],
) -> None:
    """For any tickets, titles have no stop words at their ends and at most ten words.

    A whole sentence begins as it does.
    """
    texts = [
        f"{before} {thing} {link} {event}{tail.format(1000 + number)}"
        for number, (before, thing, link, event, tail, _) in enumerate(rows)
    ]
    of = np.array([topic for *_, topic in rows], dtype=np.int64)
    stop_words = stop_word_languages()
    names = name_topics(texts, of)
    titles = {fold(name.title) for name in names}
    for topic, name in enumerate(names):
        own_texts = [
            " ".join(fold(text).split())
            for text, one in zip(texts, of, strict=True)
            if one == topic
        ]
        if not own_texts:
            continue
        words = without_various(fold(name.title)).split()
        is_whole = any(text.startswith(" ".join(words)) for text in own_texts)
        assert is_whole or "en" not in stop_words.get(words[0], ())
        is_end_of_a_ticket = any(text.endswith(words[-1]) for text in own_texts)
        assert is_end_of_a_ticket or "en" not in stop_words.get(words[-1], ())
        is_numbered = " ".join(words[:-1]) in titles
        assert len(own_texts) == 1 or is_numbered or not any(word.isdigit() for word in words)
        assert len(words) <= MAX_WHOLE_WORDS
