"""Chatter of a day in a team, whatever it names, and matters that begin like it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from services.text.chatter import is_chatter
from services.text.talk import has_matter

SENTENCES = tomllib.loads((Path(__file__).parent / "team_day_sentences.toml").read_text("utf-8"))
MIN_DROPPED, MAX_LOST = 0.95, 0.01


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_of_a_day_in_a_team(language: str) -> None:
    """Nearly all talk is dropped, and nearly no ticket is lost."""
    talk, tickets = SENTENCES[language]["talk"], SENTENCES[language]["tickets"]
    assert sum(not has_matter(one) for one in talk) >= MIN_DROPPED * len(talk)
    assert sum(not has_matter(one) for one in tickets) <= MAX_LOST * len(tickets)


@pytest.mark.parametrize(
    "clauses",
    [
        "greetings from sunny crete|viele grusse aus kreta|saludos desde cuenca",
        "how was your kayak tour|wie war die kanutour|que tal el crucero",
        "anyone up for curling|wer hat lust auf minigolf|alguien se apunta a la petanca",
        "were collecting for a bike|wir sammeln fur ein fahrrad|estamos juntando para una bici",
        "its freezing outside|viel zu heiss heute|vaya tormenta",
        "the tram is stuck again|die bahn hat verspatung|el tren va con retraso",
        "asked the hardware guys|liegt jetzt beim hersteller|se lo paso al proveedor",
        "who ate my pretzel|wer hat meinen muffin gegessen|quien se comio mi alfajor",
        "the customer is waiting|der kunde wartet|el cliente espera",
        "please remove this post|bitte loscht meinen beitrag|borren mi mensaje",
        "same problem here in oslo|gleiches problem hier in graz|el mismo problema aqui en vigo",
    ],
)
def test_each_kind_in_each_language(clauses: str) -> None:
    """By how the clause begins."""
    assert [clause for clause in clauses.split("|") if not is_chatter(clause)] == []


@pytest.mark.parametrize(
    "text",
    [
        "hello from sales we need toner", "happy friday, toner empty",
        "hi from warehouse scanner dead", "schönen guten tag drucker streikt",
        "how was your password reset", "server room hot today", "there is a leak in the kitchen",
        "hay agua en la cocina", "¿qué día llega mi pedido?", "thanks for the new laptop",
        "anyone want to fix the wifi?", "is jira down today?", "who has the key to room 4",
        "on the 4th floor", "works on 2.4 not on 2.5", "tanks", "Halle", "opening hours?",
        "PDF leer", "no abre el adjunto",
    ],
)  # fmt: skip
def test_what_begins_like_chatter_may_be_a_matter(text: str) -> None:
    """A thing that breaks, a place in the building, what support is asked for."""
    assert has_matter(text)


@pytest.mark.parametrize(
    "text", ["dnake dir", "tahnks!", "gracis", "plese", "ooo until the 14th", "bis zum 14.", "sory"]
)
def test_haste_and_dates(text: str) -> None:
    """Courtesies with two letters swapped or one missing, and days of absence."""
    assert not has_matter(text)
