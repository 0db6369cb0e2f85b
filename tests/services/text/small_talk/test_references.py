"""Messages that only make sense after another one, and those that stand for themselves.

The sentences were written for this test, apart from the ones that the lists were tuned on.
"""

from __future__ import annotations

import pytest

from services.text.small_talk.follow_ups import FollowUpKind
from services.text.small_talk.references import reference_kind

REFERENCES = {
    FollowUpKind.DETAIL: """
        it's the one next to the server room
        nope, ethernet is plugged in
        no, the monitor has power
        now also in the Berlin office
        only when the laptop is docked
        I meant the third floor printer
        I meant 88321
        correction: invoice 88321
        sorry I mean invoice 88321
        ich meinte Rechnung 4711
        das soll heißen Tor 4
        perdón, quise decir la 2041
        same with the blue scanner
        the warehouse tablets too
        and the light is on
        und das Licht leuchtet
        y la luz está encendida
        already tried another keyboard
        works on my phone but not on the laptop
        der neben dem Serverraum
        nee, Netzteil ist dran
        jetzt auch im Berliner Büro
        nur wenn der Laptop im Dock steckt
        gleiches bei der Kollegin im Vertrieb
        la de la sala de servidores
        no, el monitor tiene corriente
        ahora también en la oficina de Berlín
        solo cuando el portátil está en la base
        lo mismo con el escáner azul
        desde el almacén tampoco
        ya probé otro teclado
    """,
    FollowUpKind.WORKS: """
        in firefox it works
        with the old charger it's fine
        swapped the toner and that fixed it
        the toner was empty, with the spare one it works
        im Firefox klappt es
        mit dem alten Netzteil geht es
        con el cargador viejo funciona
        cambié el tóner y todo bien
    """,
    FollowUpKind.BROKEN: """
        replaced the toner, no change
        nope, reinstalling the driver didn't help
        restarted the router and swapped the cable, didn't help
        reinstalling the driver didn't help
        faster now but still blurry
        still no picture
        it still flickers
        Treiber neu installieren hat nichts gebracht
        schneller, aber immer noch unscharf
        reinstalar el driver no sirvió
        sigue sin imagen
        mejor, pero sigue borroso
    """,
}

REPORTS = """
    printer prints blank pages after the firmware update
    vpn down again
    no sound in Teams
    also the coffee machine is leaking
    nothing works in the warehouse
    the projector in Oslo flickers
    monitor arm for desk 7 broken
    can we also get a second screen for Priya
    how does the scanner work?
    new laptop needed, the old one is fine
    E-41
    error 500 on checkout, works on staging?
    it is raining into the server room
    printer jams, restarting did not help
    VPN won't connect, reinstalling didn't help
    monitor black, other cable didn't help
    login fails on my laptop, in a private window it works
    no picture in room 2 and restarting didn't help
    Der Kunde kommt nicht mehr ins Portal, Passwort zurücksetzen hilft nicht
    Kasse druckt keinen Bon, Neustart bringt nichts
    Drucker ist offline, am anderen Rechner geht es
    la app no abre, reinstalar no sirvió
    el wifi se cae y reiniciar no ayuda
    the smell in the lift is back
    Meine Fotos sind weg
    meine Azubis kommen nicht ins Netz
    blue paper jams, white is fine
    Shop lädt am Handy ewig, am PC gehts
    el botón de pagar no hace nada
    la llave del almacén no sirve
    ya no me llegan los avisos
    hub shows offline although wifi is fine
    Nur bei zwei Kunden kommt keine SMS an
    solo en Android no carga el mapa
    now my headset isn't found either
    ahora mi auricular no se oye tampoco
    and the fax is broken
    und keiner kommt ins Lager
    typo on the homepage
    Tippfehler auf Seite 12
    correction of invoice 88321 and of the two before it never arrived
    please reset the password, the old one still works
    Drucker druckt nur noch leere Seiten
    VPN schon wieder weg
    kein Ton in Teams
    der Beamer in Oslo flackert
    in der Kantine brennt das Licht nicht
    nichts geht mehr im Lager
    seit dem Update startet Outlook nicht
    brauche neues Netzteil, das alte geht
    la impresora saca páginas en blanco
    VPN caída otra vez
    no hay sonido en Teams
    no llega el código 2fa
    no puedo compartir pantalla
    el proyector de Oslo parpadea
    desde la actualización no arranca Outlook
    nada funciona en el almacén
    necesito un cargador nuevo, el viejo funciona
"""


def lines(text: str) -> list[str]:
    """Return the lines of a list without their indentation."""
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("kind", REFERENCES)
def test_what_refers_back(kind: FollowUpKind) -> None:
    """Answers, conditions, other places, attempts and their results, in three languages."""
    texts = lines(REFERENCES[kind])
    assert {text: reference_kind(text) for text in texts} == dict.fromkeys(texts, kind)


def test_what_stands_for_itself() -> None:
    """Reports, requests and questions are never swallowed."""
    texts = lines(REPORTS)
    assert {text: reference_kind(text) for text in texts} == dict.fromkeys(texts)


@pytest.mark.parametrize("text", ["", "outage", "?", "it still flickers\nand beeps", "no, " * 30])
def test_what_is_too_short_or_too_long(text: str) -> None:
    """A word alone, several lines, and stories refer to nothing."""
    assert reference_kind(text) is None
