"""Opposites: denials, contraries and ways in three languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.comparing.identifiers import contradictions, identifiers
from services.text.comparing.opposites import Senses, find_denial, find_reversal
from services.text.words.folding import fold

WORDS = "enable disable not on off in out up from to my Mac Windows von nach Hamburg Bonn light"
WORDS += " ein aus auf zu convert but unlock"
words = st.lists(st.sampled_from(WORDS.split()), max_size=10).map(" ".join)


def found(ours: str, theirs: str) -> str:
    """Return how two texts are opposed."""
    one, other = (Senses(fold(text), frozenset(fold(text).split())) for text in (ours, theirs))
    if find_denial(one, other):
        return "denial"
    return "reversal" if find_reversal(one, other) else ""


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [
        ("enable the night alarm", "disable the night alarm", "denial"),
        ("the night alarm is enabled", "the night alarm is disabled", "denial"),
        ("den Nachtalarm aktivieren", "den Nachtalarm deaktivieren", "denial"),
        ("activar la alarma de noche", "desactivar la alarma de noche", "denial"),
        ("bitte das Konto sperren", "bitte das Konto entsperren", "denial"),
        ("agregar ana al grupo rojo", "quitar ana del grupo rojo", "denial"),
        ("mit Karte bezahlen geht hier", "ohne Karte bezahlen geht hier", "denial"),
        ("upload the annual plan", "download the annual plan", "reversal"),
        ("den Plan hochladen", "den Plan herunterladen", "reversal"),
        ("subir el plan anual", "descargar el plan anual", "reversal"),
        ("turn the volume up", "turn the volume down", "reversal"),
        ("clock in at the gate", "clock out at the gate", "reversal"),
        ("mails from the store vanish", "mails to the store vanish", "reversal"),
        ("das Licht ist an", "das Licht ist aus", "reversal"),
        ("bus from Rome to Pisa", "bus from Pisa to Rome", "reversal"),
        ("Zug von Bonn nach Ulm", "Zug von Ulm nach Bonn", "reversal"),
        ("tren de Lima a Cusco", "tren de Cusco a Lima", "reversal"),
        ("my account is locked", "please unlock my account", ""),
        ("mein Konto ist gesperrt", "bitte mein Konto entsperren", ""),
        ("enable the night alarm", "how many cards can I disable today", ""),
        ("a note on the invoice", "a note about the invoice", ""),
        ("I want to open the gate", "I open the gate from time to time", ""),
    ],
)
def test_the_reverse_is_found(ours: str, theirs: str, how: str) -> None:
    """Denied, contrary or the other way; a state is no contrary of what is wanted."""
    assert found(ours, theirs) == how
    assert found(theirs, ours) == how


OPPOSED = """
I can't send mail to external addresses|I can't receive mail from external addresses
Ich kann keine Mails mehr senden|Ich kann keine Mails mehr empfangen
No puedo enviar correos desde el móvil|No puedo recibir correos en el móvil
Wie schalte ich die Benachrichtigungen ein?|Wie schalte ich die Benachrichtigungen aus?
Ich kann das Licht nicht einschalten|Ich kann das Licht nicht ausschalten
Wie ist der Dunkelmodus einzuschalten?|Wie ist der Dunkelmodus auszuschalten?
Die Heizung ist eingeschaltet|Die Heizung ist ausgeschaltet
Kann man die Seitenleiste einblenden?|Kann man die Seitenleiste ausblenden?
Blende die Seitenleiste ein|Blende die Seitenleiste aus
Wie checke ich im Hotel ein?|Wie checke ich im Hotel aus?
Die Tür geht nicht auf|Die Tür geht nicht zu
Das Fenster lässt sich nicht aufmachen|Das Fenster lässt sich nicht zumachen
Ich melde mich beim Portal an und es hängt|Ich melde mich beim Portal ab und es hängt
Wie melde ich mich für den Newsletter an?|Wie melde ich mich für den Newsletter ab?
Ich logge mich ein und der Bildschirm bleibt weiß|Ich logge mich aus und der Bildschirm bleibt weiß
Wie füge ich einen Drucker hinzu?|Wie entferne ich einen Drucker?
Die Lautstärke geht nicht hoch|Die Lautstärke geht nicht runter
Lautstärke lauter stellen|Lautstärke leiser stellen
Bildschirm heller machen|Bildschirm dunkler machen
Die Schrift ist zu groß|Die Schrift ist zu klein
Das Büro ist zu warm|Das Büro ist zu kalt
The office is too hot|The office is too cold
The font is too big|The font is too small
Video is too fast|Video is too slow
The volume is too loud|The volume is too quiet
La oficina está demasiado caliente|La oficina está demasiado fría
La letra es demasiado grande|La letra es demasiado pequeña
¿Cómo enciendo la pantalla?|¿Cómo apago la pantalla?
¿Cómo puedo encender la calefacción?|¿Cómo puedo apagar la calefacción?
No puedo iniciar sesión|No puedo cerrar sesión
No puedo entrar en la cuenta|No puedo salir de la cuenta
Quiero añadir un usuario|Quiero quitar un usuario
La puerta no abre|La puerta no cierra
¿Cómo me doy de alta en el boletín?|¿Cómo me doy de baja en el boletín?
Dar de alta a un empleado|Dar de baja a un empleado
How do I check in online?|How do I check out online?
Turn the heating on please|Turn the heating off please
How do I mute my microphone?|How do I unmute my microphone?
How do I hide the side bar?|How do I show the side bar?
Zoom in does not work|Zoom out does not work
How do I lock the screen?|How do I unlock the screen?
The door will not open|The door will not close
The lift goes up but not down|The lift goes down but not up
I can hear them but they cannot hear me|They can hear me but I cannot hear them
VPN works on Windows but not on Mac|VPN works on Mac but not on Windows
Works in Chrome, not in Firefox|Works in Firefox, not in Chrome
Geht in Chrome, aber nicht in Firefox|Geht in Firefox, aber nicht in Chrome
Funciona en Chrome pero no en Firefox|Funciona en Firefox pero no en Chrome
Mail works at home but not in the office|Mail works in the office but not at home
Sync from phone to laptop fails|Sync from laptop to phone fails
Convert PDF to Word|Convert Word to PDF
PDF in Word umwandeln|Word in PDF umwandeln
Convertir PDF a Word|Convertir Word a PDF
First month is free but I was charged|Last month is free but I was charged
Archive old tickets|Restore old tickets
How do I follow a channel?|How do I unfollow a channel?
Encrypt a file|Decrypt a file
Datei verschlüsseln|Datei entschlüsseln
Cifrar un archivo|Descifrar un archivo
Renew my gym contract|Cancel my gym contract
Ich möchte meinen Vertrag verlängern|Ich möchte meinen Vertrag kündigen
Quiero ampliar mi contrato|Quiero cancelar mi contrato
Pause my deliveries|Resume my deliveries
Zeile einfügen geht nicht|Zeile ausschneiden geht nicht
Price is shown including VAT|Price is shown excluding VAT
How do I encrypt the stick?|How do I decrypt the stick?
The phone field is mandatory|The phone field is optional
Seite im Hochformat drucken|Seite im Querformat drucken
Die Datei hochkant drucken|Die Datei querkant drucken
Farbe drucken klappt nicht|Schwarzweiß drucken klappt nicht
Internal calls fail|External calls fail
Interne Anrufe brechen ab|Externe Anrufe brechen ab
Switch to monthly billing|Switch to yearly billing
Das Feld ist zu breit|Das Feld ist zu schmal
Wrong arrival time|Wrong departure time
Zutat hinzufügen|Zutat wegnehmen
Join a meeting|Leave a meeting
Expand the table|Collapse the table
Accept an invitation|Decline an invitation
Approve my expense report|Reject my expense report
Einladung annehmen|Einladung ablehnen
Aceptar la invitación|Rechazar la invitación
Check-in time is wrong|Check-out time is wrong
Invoice is too high|Invoice is too low
Die Rechnung ist zu hoch|Die Rechnung ist zu niedrig
La factura es demasiado alta|La factura es demasiado baja
Merge two accounts|Split two accounts
Minimise the window|Maximise the window
Sort ascending|Sort descending
Der Aufzug fährt nur nach oben|Der Aufzug fährt nur nach unten
Ich bekomme zu viele Mails|Ich bekomme zu wenige Mails
I get too many mails|I get too few mails
Recibo demasiados correos|Recibo muy pocos correos
"""
ALIKE = """
My printer is not working in the office|The printer in the office is not working
No access to the shared drive|The shared drive: I have no access
Help me transfer money to my credit card|Can I use my credit card to transfer money?
The new app is slow|The app is slow
I can't open the front door|The front door won't open
Ich brauche ein Konto für das Portal|Für das Portal brauche ich ein Konto
Der Drucker druckt nicht, auch nicht aus Word|Der Drucker druckt auch aus Word nicht
Ich habe aus Versehen ein Konto gelöscht|Habe ein Konto aus Versehen gelöscht
Bitte ein Kabel für Raum 4|Bitte für Raum 4 ein Kabel
La impresora no imprime, pero el escáner sí|El escáner funciona, pero la impresora no imprime
No puedo entrar en mi correo|No puedo acceder a mi correo
It is not fast, it takes minutes|It takes minutes, it is not fast
Works at home but not in the office|In the office it does not work, at home it does
Convert PDF to Word|How do I convert a PDF into Word?
The invoice is missing|The voice is missing on the invoice
"""


def pairs(listed: str) -> list[tuple[str, str]]:
    """Return the pairs of lines with a bar between them."""
    return [(one, other) for line in listed.split("\n") if line for one, other in [line.split("|")]]


def contradict(ours: str, theirs: str) -> bool:
    """Say whether two tickets contradict each other."""
    return bool(contradictions(identifiers(ours), identifiers(theirs)))


@pytest.mark.parametrize(("ours", "theirs"), pairs(OPPOSED))
def test_requests_for_the_opposite_contradict(ours: str, theirs: str) -> None:
    """By a word, its beginning, a particle at the end, or two things that change places."""
    assert contradict(ours, theirs)
    assert contradict(theirs, ours)
    assert not contradict(ours, ours)


@pytest.mark.parametrize(("ours", "theirs"), pairs(ALIKE))
def test_the_same_in_another_order_does_not(ours: str, theirs: str) -> None:
    """What is said is the same, and nothing changes places."""
    assert not contradict(ours, theirs)
    assert not contradict(theirs, ours)


@given(words, words)
def test_it_does_not_matter_which_came_first(ours: str, theirs: str) -> None:
    """What one text is to the other, the other is to it, and none is opposed to itself."""
    assert found(ours, theirs) == found(theirs, ours)
    assert found(ours, ours) == ""
