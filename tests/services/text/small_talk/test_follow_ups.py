"""What messages without a matter of their own say of the ticket that they follow."""

from __future__ import annotations

import pytest

from services.text.small_talk.follow_ups import (
    FollowUpKind,
    begins_with_agreement,
    kind_of_reply,
    kind_of_talk,
)

NEWS, WORKS, BROKEN = FollowUpKind.NEWS, FollowUpKind.WORKS, FollowUpKind.BROKEN
DETAIL, SAME = FollowUpKind.DETAIL, FollowUpKind.SAME


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (NEWS, "any news?|hi <@U1>, any update on this?|bump|??|is anyone on this|still waiting"),
        (NEWS, "Gibt's was Neues?|wie ist der Stand?|wie lange noch?|kurze Erinnerung|ping"),
        (NEWS, "¿alguna novedad?|¿cómo va esto?|¿para cuándo?|sigo esperando|refloto"),
        (NEWS, "is this being worked on?|did anyone get to this yet?|wann wird das gefixt?"),
        (NEWS, "hat sich das schon jemand angeschaut?|¿alguien lo está viendo?|wer ist da dran?"),
        (WORKS, "it works again, thanks!|all good now|never mind|solved|false alarm, sorry"),
        (WORKS, "geht wieder|läuft jetzt, danke|hat sich erledigt|Fehlalarm|alles gut"),
        (WORKS, "ya funciona|ya está, gracias|solucionado|falsa alarma|todo bien"),
        (BROKEN, "still broken|no luck|it happened again|it's back again|that didn't work"),
        (BROKEN, "immer noch nicht|schon wieder|hat leider nichts gebracht|eben wieder passiert"),
        (BROKEN, "sigue igual|otra vez|todavía no|reinicié y nada|no funcionó"),
        (SAME, "not working for me either|bei mir geht es auch nicht|no me funciona tampoco"),
        (SAME, "+1|same here|me too!|here too|we have the same problem|ditto|also seeing this"),
        (SAME, "can confirm"),
        (SAME, "bei mir auch|bei uns genauso|hier ebenfalls|geht mir auch so|dito"),
        (SAME, "a mí también|yo igual|aquí también|me pasa lo mismo|a nosotros también"),
        (DETAIL, "screenshot attached|since this morning|only when I'm at home|seit heute früh"),
        (DETAIL, "desde ayer|siehe Screenshot|adjunto captura|the whole team is affected"),
        (None, "thanks!|good morning|on it|lunch?|danke dir|buenas tardes|:+1:|👍|perfecto|"),
    ],
)
def test_talk_says_something_of_a_ticket(kind: FollowUpKind | None, texts: str) -> None:
    """In three languages; what only greets, thanks or chats says nothing."""
    assert {text: kind_of_talk(text) for text in texts.split("|")} == dict.fromkeys(
        texts.split("|"), kind
    )


def test_a_long_story_is_no_follow_up() -> None:
    """Any phrase may occur in it."""
    assert kind_of_talk(f"any news {'and so on ' * 20}") is None
    assert kind_of_talk("") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("same here, on the second floor", SAME),
        ("+1, the one in Oslo", SAME),
        ("bei mir auch, seit dem Update", SAME),
        ("same error, what else can I try?", SAME),
        ("that didn't help, the screen is still black", BROKEN),
        ("any news?", NEWS),
        ("works now, thanks", WORKS),
        ("I restarted the spooler on the print server", None),
        ("thanks", None),
    ],
)
def test_a_reply_in_the_tickets_thread_may_say_more(text: str, kind: FollowUpKind | None) -> None:
    """It is about the ticket in any case."""
    assert kind_of_reply(text) is kind


def test_agreement_comes_first() -> None:
    """And is short: a long reply is a report of its own."""
    assert begins_with_agreement("me too")
    assert not begins_with_agreement("the printer stopped for me too")
    assert not begins_with_agreement(f"me too, {'and the printer ' * 5}")
