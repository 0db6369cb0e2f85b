"""Short replies: what tells people what to do is an answer, talk about the ticket is none."""

from __future__ import annotations

import csv
import io

import pytest

from services.intake.importers.replies.answer_choice import is_answer_text
from tests.services.intake.importers.written_files import csv_rows, only_row

ANSWERS = """
Restart it
Turn it off and on again
Log out and log in again
Use the other link
Ask HR
You have to wait two days
Delete it and add it again
Press it for ten seconds
Bitte neu starten.
Einmal aus- und wieder einschalten
Stecker ziehen und warten
Bitte einmal abmelden
Reinicia el equipo
Desconecta y vuelve a conectar
"""
NONE = """
Call me
please wait
wait a moment
Please call me back
I will check
I'll restart it later
call you later
thanks, will do
ask again later
log in?
Please close it
please update the ticket
bitte warten
Bitte melden
Bitte um Rückmeldung
Wir melden uns
espera un momento
Done
Won't Do
I have the same problem here on floor 2
Ich habe das gleiche Problem
Tenemos el mismo problema
Merci, c'est réglé
Ticket closed by requester
closing due to inactivity
Closed automatically after 14 days
Ticket wurde mangels Rückmeldung geschlossen
Geschlossen, da keine Rückmeldung kam.
Cerrado por falta de respuesta
Se cierra por el usuario.
See ticket 99
Siehe Ticket Nr. 12
"""
CLOSINGS = """
Ticket closed by requester
closing due to inactivity
Closed automatically after 14 days
Geschlossen, da keine Rückmeldung kam.
Cerrado por falta de respuesta
Cerrado automáticamente por el sistema
We are closing this ticket due to inactivity
Closed as there was no response from the customer after 3 attempts.
Die Anfrage wurde automatisch geschlossen
Wir schließen das Ticket, da keine Antwort kam
See ticket 99
see INC0012345
This request has been resolved.
The issue is fixed now
Das Problem wurde behoben.
Dieser Vorgang ist erledigt
La incidencia fue resuelta.
problema solucionado
Issue fixed
Fehler behoben.
Incidencia resuelta
Fixed the issue
We have resolved your request.
Habe das Problem behoben
Das Problem konnte gelöst werden
Se solucionó el problema
Hemos resuelto su incidencia
Closed before solutions were required
Provided a workaround
Gave the customer the instructions
Workaround was applied.
Lösung dem Kunden mitgeteilt
Se brindó asistencia al usuario
"""
SOLUTIONS = """
The issue is fixed in version 4.2
The problem was solved by a reboot of the hub.
Gave the customer a new badge
Provided the charger of the newer model
Das Problem wurde mit dem Update behoben.
Se brindó una silla nueva al usuario
Closed the valve by hand
Closing the lid helps
Closed by the system's own valve: open it again. Then restart the pump.
Closed port 8080 on the firewall as requested.
Closed the stale sessions of the old client.
Closing stale connections
Closing the browser clears the cache automatically.
Issue closed, as requested I reset the password
The request was closed by the agent, who replaced the drum
Wir schließen das Fenster automatisch
Die Sitzung vom Benutzer geschlossen, Cache geleert
Cerrado el puerto por el usuario, abrirlo de nuevo
See ticket 99: replace the fuser
user error
Problem gelöst: Kabel getauscht
Issue resolved by restarting the spooler
Fixed the printer driver
Solucionó el problema reiniciar el equipo
"""


@pytest.mark.parametrize("text", ANSWERS.strip().splitlines())
def test_an_instruction_is_an_answer(text: str) -> None:
    """However few words it has, and though none of them names a thing."""
    assert is_answer_text(text)


@pytest.mark.parametrize("text", NONE.strip().splitlines())
def test_talk_about_the_ticket_is_none(text: str) -> None:
    """Whoever asks to be called, waits, or closes it says nothing that helps the next one."""
    assert not is_answer_text(text)


def _resolution(text: str) -> str | None:
    written = io.StringIO()
    rows = [("id", "subject", "status", "resolution"), (1, "Pump", "closed", text)]
    csv.writer(written).writerows(rows)
    return only_row(csv_rows(written.getvalue())).item.resolution


@pytest.mark.parametrize("text", CLOSINGS.strip().splitlines())
def test_how_a_ticket_was_closed_is_no_answer(text: str) -> None:
    """Not in a column of resolutions either."""
    assert _resolution(text) is None


@pytest.mark.parametrize("text", SOLUTIONS.strip().splitlines())
def test_what_was_closed_may_be_an_answer(text: str) -> None:
    """In a column of resolutions whatever says more counts."""
    assert _resolution(text) == text
