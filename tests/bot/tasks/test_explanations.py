"""*Why?* by command, mention and button, within what a person may read."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from bot.tasks.explanations import UNKNOWN
from models import Workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.new_items import NewItem
from tests.calibrated import add_calibration, model_with_cut
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_methods import TEAM
from tests.slack_people import sign
from tests.slack_server import Json

PRINTER = "printer prints blank pages after the firmware update"


def link(channel: str, ts: str, label: str = "") -> str:
    """Return a message's link as Slack writes it in a command."""
    address = f"https://test.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return f"<{address}|{label}>" if label else f"<{address}>"


def ask_why(desk: Desk, text: str, channel: str = "C1") -> str:
    """Type `/deja why …`, and return the private reply."""
    before = len(desk.slack.private_replies)
    desk.command(channel, f"why {text}".strip())
    desk.drain()
    [reply] = desk.slack.private_replies[before:]
    assert reply["response_type"] == "ephemeral"
    return words(reply)


def press(desk: Desk, channel: str, value: str) -> list[Json]:
    """Press *Why?*, and return the private replies."""
    before = len(desk.slack.private_replies)
    number = len(desk.slack.private_replies) + 1_000
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U2"},
        "channel": {"id": channel},
        "trigger_id": f"why-{number}-{value}-{channel}",
        "response_url": desk.slack.hook(),
        "actions": [{"type": "button", "action_id": "deja_why", "value": value}],
    }
    body = urlencode({"payload": json.dumps(payload)})
    headers = {"Content-Type": "application/x-www-form-urlencoded", **sign(body)}
    assert desk.request(body, headers).status == 200
    desk.drain()
    return desk.slack.private_replies[before:]


@pytest.fixture
def pair(desk: Desk) -> tuple[str, str]:
    """Post two nearly equal tickets."""
    first, second = desk.ticket("C1", PRINTER), desk.ticket("C1", f"{PRINTER} again here")
    desk.drain()
    return first, second


@pytest.mark.both_databases
def test_two_links_are_explained(desk: Desk, pair: tuple[str, str]) -> None:
    """The reply has both titles, reasons for and against, and the result."""
    shown = ask_why(desk, f"{link('C1', pair[1], 'a label of words')} {link('C1', pair[0])}")
    for part in (
        f"p{pair[1].replace('.', '')}|{PRINTER} again here>",
        f"p{pair[0].replace('.', '')}|{PRINTER}>",
        "*For*",
        "Close in meaning",
        "Called a duplicate",
        "very similar",
    ):
        assert part in shown


def test_one_link_is_compared_with_the_most_similar_ticket(
    desk: Desk, pair: tuple[str, str]
) -> None:
    """If nothing is similar, the reply says so."""
    assert f"|{PRINTER}>" in ask_why(desk, link("C1", pair[1]))
    lonely = desk.ticket("C1", "how do I book a day of holiday")
    desk.drain()
    assert "anything like that" in ask_why(desk, link("C1", lonely))
    assert "itself" in ask_why(desk, f"{link('C1', pair[0])} {link('C1', pair[0])}")


@pytest.mark.parametrize("text", ["", "a b c", "is the printer blank"])
def test_a_request_without_links_is_explained(desk: Desk, text: str) -> None:
    """No links or more than two get one line of help."""
    assert "links of two messages" in ask_why(desk, text)


def test_an_imported_ticket_is_named_by_its_id(desk: Desk, pair: tuple[str, str]) -> None:
    """The id from the import works beside a link."""
    workspace_id = desk.item("C1", pair[0]).workspace_id
    items = [NewItem("import", "T-17", PRINTER, NOW), NewItem("import", "T-18", "!", NOW)]
    prepared = desk.services.items.prepare(workspace_id, items)
    with desk.services.database.write() as session:
        desk.services.items.save(session, workspace_id, prepared, NOW)
    assert "Called a duplicate" in ask_why(desk, f"T-17 {link('C1', pair[0])}")
    assert "no words" in ask_why(desk, "T-17 T-18")


def add_ticket_of_another_workspace(desk: Desk, channel: str, ts: str) -> None:
    """Store a ticket of a workspace that the desk's people are not in."""
    with desk.services.database.write() as session:
        other = Workspace(team_id="T2", created_at=NOW)
        session.add(other)
        session.flush()
        row = save_channel(session, other.id, ChannelFacts(channel, "c5", is_private=False))
        item = NewItem("slack", f"{channel}/{ts}", PRINTER, NOW, channel_id=row.id)
        prepared = desk.services.items.prepare(other.id, [item])
        desk.services.items.save(session, other.id, prepared, NOW)


