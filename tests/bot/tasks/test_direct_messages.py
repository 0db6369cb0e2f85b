"""Direct messages and the assistant's pane: private questions and answers of one person."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from models import Item
from tests.serving import Desk, words
from tests.slack_methods import BOT_USER

PRINTER = "printer prints blank pages"
OPENED = {
    "type": "assistant_thread_started",
    "assistant_thread": {
        "user_id": "U2", "channel_id": "D2", "thread_ts": "1700000000.000100",
        "context": {"channel_id": "C1"},
    },
}  # fmt: skip


@pytest.fixture
def direct(desk: Desk) -> Desk:
    """Give a bot with a public and a private ticket, and a direct channel with U2."""
    desk.slack.add_channel("D2", is_im=True, user="U2", is_private=True)
    desk.slack.add_channel("G1", is_private=True, members=["U1"])
    desk.ticket("C1", f"{PRINTER} in public")
    desk.ticket("G1", f"{PRINTER} in secret", channel_type="group")
    desk.drain()
    return desk


def say(desk: Desk, text: str, user: str = "U2", **more: Any) -> str:
    """Send the bot a direct message, and return its `ts`."""
    message = desk.slack.say("D2", text, user=user, **more)
    desk.deliver({**message, "channel": "D2", "channel_type": "im", "type": "message"})
    desk.drain()
    return str(message["ts"])


def reply_to(desk: Desk, text: str, **more: Any) -> str:
    """Send the bot a direct message, and return its reply."""
    ts = say(desk, text, **more)
    return words(desk.answers("D2", str(more.get("thread_ts") or ts))[-1])


def test_commands_work_in_direct_messages(direct: Desk) -> None:
    """The reply is in a thread, and the message is not stored as a ticket."""
    for text, part in (
        (f"my {PRINTER}", "in public"),
        (f"similar {PRINTER}", "in public"),
        ("search is:open", "in public"),
        ("help", "remembers your tickets"),
        ("status", "Remembered"),
        ("duplicates", "Nothing is waiting"),
        ("product lamp", "nothing like that in the catalog"),
        ("settings", "in the channel you want to set up"),
        ("Settings for help", "in the channel you want to set up"),
        ("resolve", "A ticket is solved where it was written"),
        ("similar :wave:", "no words in that"),
    ):
        assert part in reply_to(direct, text), text
    assert direct.jobs("failed") == []
    with direct.services.database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 2


def test_the_status_is_about_no_channel(direct: Desk) -> None:
    """Nothing is answered unasked in direct messages, and nothing in them is kept."""
    found = reply_to(direct, "status")
    assert "Remembered" in found
    assert "channel" not in found


SMALL_TALK = (
    ("thanks!", "You're welcome"),
    ("thank you so much :pray:", "You're welcome"),
    ("danke", "Gern geschehen"),
    ("¡Muchas gracias!", "De nada"),
    ("hello", "Hello! Describe a problem"),
    ("Guten Morgen, Déjà", "Hallo! Beschreib ein Problem"),
    ("hola", "¡Hola!"),
    ("can you help me?", "Hello! Describe a problem"),
    ("Hilfe!", "/deja settings"),
    ("ayuda por favor", "Cómo usar Déjà"),
    ("perfecto", "De acuerdo"),
    (":wave:", "Hello!"),
    (":+1::skin-tone-3:", "All right"),
    ("👍🏽", "All right"),
    ("...", "All right"),
    ("?", "Hello!"),
)


@pytest.mark.parametrize("in_pane", [False, True])
def test_small_talk_gets_one_human_answer(direct: Desk, in_pane: bool) -> None:
    """It is in the language of what was said, and no search; also in the assistant's pane."""
    for text, part in SMALL_TALK:
        thread = {"thread_ts": direct.slack.say("D2", "pane", user="U2")["ts"]} if in_pane else {}
        ts = say(direct, text, **thread)
        [reply] = direct.answers("D2", thread.get("thread_ts", ts))
        assert part in words(reply), text
        assert "no words" not in words(reply), text


