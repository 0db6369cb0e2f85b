"""Messages that state a matter in whatever words, and talk that names things in passing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import corpus
from benchmarks.fit_matter import MESSAGES, fit, read_messages, talk_and_tickets
from benchmarks.talk import FIELD, LANGUAGES
from services.text.slack.markup import clean_slack
from services.text.small_talk.matter import Weights, probability, states_matter

# At least this share of talk is dropped, and at most this one of tickets is lost.
MIN_DROPPED, MAX_LOST = 0.93, 0.03
# Of talk that names things in passing, written by people who had not seen what was learned from.
MIN_DROPPED_IN_PASSING = 0.75
# Of short tickets in words that the lists know, such as "it counts backwards".
MAX_LOST_OF_EVERYDAY = 0.05
# Of short tickets that a support team may get on any day.
MAX_LOST_OF_SHORT = 0.08
# Of the questions of a public set that was not learned from.
MAX_LOST_OF_SET = 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_that_were_not_learned_from(language: str) -> None:
    """Most talk is dropped, whatever it names; hardly a ticket is lost."""
    talk, tickets = talk_and_tickets(MESSAGES / "unseen", language)
    assert len(talk) > 100
    assert len(tickets) > 100
    assert _share_of_talk(talk) >= MIN_DROPPED_IN_PASSING
    assert _share_of_talk(tickets) <= MAX_LOST


@pytest.mark.parametrize("language", LANGUAGES)
def test_everyday_tickets_in_plain_words(language: str) -> None:
    """Few are lost, although hardly a word of theirs says anything by itself."""
    messages = [text for text, _ in read_messages(MESSAGES / "everyday", language)]
    assert len(messages) > 80
    assert _share_of_talk(messages) <= MAX_LOST_OF_EVERYDAY


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_messages(language: str) -> None:
    """Tickets of any day beside what is said around them, in a few words each."""
    talk, tickets = talk_and_tickets(MESSAGES / "short", language)
    assert len(talk) > 50
    assert len(tickets) > 50
    assert _share_of_talk(talk) >= MIN_DROPPED
    assert _share_of_talk(tickets) <= MAX_LOST_OF_SHORT


@pytest.mark.skipif(not FIELD.exists(), reason="the field's files are not there")
@pytest.mark.parametrize("language", LANGUAGES)
def test_talk_of_the_field(language: str) -> None:
    """Messages that somebody else wrote."""
    rows = [json.loads(line) for line in FIELD.read_text("utf-8").splitlines()]
    of_class = {
        name: [row["text"] for row in rows if (row["lang"], row["class"]) == (language, name)]
        for name in ("talk", "ticket")
    }
    assert _share_of_talk(of_class["talk"]) >= MIN_DROPPED
    assert _share_of_talk(of_class["ticket"]) <= MAX_LOST


@pytest.mark.skipif(not corpus.has_data(), reason="the public sets are not there")
@pytest.mark.parametrize("name", ["dstc11_banking", "askubuntu_webapps_intents", "dtc_faq"])
def test_real_questions_are_kept(name: str) -> None:
    """Of sets that were not learned from."""
    rows = [row for row in corpus.read(name) if corpus.text_of(row)]
    texts = [f"{row.get('title') or ''}\n{row['text']}" for row in rows]
    assert _share_of_talk(texts) <= MAX_LOST_OF_SET


EVERYDAY = [
    "how do I take a comment back?", "my desk lamp buzzes all day", "hi, wifi is down, thanks!",
    "morning, is sap down for anyone?", "F-73", "tax form?", "the ceiling drips onto my chair",
    "the door to the archive jams again", "two people were given the same seat",
    "wie ziehe ich meinen Antrag zurück?", "die Tür zum Archiv klemmt schon wieder",
    "moin, geht citrix bei euch?", "in Raum zwölf tropft es von der Decke", "Quittung doppelt",
    "¿cómo retiro un comentario mío?", "la puerta del archivo no cierra bien", "adjunto corrupto",
    "perdón, mi micro no va", "en la sala doce gotea el techo",
]  # fmt: skip


@pytest.mark.parametrize("text", EVERYDAY)
def test_a_matter_in_everyday_words(text: str) -> None:
    """Short or polite, without a word that only support uses."""
    assert states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello from sales we need toner", "happy friday, toner empty",
        "hi from warehouse scanner dead", "schönen guten tag drucker streikt",
        "how was your password reset", "server room hot today", "there is a leak in the kitchen",
        "hay agua en la cocina", "¿qué día llega mi pedido?", "anyone want to fix the wifi?",
        "is jira down today?", "who has the key to room 4", "on the 4th floor",
        "works on 2.4 not on 2.5", "tanks", "Halle", "opening hours?", "PDF leer",
        "no abre el adjunto",
    ],
)  # fmt: skip
def test_what_begins_like_chatter_may_be_a_matter(text: str) -> None:
    """A thing that breaks, a place in the building, what support is asked for."""
    assert states_matter(text)


@pytest.mark.parametrize(
    "text", ["dnake dir", "tahnks!", "gracis", "plese", "ooo until the 14th", "bis zum 14.", "sory"]
)
def test_haste_and_dates(text: str) -> None:
    """Courtesies with two letters swapped or one missing, and days of absence."""
    assert not states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "it rings twice", "it turns itself off", "it counts backwards", "two of four came",
        "the picture is upside down", "it jumps back to the start", "too small for me",
        "es klingelt zweimal", "es tropft unten raus", "startet doppelt", "die Hälfte fehlt",
        "nimmt immer den falschen", "springt immer an den Anfang", "mir zu klein",
        "suena dos veces", "se apaga sola", "gotea por abajo", "la imagen se mueve",
        "mandaron la vieja", "vuelve siempre al principio", "me queda pequeño",
        "mein Gehalt stimmt nicht", "please move my desk", "los análisis llegan tarde",
        "alguien borró nuestra lista", "mi sitio está ocupado", "no acepta mi fecha",
        "läuft aus", "läuft über", "klappt zusammen", "geht wieder aus", "funciona al revés",
        "se para cuando llueve", "ya se sale", "it works backwards", "it works only once",
        "can someone look at the boiler", "zu heiß im Büro hinten", "it's too cold in here",
    ],
)  # fmt: skip
def test_a_plain_statement_about_a_thing_is_a_matter(text: str) -> None:
    """Each of its words may be listed as saying nothing by itself."""
    assert states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "I stand corrected", "here are the details:", "it is what it is", "that was fun",
        "still broken", "volvió a fallar", "nichts geht mehr", "immer noch kaputt",
        "perdón el spam",
        "falscher Kanal, sorry", "ach so, alles klar", "das wird schon", "a ver qué pasa",
        "it works again", "sorry if that came off wrong", "so what now?", "esto va para largo",
        "who is responsible for this?", "perdón por el ruido", "ein Update wäre super",
        "it seems to be gone", "hat jetzt aufgehört",
    ],
)  # fmt: skip
def test_a_plain_statement_about_people_or_a_ticket_is_talk(text: str) -> None:
    """Whoever agrees, apologises, announces something or follows up states no matter."""
    assert not states_matter(text)


IN_PASSING = [
    "the coffee machine is my best friend today", "my sister finally got her licence, what a day",
    "unser Bus ist heute ohne Murren gefahren, braves Ding", "what a nice survey of maps that was",
    "read the mail from finance, will reply later", "lovely walk by the river, see you all soon",
    "war schön gestern Abend mit euch am Grill", "in der Kantine gibt es heute Kuchen",
    "hab die Mail vom Chef gelesen, antworte später", "das war wieder eine schöne Fahrt mit euch",
    "la máquina de café es mi mejor amiga hoy", "qué bien huele hoy el jardín de abajo",
    "acabo de leer el correo de finanzas, luego contesto", "me ha encantado la charla de ayer",
]  # fmt: skip


@pytest.mark.parametrize("text", IN_PASSING)
def test_what_names_things_in_passing_is_talk(text: str) -> None:
    """Nobody who reads it later would look for an answer."""
    assert not states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "handing over to Lena, nothing open from me", "bis Dienstag dann, erholt euch",
        "estoy con una clienta, luego hablamos",
    ],
)  # fmt: skip
def test_little_that_is_sure_to_say_nothing_is_talk(text: str) -> None:
    """Of some clauses the lists leave up to four words."""
    assert not states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "alles weiß",
        "Halle",
        "E-41",
        "502 beim Start",
        "toner leer",
        "sin tinta",
        "no tone",
        "It jams at noon.",
        "it beeps constantly",
        "i can't see anyone",
        "it doesn´t let me continue with this",
        "es zieht hier",
    ],
)
def test_little_that_names_something_is_a_matter(text: str) -> None:
    """Up to four words are kept, as the model knows little of them, and so is a failure."""
    assert states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "more toner!! please help, this is so annoying, thanks",
        "Reißverschluss kaputt!! Bitte helft mir, das nervt so, danke",
        "Hallo, könnt ihr mir bitte helfen? Drucker",
        "buenos días equipo, móvil nuevo por favor. Muchas gracias y que tengáis un buen día",
    ],
)
def test_a_thing_that_is_asked_for_politely_is_a_matter(text: str) -> None:
    """The courtesies around it take nothing away from what is kept by itself."""
    assert states_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "l'imprimante ne marche plus depuis ce matin", "la fattura di marzo è sbagliata",
        "ik kan mijn rooster niet openen in de app", "o elevador parou no terceiro andar",
        "faktura za marzec jest błędna", "asansör üçüncü katta kaldı", "打印机坏了",
        "принтер печатает пустые страницы с утра, чернила новые",
        "ห้องประชุมชั้นสองปิดไฟไม่ได้ตั้งแต่เมื่อวาน", "会議室のドアが昨日から開きません、鍵は新しいです",
        "Bonjour à tous, le café est froid dans la machine", "Bom dia, a sala está muito quente",
        "skrivaren på kontoret fungerar inte", "hissi on jumissa kolmannessa kerroksessa",
    ],
)  # fmt: skip
def test_other_languages_are_kept(text: str) -> None:
    """What is not understood may be a ticket."""
    assert states_matter(text)


@given(st.text())
def test_any_text_has_a_probability(text: str) -> None:
    """Whatever is written."""
    assert 0 <= probability(text) <= 1
    assert states_matter(text) in {True, False}


def test_a_fitted_model_tells_apart_what_it_has_not_seen() -> None:
    """Also after it was stored."""
    labelled = [(f"the {thing} is broken", True) for thing in ("door", "lift", "lamp", "desk")]
    labelled += [(f"lovely {thing}, see you", False) for thing in ("day", "cake", "song", "trip")]
    weights = Weights.from_bytes(fit(labelled).to_bytes())
    likely, unlikely = map(weights.probability, ("the gate is broken", "lovely walk, see you"))
    assert likely > 0.5 > unlikely


def test_what_is_tested_is_not_learned() -> None:
    """Else the tests would ask for memory."""
    learned = {text.lower() for text, _ in read_messages(MESSAGES / "learned")}
    measured = [folder for folder in MESSAGES.iterdir() if folder.name != "learned"]
    assert len(measured) >= 5
    tested = [*EVERYDAY, *IN_PASSING]
    tested += [text for folder in measured for text, _ in read_messages(folder)]
    assert [text for text in tested if text.lower() in learned] == []


def test_no_message_is_both_talk_and_a_ticket() -> None:
    """In whichever folder and language."""
    read = [one for folder in MESSAGES.iterdir() for one in read_messages(folder)]
    talk, tickets = (
        {text.casefold() for text, is_matter in read if is_matter is one} for one in (False, True)
    )
    assert talk & tickets == set()


def test_messages_are_read_by_what_their_files_are_called() -> None:
    """Each line is a message."""
    read = read_messages(MESSAGES / "unseen")
    assert {is_matter for _, is_matter in read} == {True, False}
    assert all(text.strip() for text, _ in read)


def _share_of_talk(texts: list[str]) -> float:
    return sum(not states_matter(clean_slack(text)) for text in texts) / len(texts)


@pytest.mark.parametrize(
    ("text", "is_ticket"),
    [
        ("which product?", False), ("Welches Gerät?", False), ("¿qué caja?", False),
        ("and what error code?", False), ("In welcher Filiale?", False),
        ("which VPN is for partners?", True), ("Which form for parking?", True),
        ("what if the door is locked?", True), ("Welches Formular für den Parkplatz?", True),
    ],
)  # fmt: skip
def test_whoever_asks_back_has_no_matter(text: str, is_ticket: bool) -> None:
    """A question for a thing alone is about a ticket before it."""
    assert states_matter(text) is is_ticket
