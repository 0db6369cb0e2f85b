"""Near-exact: what is one thing said twice, and what only looks so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.items import ItemKind
from services.judgement.near_exact import (
    MIN_SIMILARITY,
    ONE_MORE_SIMILARITY,
    is_near_exact,
)
from services.judgement.normalised_text import normalise, say_enough

kinds = st.sampled_from(["ticket", "product"])
similarities = st.floats(min_value=-1.0, max_value=1.0, width=32)
texts = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["not", "can't", "cannot", "I", "you", "how", "can", "turn", "lights", "off", "C++",
             "2.4.1", "5", "$", "Hello,", "please", "top-up", "top up", "ＶＰＮ", "プリンター"]
        ),
        max_size=10,
    ).map(" ".join),
)  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("The printer prints blank pages!", "the printer prints blank pages"),
        ("the printer prints blank pages", "Hello, our printer prints blank pages again"),
        ("Why was my card payment reverted?", "Can you tell me why my card payment was reverted"),
        ("How do I change my billing address?", "how can I change the billing address"),
        ("Which cards and currencies do you support?", "What cards and currencies do you support"),
        ("I'd like to update my email address", "I want to update my e-mail address, please"),
        ("Is there a limit for top-ups?", "Is there a limit for top ups"),
        ("I can't verify my identity", "I cannot verify my identity"),
        ("The app doesn’t open any PDF", "the app does not open any PDF"),
        ("please turn off the bedroom lights", "turn the bedroom lights off"),
        ("are the covid tests accurate", "is the covid test accurate"),
        ("why did my my transfer get declined", "why was my transfer declined"),
        ("Wie ändere ich meine Adresse im Portal?", "wie andere ich meine adresse im portal"),
        ("VPN down", "the VPN is down!"),
        ("what is a monitor", "What is a monitor?"),
        ("We sit in the Berlin office now", "we sit at the Berlin office now"),
        ("Hide tasks which depend on others", "hide tasks that depend on others"),
        ("The scanner prints grey stripes", "the scanner is printing a grey stripe"),
        ("Is there a way to mute the alarm?", "How can I mute the alarm?"),
        ("Is it possible to export the report?", "Can I export the report"),
        ("Hi Anna, the coffee machine leaks oil", "Hey Tom, the coffee machine leaks oil"),
        ("The coffee machine leaks oil. Thanks, Anna", "The coffee machine leaks oil. Cheers Tom"),
        ("Die Heizung im Büro ist kaputt", "die heizung in unserem büro ist kaputt"),
        ("Gibt es eine Möglichkeit, Aufgaben zu sortieren?", "Wie kann ich Aufgaben sortieren?"),
        ("La impresora de la oficina no imprime", "la impresora en nuestra oficina no imprime"),
        ("¿Hay alguna forma de ordenar las tareas?", "¿Cómo puedo ordenar las tareas?"),
        ("打印机无法连接", "打印机无法连接。"),
        (" ".join(f"w{n}x" for n in range(300)), " ".join(f"W{n}X" for n in range(300))),
    ],
)
def test_the_same_words_are_the_same_ticket(ours: str, theirs: str) -> None:
    """Greetings, articles, auxiliaries, short forms, plurals and spelling make no other ticket."""
    assert is_near_exact(ours, theirs, MIN_SIMILARITY)
    assert is_near_exact(theirs, ours, MIN_SIMILARITY)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("I can log in with my badge", "I cannot log in with my badge"),
        ("I can log in with my badge", "I can't log in with my badge"),
        ("the new invoice was paid in full", "the new invoice was never paid in full"),
        ("Der Drucker druckt heute", "Der Drucker druckt heute nicht"),
        ("Where can I buy team shares?", "Where can I sell team shares?"),
        ("transfer files from Mac to Windows", "transfer files from Windows to Mac"),
        ("the client crashed the server", "the server crashed the client"),
        ("Can I call you about the invoice tomorrow", "Can you call me about the invoice tomorrow"),
        ("meeting with John was cancelled today", "meeting with Jack was cancelled today"),
        ("the display in Berlin is broken", "the display in Munich is broken"),
        ("the VPN disconnects every hour", "the VPN disconnects every minute"),
        ("the printer on the second floor is broken", "the printer on the third floor is broken"),
        ("login fails with error 502", "login fails with error 504"),
        ("invoice 4711 is missing", "invoice 4712 is missing"),
        ("invoice 4711 is missing", "the invoice is missing"),
        ("crash since version 2.41", "crash since version 24.1"),
        ("the amounts 1 23 are wrong", "the amounts 12 3 are wrong"),
        ("install the C++ compiler here", "install the C# compiler here"),
        ("the charge is $5 per seat", "the charge is €5 per seat"),
        ("set the offset to -3 degrees", "set the offset to 3 degrees"),
        ("all users see the old page", "some users see the old page"),
        ("will the shop open today", "should the shop open today"),
        ("Can I export the report?", "How can I export the report?"),
        ("my first plan is too slow", "my plan is too slow"),
        ("my plan b subscription is slow", "my plan a subscription is slow"),
        ("Windows update fails", "Window update fails"),
        ("what is a covid", "what does covid do"),
        ("Hi, can you help me please?", "Hi, can you help me please?"),
        ("VPN", "vpn!"),
        ("Please log in to the portal", "Please log out of the portal"),
        ("the lights in room two are on", "the lights in room two are off"),
        ("money sent from my account", "money sent to my account"),
        ("back up before the update", "back up after the update"),
        ("Der Zug fährt nach Bonn und hält", "Der Zug fährt von Bonn und hält"),
        ("Die Lampe im Flur ist an", "Die Lampe im Flur ist aus"),
        ("La luz del pasillo con sensor", "La luz del pasillo sin sensor"),
        ("", ""),
        ("?!", "?!"),
    ],
)
def test_what_matters_makes_another_ticket(ours: str, theirs: str) -> None:
    """Denials, names, places, order, roles, figures, signs and too few words forbid it at once."""
    assert not is_near_exact(ours, theirs, 1.0)
    assert not is_near_exact(theirs, ours, 1.0)


def test_a_long_text_is_the_same_only_word_for_word() -> None:
    """Reports of one template differ in the one word that matters, and are never called."""
    template = "steps to reproduce open the page and wait expected result the menu is shown "
    ours, theirs = template + "actual result blank page", template + "actual result broken page"
    assert is_near_exact(ours, ours, 1.0)
    assert not is_near_exact(ours, theirs, 0.999)
    assert not is_near_exact(ours, f"{ours} sometimes", 0.999)


@pytest.mark.parametrize(
    ("more", "called"),
    [
        ("What is the minimum age to open an account", True),
        ("What is the age to open an account from abroad", False),
        ("What is the age to open an account 2", False),
        ("What is not the age to open an account", False),
    ],
)
def test_one_word_more_needs_more_likeness(more: str, called: bool) -> None:
    """A word that adds nothing may be more where the cosine says so; one that decides never."""
    text = "What is the age to open an account"
    assert is_near_exact(text, more, ONE_MORE_SIMILARITY) is called
    assert not is_near_exact(text, more, ONE_MORE_SIMILARITY - 0.01)


@pytest.mark.parametrize(
    ("ours", "theirs", "called"),
    [
        ("Sony Turntable PS-LX350H", "sony turntable ps-lx350h", True),
        ("screensaver deluxe 2.0", "screen saver deluxe 2.0", True),
        ("adobe premiere elements 3.0", "adobe premiere elements 3.0 upgrade", False),
        ("adobe after effects cs3", "adobe cs3 after effects", False),
        ("the sims 2", "sims 2", False),
        ("watch 5391-STP-00308", "watch 5391-ST-00308", False),
        ("C++ builder", "C builder", False),
        ("…", "…", False),
    ],
)
def test_products_are_the_same_word_for_word(ours: str, theirs: str, called: bool) -> None:
    """A name with another word, order, code or sign is another product; spelling is not."""
    assert is_near_exact(ours, theirs, 0.99, "product") is called
    assert is_near_exact(theirs, ours, 0.99, "product") is called


@given(texts, texts, similarities, kinds)
def test_it_does_not_matter_which_came_first(
    ours: str, theirs: str, similarity: float, kind: ItemKind
) -> None:
    """The rule is symmetric."""
    there = is_near_exact(ours, theirs, similarity, kind)
    assert there is is_near_exact(theirs, ours, similarity, kind)


@given(texts)
def test_a_text_that_says_enough_is_itself(text: str) -> None:
    """The rule is reflexive for texts that say enough, and for no others."""
    said = normalise(text)
    assert is_near_exact(text, text, 1.0) is say_enough(said, said)


@given(texts, texts, kinds)
def test_what_is_not_alike_is_never_called(ours: str, theirs: str, kind: ItemKind) -> None:
    """Below the least cosine the same words are something else, and nothing is called."""
    assert not is_near_exact(ours, theirs, MIN_SIMILARITY - 0.001, kind)


@given(texts, texts, similarities, similarities, kinds)
def test_more_alike_is_never_called_less(
    ours: str, theirs: str, one: float, other: float, kind: ItemKind
) -> None:
    """What is called at a cosine is called at every higher one."""
    low, high = sorted((one, other))
    if is_near_exact(ours, theirs, low, kind):
        assert is_near_exact(ours, theirs, high, kind)


def test_a_huge_text_is_read() -> None:
    """A log of 60,000 characters is read once, whatever it repeats."""
    for piece in ("can't ", "i would like to ", "could you ", "a'", "c++", "thanks "):
        text = piece * (60_000 // len(piece))
        said = normalise(text)
        assert is_near_exact(text, text, 1.0) is say_enough(said, said)
