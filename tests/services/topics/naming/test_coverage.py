"""A name fits most of its tickets: where no phrase does, a thing that they share is the name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.text.words.function_words import Language
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics
from tests.services.topics.naming.calendar_topic import CALENDAR, OTHERS, name_of
from tests.services.topics.naming.examples import labels


def test_a_thing_that_all_share_is_the_name_where_no_phrase_fits_most() -> None:
    """Each phrase is near enough to the tickets, but says what only its own ticket says."""
    assert name_of(CALENDAR).title == "Calendar: various"


def test_a_phrase_that_fits_most_tickets_is_the_name() -> None:
    """It means what the others say in other words."""
    near = {"does the calendar work offline": 0.9}
    assert name_of(CALENDAR, near).title == "Does the calendar work offline?"


def test_a_phrase_that_is_little_of_a_name_gives_way_to_what_is_shared() -> None:
    """It fits all tickets by its words, but is not near to them, and is not well put."""
    texts = [
        "Calendar when I open", "Calendar entries vanish when I open it",
        "Calendar prints nothing when I open it", "When I open the calendar lamp hums",
        "Calendar when I open it in a train", "Calendar is French when I open it",
    ]  # fmt: skip
    assert name_of(texts, usual=0.55).title == "Calendar: various"
    assert name_of(texts, usual=0.62).title == "Calendar when I open"


def test_few_tickets_keep_the_words_of_one() -> None:
    """Of four tickets half may say the same."""
    assert ": various" not in name_of(CALENDAR[:4]).title


def test_a_thing_may_be_meant_in_other_words() -> None:
    """It names the tickets that mean it, though few say it."""
    texts = [
        "Bread for breakfast is hard to find",
        "Gluten makes a neighbour ill",
        "I need a bread machine",
        "Where are sugar, flour and yeast sold?",
        "Wheat prices went up again",
        "Decent fruit costs a fortune",
    ]
    assert name_of(texts, {"bread machine": 0.52}, 0.4).title != "Bread machine: various"
    cosines = {"bread machine": 0.52, "gluten makes a neighbour ill": 0.56}
    assert name_of(texts, cosines, 0.4).title == "Bread machine: various"


TWO_THINGS = {
    "Invoice and scanner: various": [
        "Invoice shows a wrong address", "Print an invoice for March", "An invoice in French",
        "Scanner smells of smoke", "The scanner is too slow", "Buy another scanner for us",
    ],
    "Rechnung und Scanner: Verschiedenes": [
        "Die Rechnung zeigt eine falsche Adresse", "Die Rechnung für März drucken",
        "Eine Rechnung auf Französisch", "Der Scanner riecht nach Rauch",
        "Der Scanner ist zu langsam", "Noch einen Scanner für uns kaufen",
    ],
    "Parkplatz und Schranke: Verschiedenes": [
        "Fremder Lieferwagen steht auf dem reservierten Parkplatz", "Die Schranke bleibt unten",
        "Klebriges Harz tropft auf den reservierten Parkplatz", "Die Schranke quietscht laut",
        "Kollegin tauscht den reservierten Parkplatz", "Noch eine Schranke für uns kaufen",
    ],
    "Carport und Schranke: Verschiedenes": [
        "Fremder Lieferwagen steht auf dem reservierten überdachten Carport",
        "Klebriges Harz tropft auf den reservierten überdachten Carport",
        "Kollegin tauscht den reservierten überdachten Carport", "Die Schranke bleibt unten",
        "Die Schranke quietscht laut", "Noch eine Schranke für uns kaufen",
    ],
    "Escáner y factura: varios": [
        "La factura muestra otra dirección", "Imprimir la factura de marzo",
        "Una factura en francés", "El escáner huele a humo", "El escáner es muy lento",
        "Comprar otro escáner para nosotros",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("title", "texts"), TWO_THINGS.items())
def test_two_things_name_a_topic_of_which_neither_fits_most(
    title: str, texts: Sequence[str]
) -> None:
    """Half of the tickets are about one thing, and half about the other."""
    rooms = ("A", "B", "C", "D", "E", "F", "G", "H", "J")
    others = [*OTHERS, *(f"Die Lampe in {one} flackert nicht" for one in rooms)]
    others += [f"La lámpara de la sala {one} no parpadea" for one in rooms]
    rows = np.zeros((len(texts) + len(others), 20), dtype=np.float32)
    rows[: len(texts), 0] = rows[len(texts) :, 1] = 1

    def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
        made = np.zeros((len(phrases), 20), dtype=np.float32)
        for at, one in enumerate(phrases):
            # Things say less than sentences, and each something else.
            near = 0.56 if one.count(" ") > 2 else 0.2
            made[at, [0, 2 + at % 18]] = near, np.sqrt(1 - near**2)
        return made

    of = labels(len(texts), 12, 12, 9, 9)
    name, *_ = name_topics([*texts, *others], of, Meanings(rows, encode))
    assert name.title == title


MACHINES = {
    "How to turn off the machine": [
        "Shortcut on a keyboard for turning the machine off", "The machine does not turn off",
        "How to turn off the machine at midnight", "Turn the machine off from the command line",
        "Turn off the machine when everybody is away", "The machine turns off by itself",
    ],
    "Wie man die Maschine ausschaltet": [
        "Mit welchem Tastenkürzel schaltet man die Maschine aus", "Die Maschine ausschalten",
        "Wie man die Maschine ausschaltet", "Maschine um Mitternacht ausschalten",
        "Die Maschine schaltet nicht aus", "Maschine ausschalten, wenn alle weg sind",
    ],
    "Cómo apagar la máquina": [
        "Con qué atajo del teclado se apaga la máquina", "La máquina no se apaga",
        "Cómo apagar la máquina", "Apagar la máquina a medianoche",
        "Apagar la máquina cuando todos se han ido", "La máquina se apaga sola",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("title", "texts"), MACHINES.items())
def test_a_phrase_that_suits_all_is_taken_before_a_nearer_one_that_is_special(
    title: str, texts: Sequence[str]
) -> None:
    """The nearest phrase has details of its own ticket."""
    cosines = {texts[0].casefold(): 0.62, title.casefold(): 0.61}
    assert name_of(texts, cosines, 0.4).title == title


def test_words_of_few_tickets_that_all_topics_have_are_no_details() -> None:
    """ "Usage" and "rules" say nothing that would be wrong of the others."""
    texts = [
        "Rules for the usage of brackets", "Bracket within a bracket", "A space before a bracket?",
        "Full stop after the bracket", "Brackets or commas?", "May a bracket be nested?",
    ]  # fmt: skip
    cosines = {texts[0].casefold(): 0.62}
    assert name_of(texts, cosines).title != texts[0]
    rules = ["Rules for the usage of a lamp"] * 12
    assert name_of(texts, cosines, others=rules).title == texts[0]


def test_few_tickets_that_share_neither_a_matter_nor_a_thing_are_no_topic() -> None:
    """Unlike two or three that say one matter in two ways."""
    texts = ["Bicycle stands rust", "Nobody waters a plant", "Coffee tastes of soap"]
    assert not name_of(texts, usual=0.48).is_telling
    assert name_of(texts, usual=0.6).is_telling


def test_tickets_that_share_neither_a_matter_nor_a_thing_are_no_topic() -> None:
    """One phrase is near to their centre, but fits none of them."""
    texts = [
        "Bicycle stands rust", "Nobody waters a plant", "Coffee tastes of soap", "Lifts smell",
        "Windows whistle", "Carpets curl",
    ]  # fmt: skip
    rows = np.zeros((6 + len(OTHERS), 8), dtype=np.float32)
    rows[np.arange(6), np.arange(6)] = rows[6:, 7] = 1

    def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
        made = np.tile(rows[:6].sum(axis=0), (len(phrases), 1))
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)

    name, *_ = name_topics([*texts, *OTHERS], labels(6, 12, 12), Meanings(rows, encode))
    assert not name.is_telling


def test_what_is_no_topic_takes_no_name_from_another() -> None:
    """The best name is left to the topic that is one."""
    texts = ["Is it correct?", "How odd, why?", "The word."]
    same = ["The word is odd"] * 3
    names = name_topics([*texts, *same], labels(3, 3))
    assert not names[0].is_telling
    assert names[1].title == "Word is odd"


GERMAN = ["Der Drucker druckt nicht", "Der Drucker ist kaputt", "Warum druckt der Drucker nicht?"]
ENGLISH = ["The printer does not print", "My printer is broken"]


def _mixed(spoken: Language | None, texts: Sequence[str]) -> TopicName:
    languages: list[Language | None] = [*[spoken] * len(texts), *[None] * len(OTHERS)]
    of = labels(len(texts), 12, 12)
    return name_topics([*texts, *OTHERS], of, spoken=languages)[0]


def test_a_topic_of_several_languages_is_named_in_that_of_its_channel() -> None:
    """If a ticket is in it; otherwise, and without a channel, in that of most tickets."""
    cases: list[tuple[Language | None, Language]] = [
        ("de", "de"), ("en", "en"), ("es", "de"), (None, "de"),
    ]  # fmt: skip
    for spoken, expected in cases:
        name = _mixed(spoken, [*GERMAN, *ENGLISH])
        assert name.language == expected
        assert ("print" in name.title) == (expected == "en")


def test_a_topic_of_one_language_is_named_in_it_whatever_its_channel_speaks() -> None:
    """Three of four tickets are most of them."""
    assert _mixed("en", [*GERMAN, ENGLISH[0]]).language == "de"


def test_names_that_differ_by_articles_alone_are_one() -> None:
    """The second topic gets another name."""
    first = ["Block my card", "Please block my card", "I want to block my card"]
    second = ["Block the card", "Please block the card", "Block the card of an employee, please"]
    one, two = (name.title for name in name_topics([*first, *second], labels(3, 3)))
    assert one == "Block my card"
    assert two != "Block the card"


def test_a_heading_is_a_line_whatever_marks_are_in_it() -> None:
    """What stands below it, in a form, is no name, though all tickets have it."""
    form = "\nSteps:\nOpen the help pages with a new profile"
    texts = [f"{page}_help: Wrong links{form}" for page in ("mail", "news", "page", "site")]
    assert "profile" not in name_of(texts, usual=0.9).title


def test_capitals_are_no_shouting_in_a_name() -> None:
    """A name is written as others write it."""
    texts = ["FAMILY VISA IS REJECTED", "FAMILY VISA IS REJECTED", "family visa is rejected"]
    assert name_of(texts, usual=0.9).title == "Family visa is rejected"
    shouted = {
        "WHAT CAN I DO ABOUT MY VISA?": "What can I do about my visa?",
        "CUANDO ABRE LA OFICINA DE VISADOS?": "¿Cuando abre la oficina de visados?",
    }
    for text, title in shouted.items():
        assert name_of([text] * 3, usual=0.9).title == title


def test_a_name_is_not_cut_after_a_word_that_begins_a_clause() -> None:
    """Nor within a quotation, which inches are not, nor is it what leads to the lines below."""
    texts = [
        "The problem is that GCC (or a compiler) is fussy",
        "The problem is that GCC (or a linker) is fussy",
        "GCC is fussy",
    ]
    assert name_of(texts, usual=0.9).title == "GCC is fussy"
    texts = [
        "El problema es que Outlook (o un complemento) falla",
        "El problema es que Outlook (o una macro) falla",
        "Outlook falla",
    ]
    assert "problema" not in name_of(texts, usual=0.9).title.lower()
    texts = [
        "Satzung of 'Brisk e. V. \"Linden\"' is empty", "Satzung is empty", "The satzung is empty",
    ]  # fmt: skip
    assert name_of(texts, usual=0.9).title == "Satzung is empty"
    texts = [f'{start} 27" monitor flickers' for start in ("The", "My", "Again the")]
    assert name_of(texts, usual=0.9).title == '27" monitor flickers'
    texts = [f"Sync hangs\nSteps to follow:\n{one} the app" for one in ("open", "close", "update")]
    assert name_of(texts, usual=0.9).title.startswith("Sync hangs")
