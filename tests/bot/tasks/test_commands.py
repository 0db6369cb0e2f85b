"""`/deja …` and mentions: every command, and clear replies to mistakes."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.exc import NoResultFound

from models import Channel
from services.memory.new_items import NewItem
from services.memory.workspaces import find_workspace
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_server import broken, rate_limited

PRINTER = "printer prints blank pages after the firmware update"


def _reply_to(desk: Desk, text: str) -> str:
    """Type `/deja text`, and return the private reply."""
    response = desk.command("C1", text)
    assert (response.status, response.body) == (200, "")
    before, posted = len(desk.slack.private_replies), desk.slack.posted()
    desk.drain()
    [reply] = desk.slack.private_replies[before:]
    assert reply["response_type"] == "ephemeral"
    assert desk.slack.posted() == posted
    return words(reply)


def test_unknown_commands_get_help(desk: Desk) -> None:
    """`/deja help`, an empty command and unknown words all get help."""
    for text in ("help", "", "  ", "HELP", "nonsense", "😀"):
        assert "/deja similar" in _reply_to(desk, text), text


def test_similar_tickets_are_found_by_their_words(desk: Desk) -> None:
    """`/deja similar TEXT` lists similar tickets, and no others."""
    desk.ticket("C1", PRINTER)
    desk.ticket("C1", "invoice export fails with error 500")
    desk.drain()
    found = _reply_to(desk, f"similar {PRINTER}")
    assert PRINTER in found
    assert "invoice" not in found


def test_a_search_without_a_result_says_why(desk: Desk) -> None:
    """Each reason has its own reply."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    for text, reason in (
        ("similar", "Tell me what to look for"),
        ("similar :fire: :fire:", "no words"),
        ("similar <https://x.example>", "no words"),
        ("similar hello, I have a question", "anything like that"),
        ("search any update on this?", "anything like that"),
        ("similar quantum entanglement of badgers", "anything like that"),
    ):
        assert reason in _reply_to(desk, text), text


def test_a_command_is_cleaned_like_a_ticket(desk: Desk) -> None:
    """A command may contain Slack's markup and NUL."""
    desk.ticket("C1", "5 &lt; 6 is not true in the printout")
    desk.drain()
    assert "is not true" in _reply_to(desk, "similar *5 &lt; 6* is\x00 not true in the printout")


def test_status_is_about_this_channel(desk: Desk) -> None:
    """`/deja status` has the number of tickets and the channel's mode."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    found = _reply_to(desk, "status")
    assert "1 ticket" in found
    assert "I answer repeated and similar tickets" in found


def test_a_used_up_response_url_ends_the_job(desk: Desk) -> None:
    """If Slack takes no more replies, the job is done without one."""
    desk.command("C1", "help", hook=desk.slack.hook(uses=0))
    desk.drain()
    assert desk.slack.private_replies == []
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_a_reply_waits_as_long_as_slack_asks(desk: Desk) -> None:
    """Status 429 and 500 of the response URL delay the reply, which is sent once."""
    desk.slack.fail("response_url", rate_limited(30), broken())
    desk.command("C1", "help")
    for seconds, replies in ((0, 0), (29, 0), (1, 0), (60, 1)):
        desk.wait(seconds)
        assert len(desk.slack.private_replies) == replies


@pytest.mark.parametrize("in_thread", [True, False], ids=["in a thread", "top-level"])
def test_a_mention_is_answered_in_its_thread(desk: Desk, in_thread: bool) -> None:
    """A question to the bot is answered in its thread, and is not a ticket."""
    desk.ticket("C1", PRINTER)
    parent = desk.ticket("C1", "hello all") if in_thread else None
    thread = {"thread_ts": parent} if parent else {}
    ts = desk.ticket("C1", f"<@U0DEJA> similar {PRINTER}", **thread)
    [reply] = desk.answers("C1", parent or ts)
    assert PRINTER in words(reply)
    with pytest.raises(NoResultFound):
        desk.item("C1", ts)


def test_a_mention_that_arrives_twice_is_answered_once(desk: Desk) -> None:
    """The `message` and the `app_mention` event of a mention lead to one reply."""
    message = desk.slack.say("C1", "<@U0DEJA> help")
    desk.deliver_message("C1", message)
    desk.deliver_message("C1", {**message, "type": "app_mention"})
    assert len(desk.answers("C1", message["ts"])) == 1
    desk.deliver_message("C1", {**message, "type": "app_mention"})
    assert len(desk.answers("C1", message["ts"])) == 1


def test_a_bare_mention_in_a_thread_is_about_its_first_message(desk: Desk) -> None:
    """A mention without words lists tickets similar to the thread's ticket."""
    desk.ticket("C1", "printer prints blank pages since the driver came")
    parent = desk.ticket("C1", PRINTER)
    desk.drain()
    before = len(desk.slack.replies("C1", parent))
    desk.ticket("C1", "<@U0DEJA>", thread_ts=parent)
    replies = desk.answers("C1", parent)
    assert len(replies) == before + 1
    assert "since the driver came" in words(replies[-1])


