"""Names keep what turns their sense: denials, limits and the directions of verbs."""

from __future__ import annotations

import numpy as np
import pytest

from services.topics.naming.titles import name_topics
from tests.services.topics.naming.examples import PRINTER, VPN, labels


@pytest.mark.parametrize(
    ("first", "other", "title"),
    [
        ("Im Lager druckt nichts", "Im Lager druckt nichts, was tun?", "Im Lager druckt nichts"),
        (
            "In der Filiale nimmt die Kasse keine Karten",
            "In der Filiale nimmt die Kasse seit heute keine Karten",
            "In der Filiale nimmt die Kasse keine Karten",
        ),
        ("Vom Shop kommt keiner", "Vom Shop kommt heute keiner", "Vom Shop kommt keiner"),
        ("Im Keller funkt der Sensor kaum", "Im Keller funkt der Sensor kaum noch", "kaum"),
        ("Am Schloss blinkt keine LED", "Am Schloss blinkt seit gestern keine LED", "keine LED"),
        ("Im Büro geht nur ein Scanner", "Im Büro geht nur ein Scanner", "nur ein Scanner"),
        ("Die Lampe geht im Flur nicht aus", "Lampe geht im Flur nicht aus", "nicht aus"),
        ("Die Lampe schaltet sich von selbst ein", "Lampe schaltet sich von selbst ein", "ein"),
        ("Die App weigert sich, Fotos zu laden", "App weigert sich, Fotos zu laden", "weigert"),
        ("Ich hab vergessen, das Licht auszuschalten", "Vergessen, Licht auszuschalten", "gessen,"),
        ("Bin nicht in der Lage, das Tor zu öffnen", "Nicht in der Lage, Tore zu öffnen", "icht"),
        ("On the display nothing appears", "On my display nothing appears", "nothing appears"),
        (
            "In the shop the scanner reads nothing",
            "In our shop the scanner reads nothing",
            "scanner reads nothing",
        ),
        ("The doorbell rings for nobody", "Doorbell rings for nobody", "rings for nobody"),
        ("We are unable to reach the portal", "I am unable to reach the portal", "unable to"),
        ("The lamp turns itself on", "My lamp turns itself on", "itself on"),
        ("En la factura no aparece el IVA", "En mi factura no aparece el IVA", "no aparece"),
        ("El aviso no llega a nadie", "El aviso no le llega a nadie", "llega a nadie"),
        ("La puerta apenas abre con frío", "Mi puerta apenas abre con frío", "apenas abre"),
        ("Es imposible cancelar el plan", "Imposible cancelar mi plan", "mposible cancelar"),
        ("Ohne Karte öffnet das Tor", "Ohne Karte öffnet sich das Tor", "Ohne Karte öffnet"),
        ("Without a badge nobody enters", "Without a badge nobody enters", "Without a badge"),
        ("Sin tarjeta nadie entra", "Sin tarjeta nadie entra hoy", "Sin tarjeta nadie entra"),
    ],
)
def test_a_name_keeps_what_its_tickets_deny(first: str, other: str, title: str) -> None:
    """ "Lager druckt" for "im Lager druckt nichts" says the reverse."""
    texts = [first, other, first, *PRINTER, *VPN]
    name, *_ = name_topics(texts, labels(3, len(PRINTER), len(VPN)))
    assert title in name.title


def test_what_is_denied_in_another_clause_is_another_matter() -> None:
    """A phrase that is cut before "because" or "but" loses no denial of its own."""
    texts = ["The door lock is jammed because nobody oiled it"] * 2
    texts += ["Door lock is jammed", "door lock is jammed but not broken"]
    name, *_ = name_topics(texts, np.zeros(len(texts), dtype=np.int64))
    assert name.title == "Door lock is jammed"


def test_a_question_where_something_is_is_not_contradicted() -> None:
    """Who asks where a deposit is says, too, that it has not come."""
    texts = ["Where is the cash deposit?"] * 3
    texts += ["The cash deposit hasn't come", "My cash deposit has not arrived"]
    name, *_ = name_topics(texts, np.zeros(len(texts), dtype=np.int64))
    assert name.title == "Where is the cash deposit?"


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (
            ["El sensor de humedad no reporta", "El sensor de humedad no carga",
             "Hay un sensor de humedad roto"],
            "Sensor de humedad: varios",
        ),
        (
            ["The humidity sensor does not report", "The humidity sensor does not charge",
             "There is a broken humidity sensor"],
            "Humidity sensor: various",
        ),
    ],
)  # fmt: skip
def test_a_thing_loses_nothing_by_what_is_denied_of_it(texts: list[str], title: str) -> None:
    """Spanish "no" stands before its verb, and so after a thing."""
    name, *_ = name_topics([*texts, *PRINTER, *VPN], labels(3, len(PRINTER), len(VPN)))
    assert name.title == title