def test_unreadable_and_unknown_tickets_get_the_same_reply(
    desk: Desk, pair: tuple[str, str]
) -> None:
    """Tickets that are private, deleted, of other workspaces or made up get one reply."""
    desk.slack.add_channel("G1", is_private=True)
    desk.slack.add_channel("C9", is_ext_shared=True)
    hidden = desk.ticket("G1", PRINTER)
    gone = desk.ticket("C1", f"{PRINTER} gone")
    desk.ticket("C9", PRINTER)
    desk.drain()
    desk.delete("C1", gone)
    add_ticket_of_another_workspace(desk, "C5", "1700000000.000100")
    here = link("C1", pair[0])
    replies = {
        ask_why(desk, text)
        for text in (
            link("G1", hidden),
            f"G1/{hidden}",
            f"slack:G1/{hidden}",
            link("C5", "1700000000.000100"),
            link("C1", gone),
            link("C7", "1700000000.000100"),
            "T-999",
            "nul\x00:1",
            f"{here} {link('G1', hidden)}",
            f"{link('G1', hidden)} {link('G1', hidden)}",
            f"{here} {link('C7', '1700000000.000100')}",
        )
    }
    assert len(replies) == 1
    assert str(UNKNOWN) in replies.pop()
    desk.slack.users["U2"] = {"team_id": "T9"}
    assert str(UNKNOWN) in ask_why(desk, here, channel="C9")
    assert str(UNKNOWN) in ask_why(desk, here, channel="D777")
    desk.slack.users.clear()
    assert "*For*" in ask_why(desk, f"{here} {link('G1', hidden)}", channel="G1")


def test_why_works_in_a_mention(desk: Desk, pair: tuple[str, str]) -> None:
    """With links it is the command, in other words it is a question like any other."""
    one = desk.ticket("C1", f"<@U0DEJA> why {link('C1', pair[1], 'label')} {link('C1', pair[0])}")
    assert "*For*" in words(desk.answers("C1", one)[-1])
    other = desk.ticket("C1", f"<@U0DEJA> why the {PRINTER}")
    assert "Most similar" in words(desk.answers("C1", other)[-1])
    bare = desk.ticket("C1", "<@U0DEJA> why")
    assert "links of two messages" in words(desk.answers("C1", bare)[-1])


def test_the_button_explains_and_decides_nothing(desk: Desk, pair: tuple[str, str]) -> None:
    """Only the person who clicks gets the reply, and the answer does not change."""
    [answer] = desk.answers("C1", pair[1])
    [reply] = press(desk, "C1", buttons(answer)["why"])
    assert reply["response_type"] == "ephemeral"
    assert reply["replace_original"] is False
    assert "*For*" in words(reply)
    assert desk.answers("C1", pair[1]) == [answer]
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_the_button_works_only_for_a_pair_of_its_answer(desk: Desk, pair: tuple[str, str]) -> None:
    """Another channel, another pair or an invalid value gets the reply for unknown tickets."""
    [answer] = desk.answers("C1", pair[1])
    value = buttons(answer)["why"]
    ours, theirs = value.split(":")
    different = desk.ticket("C1", "vpn drops every hour")
    desk.slack.add_channel("C2")
    desk.ticket("C2", "hello")
    desk.drain()
    other = desk.item("C1", different)
    assert [str(UNKNOWN) in words(reply) for reply in press(desk, "C2", value)] == [True]
    for made_up in (ours, f"{theirs}:{ours}", f"{ours}:{other.id}", f"{ours}:999999", "x"):
        assert all(str(UNKNOWN) in words(reply) for reply in press(desk, "C1", made_up))


def test_the_button_does_not_explain_a_ticket_that_turned_private(desk: Desk) -> None:
    """A ticket that was shown while it was public is not explained any more."""
    desk.slack.add_channel("C2")
    desk.ticket("C2", PRINTER)
    [answer] = desk.answers("C1", desk.ticket("C1", PRINTER))
    value = buttons(answer)["why"]
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "any message here reveals the change")
    desk.drain()
    [reply] = press(desk, "C1", value)
    assert str(UNKNOWN) in words(reply)
    assert "blank" not in words(reply)


def test_a_models_probability_is_shown(desk: Desk, pair: tuple[str, str]) -> None:
    """With a model answer and reasons say how likely the two are the same, and by which rule."""
    workspace_id = desk.item("C1", pair[0]).workspace_id
    add_calibration(desk.services, workspace_id, model_with_cut(-1.0), at=NOW)
    [answer] = desk.answers("C1", desk.ticket("C1", f"{PRINTER} please"))
    assert "% likely the same · " in words(answer)
    [reply] = press(desk, "C1", buttons(answer)["why"])
    assert "% likely the same · " in words(reply)
    assert "12 of 12 pairs with evidence this strong" in words(reply)