def test_a_bare_mention_in_an_unknown_thread_says_so(desk: Desk) -> None:
    """The reply says that the thread's first message is not stored."""
    parent = desk.slack.say("C1", "said before the bot came")["ts"]
    desk.ticket("C1", "<@U0DEJA>", thread_ts=parent)
    [reply] = desk.answers("C1", parent)
    assert "don't remember" in words(reply)


@pytest.mark.parametrize(
    ("text", "part"), [("", "/deja similar"), ("help", "/deja similar"), ("status", "Remembered")]
)
def test_commands_work_in_a_mention(desk: Desk, text: str, part: str) -> None:
    """The commands of `/deja` work after a mention, too."""
    ts = desk.ticket("C1", f"<@U0DEJA> {text}".strip())
    [reply] = desk.answers("C1", ts)
    assert part in words(reply)


def test_a_mention_may_search_for_what_a_person_wrote(desk: Desk) -> None:
    """Whom it speaks to is no part of the request, another person is."""
    desk.ticket("C1", PRINTER, user="U5")
    desk.ticket("C1", f"{PRINTER} too", user="U6")
    ts = desk.ticket("C1", "<@U0DEJA> <@U7> search from:<@U5|ana>")
    [reply] = desk.answers("C1", ts)
    assert PRINTER in words(reply)
    assert "too" not in words(reply)


def test_a_deleted_mention_is_not_answered(desk: Desk) -> None:
    """A reply to a deleted message would land in the channel."""
    message = desk.slack.say("C1", "<@U0DEJA> help")
    desk.deliver_message("C1", message)
    desk.slack.remove("C1", message["ts"])
    desk.drain()
    assert desk.slack.posted() == []


@pytest.mark.both_databases
def test_a_search_narrows_by_filters(desk: Desk) -> None:
    """Filters are channel, author, day and status; they accept Slack's references."""
    desk.slack.add_channel("C2")
    desk.ticket("C1", PRINTER, user="U5")
    desk.ticket("C2", f"{PRINTER} too", user="U6")
    desk.drain()
    assert "too" not in _reply_to(desk, f"search {PRINTER} in:<#C1|c1>")
    assert "too" in _reply_to(desk, f"search {PRINTER} in:#c2")
    assert "too" not in _reply_to(desk, "search from:<@U5|ana>")
    assert "too" in _reply_to(desk, "search is:open in:c2")
    assert "matches all" in _reply_to(desk, "search is:solved")
    assert "matches all" in _reply_to(desk, "search before:2001-01-01")


