"""Short replies: what tells people what to do is an answer, talk about the ticket is none."""

from __future__ import annotations

import pytest

from services.intake.importers.replies.answer_choice import is_answer_text

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
"""


@pytest.mark.parametrize("text", ANSWERS.strip().splitlines())
def test_an_instruction_is_an_answer(text: str) -> None:
    """However few words it has, and though none of them names a thing."""
    assert is_answer_text(text)


@pytest.mark.parametrize("text", NONE.strip().splitlines())
def test_talk_about_the_ticket_is_none(text: str) -> None:
    """Whoever asks to be called, waits, or closes it says nothing that helps the next one."""
    assert not is_answer_text(text)
