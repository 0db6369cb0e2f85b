"""Names say what the tickets of a topic share, and not what one of them fills a place with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics
from tests.hashing import HashingEmbedder
from tests.services.topics.naming.examples import PRINTER, VPN, labels

# Of other matters, so that words of single topics stand out.
OTHERS = [*VPN, "The lamp flickers.", "A lamp is broken.", "Lamp flickers at night"]


def _name(texts: list[str], others: Sequence[str] = OTHERS) -> TopicName:
    embedder = HashingEmbedder()
    tickets = [*texts, *others]
    meanings = Meanings(embedder.encode(tickets), embedder.encode)
    name, *_ = name_topics(tickets, labels(len(texts), 3, 3), meanings)
    return name


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (
            [
                "How to install a Corvo scanner", "Install my Linden scanner",
                "How do I install the Brisk scanner?", "Where do I get a scanner?",
            ],
            {"How to install a scanner", "Install the scanner", "How do I install the scanner?"},
        ),
        (
            [
                "How do I upgrade Juno 4.1 to 4.2?", "Upgrading to Juno 4.2 from Juno 4.1",
                "How to upgrade Juno 3.9", "Juno upgrade fails",
            ],
            {"Upgrade Juno", "How do I upgrade Juno?", "Upgrading to Juno"},
        ),
        (
            [
                "Freeze my travel policy", "I want to freeze my savings policy",
                "How do I freeze a policy?", "please freeze my policy",
            ],
            {"Freeze my policy", "How do I freeze a policy?", "I want to freeze my policy"},
        ),
        (
            [
                "Badge of the Leeds office does not open the door",
                "Badge does not open the door in Oslo",
                "My badge does not open the door of the garage", "Badge does not open the door",
            ],
            {"Badge does not open the door"},
        ),
    ],
)  # fmt: skip
def test_a_name_lacks_what_few_tickets_have(texts: list[str], names: set[str]) -> None:
    """Kinds, brands, versions and places of single tickets are left out of English names."""
    assert _name(texts).title in names


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (
            [
                "Wie kündige ich mein Girokonto?", "Ich möchte mein Sparkonto kündigen",
                "Wie kündige ich mein Konto?", "Bitte mein Depotkonto kündigen, danke",
            ],
            {"Wie kündige ich mein Konto?", "Konto kündigen", "Ich möchte mein Konto kündigen"},
        ),
        (
            [
                "Wie installiere ich den neuen Scanner in Halle 3?",
                "Ich möchte den Scanner von Linden installieren",
                "Wie installiere ich den Scanner von Corvo?",
                "Wie kann ich den Scanner installieren?",
            ],
            {"Wie installiere ich den Scanner?", "Wie kann ich den Scanner installieren?"},
        ),
        (
            [
                "¿Cómo instalo el escáner Corvo?", "¿Cómo instalo el escáner Linden en Lugo?",
                "No puedo instalar el escáner", "Quiero instalar el escáner de mi padre",
            ],
            {"¿Cómo instalo el escáner?", "Instalar el escáner"},
        ),
        (
            [
                "La tarjeta de la sede de Vigo no abre la puerta",
                "Mi tarjeta no abre la puerta del garaje", "La tarjeta no abre la puerta",
            ],
            {"Tarjeta no abre la puerta", "Mi tarjeta no abre la puerta"},
        ),
    ],
)  # fmt: skip
def test_a_name_lacks_it_in_german_and_spanish(texts: list[str], names: set[str]) -> None:
    """Parts, adjectives and the first part of a German compound; articles and endings fit."""
    assert _name(texts).title in names


def _named_by(texts: list[str], cosines: dict[str, float]) -> str:
    """Return the name of tickets that all mean the same, by the cosine of phrases to them."""
    rows = np.zeros((len(texts) + len(OTHERS), 2), dtype=np.float32)
    rows[: len(texts), 0] = 1
    rows[len(texts) :, 1] = 1

    def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
        near = np.array([cosines.get(one.rstrip("?"), 0.1) for one in phrases], np.float32)
        return np.stack([near, np.sqrt(1 - near**2)], axis=1)

    meanings = Meanings(rows, encode)
    return name_topics([*texts, *OTHERS], labels(len(texts), 3, 3), meanings)[0].title


PLUGS = [
    "UK customer received the hub with a European plug", "hub came with a continental adapter",
    "the hub has the wrong plug for Britain", "hub with a plug for other sockets",
]  # fmt: skip


def test_words_that_others_say_in_other_words_stay() -> None:
    """What makes a phrase less near to the tickets was no detail of one ticket."""
    whole, less = PLUGS[0], "UK customer received the hub with a plug"
    assert _named_by(PLUGS, {whole: 0.9, less: 0.8}) == whole
    assert _named_by(PLUGS, {whole: 0.9, less: 0.9}) == less


@pytest.mark.parametrize(
    ("texts", "cut"),
    [
        (
            ["I need to wire five hundred dollars", "wire some dollars", "wire my dollars"],
            "wire dollars",
        ),
        (
            ["Is the homework of week 4 due?", "homework of the week", "homework, every week"],
            "Is the homework of week due",
        ),
        (
            ['The tile says "lost at the sea"', "the tile says nothing", "a tile that says much"],
            "tile says lost",
        ),
        (
            ["the gateway drops the wifi", "a drop of wifi at the gateway", "gateway and wifi"],
            "gateway the wifi",
        ),
        (
            ["How does leave differ from the holidays?", "leave and a differing rule", "the leave"],
            "How does leave differ",
        ),
    ],
)
def test_what_is_no_detail_stays(texts: list[str], cut: str) -> None:
    """Numbers that count something, "week 4", quotations, and verbs with what they need."""
    assert _named_by(texts, {cut: 0.99}) != cut


def test_an_address_of_some_tickets_is_no_label() -> None:
    """What stands after it is the name: "www.corvo.example - Menu is broken" is about the menu."""
    texts = [
        "www.corvo.example - Menu is broken", "www.corvo.example - Menu is broken. No colours.",
        "www.linden.example - Menu is broken", "www.brisk.example - The menu is broken",
        "www.ivo.example - Menu is broken",
    ]  # fmt: skip
    assert _name(texts).title == "Menu is broken"


@pytest.mark.parametrize(
    ("article", "thing"),
    [
        ("a", "tablet"), ("a", "uniform"), ("a", "USB stick"), ("a", "SIM card"), ("a", "used car"),
        ("an", "SSD drive"), ("an", "MFA token"), ("an", "uninstaller"), ("an", "hourly pass"),
        ("an", "unusual seat"), ("a", "usual seat"), ("an", "8-port switch"),
        ("an", "S3 bucket"),
    ],
)  # fmt: skip
def test_articles_fit_what_follows_them_now(article: str, thing: str) -> None:
    """By its sound, however it begins."""
    texts = [f"Order {one} {thing}" for one in ("a Corvo", "an Oslo", "an Ivo", "a Linden")]
    assert _name(texts).title == f"Order {article} {thing}"


def test_a_name_has_words_of_the_tickets_alone() -> None:
    """Also where an article was added, so that readers of the tickets may read the name."""
    texts = ["install Ivo unit", "install Corvo unit", "install my unit", "unit: install an item"]
    assert set(_name(texts).title.casefold().split()) <= set(" ".join(texts).split())


def test_a_thing_of_which_all_say_something_else_is_the_name() -> None:
    """Of five tickets and more, where the best phrase is near to few of them."""
    texts = [
        "Kestrel costs", "Is the free plan of Kestrel enough?", "Kestrel on an old laptop",
        "Upload of the homework into Kestrel", "Kestrel: who answers?", "Kestrel password lost",
    ]  # fmt: skip
    assert _name(texts).title == "Kestrel: various"


def test_a_topic_of_two_languages_is_named_in_that_of_most_tickets() -> None:
    """If as many are in one as in the other, in the language of most tickets of all topics."""
    both = ["Der Drucker druckt nicht.", "The printer does not print."]
    german = ["Die Lampe ist kaputt.", "Eine Lampe flackert in der Nacht.", "Wo ist die Lampe?"]
    assert _name(both, [*german, *german]).language == "de"
    assert _name(both, [*VPN, *PRINTER]).language == "en"
    assert _name([*both, "Der Drucker ist laut."], [*VPN, *PRINTER]).language == "de"


def test_tickets_without_function_words_are_in_the_language_of_the_others() -> None:
    """Short reports ("Drucker defekt") make no German topic an English one."""
    texts = ["Drucker defekt", "Drucker kaputt", "Drucker defekt?", "Der Drucker ist defekt."]
    assert _name(texts).language == "de"
