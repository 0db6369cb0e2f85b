"""People who ask are answered whatever their words: what is talk in a channel is searched for."""

from __future__ import annotations

import pytest

from tests.bot.tasks.reactions import PIN, heard, react, tickets
from tests.serving import Desk, words

# Only a person's choice makes tickets of these: the lists say that no word of theirs says anything.
TALKING = ["it happened again over here", "ist mir auch schon passiert", "a mí me pasó lo mismo"]


@pytest.fixture(params=TALKING)
def said(desk: Desk, request: pytest.FixtureRequest) -> str:
    """Post a message that is talk, and make it a ticket."""
    text = str(request.param)
    ts = heard(desk, text)
    assert tickets(desk) == []
    react(desk, ts, PIN)
    assert tickets(desk) == [text]
    return text


@pytest.mark.parametrize("command", ["similar", "search", "search in:c1", "similar is:open"])
def test_commands_search_for_it(desk: Desk, said: str, command: str) -> None:
    """With filters and without."""
    desk.command("C1", f"{command} {said}")
    desk.drain()
    assert said in words(desk.slack.private_replies[-1])


def test_a_mention_searches_for_it(desk: Desk, said: str) -> None:
    """As for anything else that is no command."""
    [reply] = desk.answers("C1", desk.ticket("C1", f"<@U0DEJA> {said}"))
    assert said in words(reply)


def test_the_form_searches_for_it(desk: Desk, said: str) -> None:
    """*Mark as duplicate* offers the ticket."""
    message = desk.slack.say("C1", "the printer prints blank pages")
    desk.deliver_message("C1", message)
    desk.drain()
    desk.shortcut("deja_mark", "C1", message)
    [option] = desk.suggest(list(desk.slack.views)[-1], "deja_mark_search", said)
    assert option["text"]["text"] == said


def test_the_shortcut_searches_for_what_is_no_ticket(desk: Desk, said: str) -> None:
    """*Find similar* on a message that was taken for talk."""
    message = desk.slack.say("C1", said)
    desk.deliver_message("C1", message)
    desk.shortcut("deja_similar", "C1", message)
    desk.drain()
    assert said in words(desk.slack.private_replies[-1])
