"""What people ask in words: `/deja …` and mentions."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import NoResultFound

from tests.serving import Desk, words
from tests.slack_server import broken, rate_limited

PRINTER = "printer prints blank pages after the firmware update"


def _whispered(desk: Desk, text: str) -> str:
    """Type `/deja text` and return what comes back, for the person's eyes only."""
    response = desk.command("C1", text)
    assert (response.status, response.body) == (200, "")
    before = len(desk.slack.whispers)
    desk.drain()
    [reply] = desk.slack.whispers[before:]
    assert reply["response_type"] == "ephemeral"
    assert desk.slack.posted() == []
    return words(reply)


@pytest.mark.parametrize("text", ["help", "", "  ", "HELP", "nonsense", "helpme", "😀"])
def test_whatever_is_not_known_gets_help(desk: Desk, text: str) -> None:
    """`/deja help`, an empty command and unknown words are answered alike."""
    assert "/deja similar" in _whispered(desk, text)


def test_similar_tickets_are_found_by_their_words(desk: Desk) -> None:
    """`/deja similar TEXT` names the tickets that are alike, and only those."""
    desk.ticket("C1", PRINTER)
    desk.ticket("C1", "invoice export fails with error 500")
    desk.drain()
    found = _whispered(desk, f"similar {PRINTER}")
    assert PRINTER in found
    assert "invoice" not in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("similar", "Say what to look for"),
        ("similar :fire: :fire:", "no words"),
        ("similar <https://x.example>", "no words"),
        ("similar quantum entanglement of badgers", "Nothing like it"),
    ],
)
def test_a_search_without_a_result_says_why(desk: Desk, text: str, reason: str) -> None:
    """Each way to find nothing has its own line."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    assert reason in _whispered(desk, text)


def test_a_command_is_cleaned_like_a_ticket(desk: Desk) -> None:
    """Slack's markup and NUL in a command do not keep it from finding."""
    desk.ticket("C1", "5 &lt; 6 is not true in the report")
    desk.drain()
    assert "is not true" in _whispered(desk, "similar *5 &lt; 6* is\x00 not true in the report")


def test_status_tells_of_this_channel(desk: Desk) -> None:
    """`/deja status` counts what is remembered."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    found = _whispered(desk, "status")
    assert "1 ticket" in found
    assert "answering" in found


def test_a_used_up_response_address_ends_the_matter(desk: Desk) -> None:
    """Where Slack takes no more responses the job is done: there is nobody to answer."""
    desk.command("C1", "help", hook=desk.slack.hook(uses=0))
    desk.drain()
    assert desk.slack.whispers == []
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_a_response_waits_as_long_as_slack_asks(desk: Desk) -> None:
    """429 and 500 on the response address delay the reply, once."""
    desk.slack.fail("response_url", rate_limited(30), broken())
    desk.command("C1", "help")
    for seconds, replies in ((0, 0), (29, 0), (1, 0), (60, 1)):
        desk.wait(seconds)
        assert len(desk.slack.whispers) == replies


@pytest.mark.parametrize("in_thread", [True, False], ids=["in a thread", "top-level"])
def test_a_mention_is_answered_in_its_thread(desk: Desk, in_thread: bool) -> None:
    """A question to the bot is answered where it was asked, and is no ticket."""
    desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", "hello all") if in_thread else None
    thread = {"thread_ts": parent} if parent else {}
    ts = desk.ticket("C1", f"<@U0DEJA> similar {PRINTER}", **thread)
    [reply] = desk.answers("C1", parent or ts)
    assert PRINTER in words(reply)
    with pytest.raises(NoResultFound):
        desk.item("C1", ts)


def test_a_mention_that_arrives_twice_is_answered_once(desk: Desk) -> None:
    """The `message` and the `app_mention` of one mention lead to one reply."""
    message = desk.slack.say("C1", "<@U0DEJA> help")
    desk.hear("C1", message)
    desk.hear("C1", {**message, "type": "app_mention"})
    assert len(desk.answers("C1", message["ts"])) == 1
    desk.hear("C1", {**message, "type": "app_mention"})
    assert len(desk.answers("C1", message["ts"])) == 1


def test_a_bare_mention_in_a_thread_looks_at_its_first_message(desk: Desk) -> None:
    """Mentioned without words, the bot says what the thread's ticket resembles."""
    desk.ticket("C1", "printer prints blank pages since the driver came")
    parent = desk.ticket("C1", PRINTER)
    desk.drain()
    before = len(desk.slack.replies("C1", parent))
    desk.ticket("C1", "<@U0DEJA>", thread_ts=parent)
    replies = desk.answers("C1", parent)
    assert len(replies) == before + 1
    assert "since the driver came" in words(replies[-1])


def test_a_bare_mention_in_an_unknown_thread_says_so(desk: Desk) -> None:
    """Where the thread's first message is not remembered the bot says that."""
    parent = desk.slack.say("C1", "said before the bot came")["ts"]
    desk.ticket("C1", "<@U0DEJA>", thread_ts=parent)
    [reply] = desk.answers("C1", parent)
    assert "do not remember" in words(reply)


@pytest.mark.parametrize(
    ("text", "part"), [("", "/deja similar"), ("help", "/deja similar"), ("status", "Remembered")]
)
def test_a_mention_knows_the_commands(desk: Desk, text: str, part: str) -> None:
    """The words of `/deja` work after a mention too."""
    ts = desk.ticket("C1", f"<@U0DEJA> {text}".strip())
    [reply] = desk.answers("C1", ts)
    assert part in words(reply)


def test_a_mention_whose_thread_is_gone_is_not_answered(desk: Desk) -> None:
    """A reply to a deleted message would land in the channel."""
    message = desk.slack.say("C1", "<@U0DEJA> help")
    desk.hear("C1", message)
    desk.slack.remove("C1", message["ts"])
    desk.drain()
    assert desk.slack.posted() == []