def test_mistakes_in_commands_are_explained(desk: Desk) -> None:
    """Each mistake has its own reply."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    for text, reason in (
        ("search", "Tell me what to look for"),
        ("search is:purple", "Unknown filter is:purple. Use is:open"),
        ("search before:yesterday", "yesterday is not a date"),
        (
            "search in:#c11",
            "I don't know of a channel #c11 that can be searched here. Do you mean #c1?",
        ),
        (
            "search printer in:<#C404|nowhere>",
            "I don't know of a channel #nowhere that can be searched",
        ),
        ("product", "Tell me what to look for"),
        ("product lamp", "nothing like that in the catalog"),
        ("duplicates", "Nothing is waiting"),
        (f"similar {PRINTER} but not {PRINTER}", "nothing to look for"),
        (f"similar {PRINTER} but not :fire:", "no words"),
        ("similar <https://stand-in.slack.com/archives/C9/p1795300001000100>", "any such ticket"),
    ):
        assert reason in _reply_to(desk, text), text


def test_a_search_can_exclude_similar_tickets(desk: Desk) -> None:
    """Tickets similar to the excluded side rank lower; either side may be a link."""
    first = desk.ticket("C1", "printer prints blank pages")
    scanner = desk.ticket("C1", "scanner prints blank pages")
    desk.ticket("C1", "printer prints in green")
    desk.drain()
    both, one = desk.item("C1", first).url, desk.item("C1", scanner).url
    found = _reply_to(desk, f'similar <{both}> but not <{one}>|"blank pages"')
    assert "in green" in found
    assert "scanner" not in found
    assert "scanner" in _reply_to(desk, f"similar <{both}>")


def test_products_are_shown_with_picture_price_and_stock(desk: Desk) -> None:
    """Values come from the catalog, and a picture without a web address is left out."""
    extra = {"price": "89.00", "currency": "EUR", "in_stock": "false"}
    picture = "https://shop.example.com/lamp.png"
    items = [
        product("L-1", "Garden lamp", {**extra, "image": picture}),
        product("L-2", "Garden lamp mini", {**extra, "image": "javascript:alert(1)"}),
    ]
    store_items(desk, items)
    found = _reply_to(desk, "product garden lamp")
    assert "89.00 EUR" in found
    assert "out of stock" in found
    assert picture in found
    assert "javascript" not in found


def test_open_decisions_are_listed(desk: Desk) -> None:
    """A pair is listed until somebody decides."""
    desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    desk.command("C1", "duplicates")
    desk.drain()
    assert PRINTER in words(desk.slack.private_replies[-1])
    desk.click("C1", "distinct", buttons(answer)["distinct"])
    desk.command("C1", "duplicates")
    desk.drain()
    assert "Nothing is waiting" in words(desk.slack.private_replies[-1])


def test_a_mention_in_a_channel_that_is_off_says_so(desk: Desk) -> None:
    """The reply says that the bot is off, as silence would look like a failure."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(mode="off"))
    ts = desk.ticket("C1", f"<@U0DEJA> similar {PRINTER}")
    [reply] = desk.answers("C1", ts)
    assert "I'm turned off" in words(reply)


def product(external_id: str, title: str, extra: dict[str, str]) -> NewItem:
    """Return a product of a catalog."""
    return NewItem(
        source="catalog", external_id=external_id, text=f"{title} for outside", title=title,
        kind="product", created_at=NOW, extra=extra,
    )  # fmt: skip


def store_items(desk: Desk, items: list[NewItem]) -> None:
    """Store and embed items."""
    with desk.services.database.read() as session:
        workspace_id = find_workspace(session).id
    prepared = desk.services.items.prepare(workspace_id, items)
    with desk.services.database.write() as session:
        desk.services.items.save(session, workspace_id, prepared, NOW)


def test_a_private_channel_in_a_search_is_as_unknown_as_one_that_does_not_exist(desk: Desk) -> None:
    """Whoever may not read a channel does not learn that it exists, nor what it is called."""
    desk.slack.add_channel("C2", is_private=True, members=["U8"])
    desk.ticket("C2", PRINTER, user="U8")
    desk.drain()
    for name in ("c2", "<#C2|c2>", "c29"):
        reply = _reply_to(desk, f"search in:{name}")
        assert "I don't know of a channel" in reply
        assert "Do you mean #c2?" not in reply
