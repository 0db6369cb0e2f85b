"""Failures that are named in words that say nothing by themselves, and messages around them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from services.text.small_talk.failures import names_failure
from services.text.small_talk.talk import has_matter

SENTENCES = tomllib.loads((Path(__file__).parent / "further_sentences.toml").read_text("utf-8"))
MIN_DROPPED = 0.96


@pytest.mark.parametrize("language", SENTENCES)
def test_further_sentences_of_support_channels(language: str) -> None:
    """Of tickets none is lost; of talk few sentences say more than the lists know."""
    talk, tickets = SENTENCES[language]["talk"], SENTENCES[language]["tickets"]
    assert [one for one in tickets if not has_matter(one)] == []
    assert sum(not has_matter(one) for one in talk) >= MIN_DROPPED * len(talk)


@pytest.mark.parametrize(
    "clauses",
    [
        "cant get in|lasst mich nicht rein|no me deja entrar",
        "it wont let me continue|lasst uns einfach nicht weiter|no me deja seguir",
        "cant get at my things|komme heute nicht mehr an meine sachen",
        "it asks me again and again|es fragt mich standig|me lo pide una y otra vez",
        "isnt letting us back in|lasst mich nicht zuruck|no nos permite avanzar",
        "it just deleted my whole work|hat mir alles geloscht|me ha borrado el borrador",
        "keeps logging me out|werde standig abgemeldet|me saca cada vez",
        "cant hear anyone|hore niemanden|no oigo a nadie",
        "wont turn on|geht nicht an|no abre",
        "nothing comes through|kommt nichts an|no me llega nada",
        "restarts by itself|startet standig neu|se reinicia a cada rato",
        "everything was deleted|alles geloscht|se borro todo",
        "shows up twice|kommt doppelt an|llega dos veces",
        "it rings twice|startet doppelt|me cobraron dos veces",
        "it turns itself off|the handle came off|ist vorne abgebrochen|se salio el mango",
        "jumps back to the start|springt immer an den anfang|vuelve siempre al principio",
        "it shows yesterday|zeigt gestern an|muestra lo de ayer",
        "too small for me|mir zu klein|me queda grande",
        "it closes too early|schliesst zu fruh|abre demasiado tarde",
        "error when opening|fehler beim offnen|error al abrir",
        "i want to cancel|will kundigen|quiero darme de baja",
        "when are you open|wann habt ihr heute geoffnet|a que hora abren",
        "my atm got stuck|what kind of atm s can i use|do you accept checks",
    ],
)
def test_each_kind_in_each_language(clauses: str) -> None:
    """Who does not get in, what is not heard, what does not open, what is gone."""
    assert all(names_failure(clause) for clause in clauses.split("|"))


@pytest.mark.parametrize(
    "clause",
    [
        "cant get in touch today", "it does not work", "geht nicht", "no funciona", "no pasa nada",
        "i want to cancel the call", "quiero cancelar la reunion", "komme nicht zum meeting",
        "no se ve nada raro", "sehe nichts neues", "error", "me da error", "wont be there",
        "let me finish", "sorry if that came off wrong", "it happens twice a week",
        "too soon for me", "passiert zweimal am tag", "volvemos al principio",
        "that was too big for one day", "cant get to my desk", "wont let me in on it",
        "lass mich nicht warten", "no puedo seguir asi", "my son asks me again and again",
        "komme nicht an die bar",
    ],
)  # fmt: skip
def test_what_stays_vague_is_no_failure(clause: str) -> None:
    """It needs a ticket to follow, or is about people's plans."""
    assert not names_failure(clause)