def test_thanks_are_answered_in_the_persons_language_where_several_say_it(direct: Desk) -> None:
    """Germans say thanks, too."""
    direct.slack.users["U2"] = {"locale": "de-DE"}
    assert "Gern geschehen" in reply_to(direct, "thanks!")


@pytest.mark.parametrize(
    "text",
    [
        "thanks, but the printer is broken", "hello, invoice fails", "it counts backwards?",
        "why does it ring twice?", "it rings twice", "¿la imagen se mueve?",
    ],
)  # fmt: skip
def test_what_has_a_matter_is_searched_for(direct: Desk, text: str) -> None:
    """Politeness around a problem is no small talk."""
    assert "welcome" not in (found := reply_to(direct, text))
    assert "Hello!" not in found
    assert "¡Hola!" not in found


def test_a_reply_has_what_the_person_may_read(direct: Desk) -> None:
    """A member sees a private channel's tickets; a guest does not even see public ones."""
    assert "in secret" not in reply_to(direct, PRINTER)
    direct.slack.channels["G1"]["members"] = ["U1", "U2"]
    assert "in secret" in reply_to(direct, PRINTER)
    direct.slack.users["U2"] = {"is_restricted": True}
    direct.slack.channels["G1"]["members"] = ["U1"]
    assert "in public" not in reply_to(direct, PRINTER)


def test_a_reply_is_in_the_persons_language(direct: Desk) -> None:
    """The language is that of the person's Slack."""
    direct.slack.users["U2"] = {"locale": "de-DE"}
    assert "Die ähnlichsten Tickets" in reply_to(direct, PRINTER)


@pytest.mark.both_databases
def test_a_direct_message_is_answered_once(direct: Desk) -> None:
    """A repeated event, an edit, a deletion and the bot's own message cause no reply."""
    ts = say(direct, PRINTER)
    event = {"type": "message", "channel": "D2", "channel_type": "im", "user": "U2"}
    direct.deliver({**event, "ts": ts, "text": PRINTER})
    direct.deliver({**event, "user": BOT_USER, "ts": "1700000001.000100", "text": PRINTER})
    direct.deliver({
        **event, "subtype": "message_changed", "message": {"ts": ts, "text": "x", "user": "U2"}
    })  # fmt: skip
    direct.deliver({**event, "subtype": "message_deleted", "deleted_ts": ts})
    direct.drain()
    assert len(direct.answers("D2", ts)) == 1
    with direct.services.database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 2


def test_the_pane_suggests_prompts(direct: Desk) -> None:
    """It has up to four prompts, and each of them is answered."""
    direct.deliver(OPENED)
    direct.drain()
    [suggested] = direct.slack.prompts
    assert suggested["title"] == "What should I look for?"
    root = str(OPENED["assistant_thread"]["thread_ts"])  # type: ignore[index]
    direct.slack.say("D2", "New conversation", user=BOT_USER, ts=root)
    for prompt in suggested["prompts"]:
        assert reply_to(direct, prompt["message"], thread_ts=root)
    assert direct.jobs("failed") == []


def test_a_malformed_pane_event_is_ignored(direct: Desk) -> None:
    """An event in an unknown format starts no job."""
    for thread in (None, {}, {"thread_ts": "x"}, {"thread_ts": "1.1"}):
        direct.deliver({**OPENED, "assistant_thread": thread})
        direct.drain()
        assert (direct.slack.prompts, direct.jobs("failed")) == ([], []), thread


def test_refused_suggestions_do_not_prevent_answers(direct: Desk) -> None:
    """An app without the permission answers as usual."""
    direct.slack.forbid("assistant.threads.setSuggestedPrompts", "missing_scope")
    direct.deliver(OPENED)
    direct.drain()
    assert direct.jobs("failed") == direct.jobs("ready") == []
    assert "in public" in reply_to(direct, PRINTER)
