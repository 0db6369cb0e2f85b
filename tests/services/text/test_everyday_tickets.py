"""Tickets about mails, meetings and lunch, in the words that people also chat in."""

from __future__ import annotations

import pytest

from services.text.talk import has_matter

TICKETS = """
How do I delete a comment?
How do I get my pictures back?
How to mute the chat?
Where can I see my open requests?
I get too many mails
I get every mail twice
The bot answers twice
Mails are late
Video is too fast
My calendar is an hour off
My hours are not counted
My desk does not go up
I can't see the comments
Birthday mail was sent to everyone
People from outside can read our channel
Somebody else gets my mails
Yesterday's work is gone
Reminder at the wrong time
Wie kann ich einen Termin löschen?
Wie folge ich einem Kanal?
Wo sehe ich meine offenen Anfragen?
Ich bekomme zu viele Mails
Nachrichten kommen zu spät an
Das Video läuft zu schnell
Kalender geht eine Stunde vor
Die Uhr geht falsch
Die anderen hören mich nicht
Ich sehe keine Kommentare
Die Arbeit von gestern ist weg
Jemand anders bekommt meine Mails
Erinnerung zur falschen Zeit
¿Cómo puedo borrar un comentario?
¿Cómo respondo a un comentario?
¿Dónde veo mis solicitudes abiertas?
Recibo demasiados correos
Los mensajes llegan tarde
El video va muy rápido
Los demás no me oyen
El calendario va una hora adelantado
No puedo abrir los adjuntos
No veo los comentarios
La lista tiene gente repetida
Gente de fuera puede leer nuestro canal
"""
TALK = """
How can I help?
How do I get to the office?
How do I join the call?
that was too funny
it is too early for me
posted in the wrong place sorry
wrong channel, sorry
I can't see the point
I said it twice
she is gone for today
Wie kann ich dir helfen?
falscher Kanal, sorry
das geht vor
zu früh für mich
¿Cómo puedo ayudar?
canal equivocado, perdón
llego tarde
no veo el problema
"""


@pytest.mark.parametrize("text", TICKETS.strip().splitlines())
def test_what_is_wrong_with_everyday_things_is_a_ticket(text: str) -> None:
    """So is the question how something is done with them."""
    assert has_matter(text)


@pytest.mark.parametrize("text", TALK.strip().splitlines())
def test_what_only_sounds_like_it_is_talk(text: str) -> None:
    """It is about people, places in Slack, or nothing."""
    assert not has_matter(text)
