"""Talk: what says nothing of a matter, and above all what does."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.slack.markup import clean_slack
from services.text.small_talk.talk import (
    has_matter,
    is_addressee,
    is_courtesy,
    names_something,
    uses_of,
)
from services.text.small_talk.talk_words import Use

SENTENCES = tomllib.loads((Path(__file__).parent / "talk_sentences.toml").read_text("utf-8"))

# At least this share of talk is dropped.
MIN_DROPPED = 0.93


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_of_support_channels(language: str) -> None:
    """Written before the lists were read, in each language of the product."""
    talk, tickets = SENTENCES[language]["talk"], SENTENCES[language]["tickets"]
    assert [one for one in tickets if not has_matter(one)] == []
    assert _share_of_talk(talk) >= MIN_DROPPED


@pytest.mark.parametrize(
    "text",
    [
        "+1", "thanks!", "ok", "haha", "xD", "pleaaase heeelp", "HOLAAA", "Jajaja", "any update?",
        "Hi all :wave:", "^ this", "@channel please see thread", "<@U024BE7LH> <!here> any news?",
        "please post it in #help-it", "see https://example.org/a/b?c=d", "back in 10 min",
        "can we move it to 10:30?", "call at 3pm", "1:1 later?", "I'd say it's done",
        "Thanks, Maria!", "hi Tom", "danke dir Anna", "gracias juan", "mirádmelo por favor",
        "pasádmelo cuando puedan", "Muchísimas gracias", "bitte prüf das mal", "bitte pruefen",
        "ein kurzer Blick reicht", "ist schon länger so", "screen shot attached",
        "Support request", "Network problem", "Re: your order\nPlease see attached.",
        "Technische Störung", "Consulta general", "Problem mit meinem Konto",
        "out sick today", "Urlaub ab morgen", "there is cake in the kitchen", "zoom link?",
        "can't get in touch now", "can't get in today", "no puedo ir", "sorry, doppelt",
        "noch nicht drauf geschaut", "I don't see anything here", "no pasa nada",
        "sigue fallando", "recordatorio amistoso", "congrats on the launch!",
        "thnaks!", "untill tommorow then", "se lo paso a pedro", "happy birthday sam", "Anna?",
        "vg max", "atte. Gómez", "bis denne", "null ahnung", "of course",
        "", "   ", "!!!", "🎉", "👍🏽", "1️⃣", "<3", ":)", ":tada: :100:", "5",
    ],
)  # fmt: skip
def test_talk_has_no_matter(text: str) -> None:
    """Function words, courtesies, talk about the talk, vague subjects, marks and emoji."""
    assert not has_matter(clean_slack(text))


@pytest.mark.parametrize(
    "text",
    [
        "printer offline", "VPN down again", "E-41", "E-4", "error 5", "404", "404 on login",
        "VPN problem", "login", "no sound", "no internet", "everything is slow", "network down",
        "works on 2.4 not on 2.5", "good morning, VPN is down", "Hello, Printer offline",
        "Hallo Outlook geht nicht", "thanks, but the printer is broken again",
        "Zoom problem", "no email", "update my email address", "teams down", "fridge broken",
        "no coffee", "how do I request PTO?", "vacation request", "where is my order?",
        "mi equipo no funciona", "no hay café", "¿cómo pido vacaciones?", "necesito otra silla",
        "Teams geht nicht", "Kühlschrank kaputt", "wie beantrage ich Urlaub?", "Netz weg",
        "is there an import?", "can't log in", "ich kann mich nicht anmelden",
        "can't get in", "unable to sign in", "komme nicht rein", "wir kommen nicht mehr rein",
        "man sieht nichts", "wir hören nichts", "no se ve nada", "no me deja entrar",
        "The meeting on Monday was cancelled", "die Besprechung wurde abgesagt",
        "Kalender zeigt die Termine doppelt", "calendar shows meetings twice",
        "es zieht im Büro", "el correo falla", "the launch failed",
        "set up email for jessica", "Postfach für Anna anlegen", "komische Mail vom Chef",
        "keine push nachrichten", "emails going to spam", "teil fehlt", "resolución incorrecta",
        "Ofen kaputt", "carro nuevo", "macros",
        "เครื่องพิมพ์", "テストが動かない", "打印机", "水", "принтер", "طابعة",
    ],
)  # fmt: skip
def test_a_matter_in_few_words(text: str) -> None:
    """A thing, a code, what is wrong with something vague, another script."""
    assert has_matter(text)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is written."""
    assert has_matter(text) in {True, False}
    assert isinstance(uses_of(text), Use)
    assert is_courtesy(text) in {True, False}
    assert is_addressee(text) in {True, False}


_TALK = st.sampled_from([one for of in SENTENCES.values() for one in of["talk"]])


@given(_TALK, st.sampled_from(["printer", "Drucker", "impresora", "E-41", "印刷"]), st.booleans())
def test_a_word_with_a_matter_gives_a_text_a_matter(talk: str, word: str, is_first: bool) -> None:
    """Wherever it stands."""
    assert has_matter(f"{word} {talk}" if is_first else f"{talk} {word} offline")


@given(st.lists(st.sampled_from("😀🎉👍🏽❤️🇩🇪🔟✅ℹ️™️㊗️☎️ \n")))
def test_emoji_have_no_matter(emoji: list[str]) -> None:
    """Alone or in any number."""
    assert not has_matter("".join(emoji))


def test_a_long_text_has_a_matter() -> None:
    """However little each of its words says."""
    assert has_matter("I may or may not do it " * 10)
    assert not has_matter("I may or may not do it")


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("any update on this?", Use.REMINDERS), ("bei mir auch", Use.AGREEMENT),
        ("ya funciona, gracias", Use.CLOSURE | Use.THANKS), ("still broken", Use.TROUBLE),
        ("see screenshot", Use.REFERENCES), ("kann mir jemand helfen?", Use.HELP),
        ("perdón", Use.APOLOGY),
    ],
)  # fmt: skip
def test_the_uses_of_words_say_what_kind_of_talk_it_is(text: str, use: Use) -> None:
    """All uses of all words, in the language that knows most of them."""
    assert use in uses_of(text)


def test_courtesies() -> None:
    """They greet, thank, agree or apologise; a question or a word about a matter does more."""
    assert is_courtesy("Hi all")
    assert is_courtesy("danke schön")
    assert not is_courtesy("it")
    assert not is_courtesy("any news?")
    assert not is_courtesy("the printer, thanks")
    assert is_addressee("there")
    assert is_addressee("zusammen")
    assert not is_addressee("printer")


def test_what_people_talk_about_is_named() -> None:
    """Where people ask for products, "wine?" is a question and "thanks" is none."""
    assert names_something("wine?")
    assert names_something("steam iron")
    assert not names_something("thanks")


@pytest.mark.parametrize("text", ["ha" * 20_000 + "q", "m" * 40_000 + "q", "error " * 7_000 + "1"])
def test_long_words_take_no_longer(text: str) -> None:
    """Whatever is repeated in them."""
    started = time.process_time()
    assert has_matter(text)
    assert time.process_time() - started < 1


def _share_of_talk(texts: list[str]) -> float:
    return sum(not has_matter(clean_slack(text)) for text in texts) / len(texts)
