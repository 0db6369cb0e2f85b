"""Messages that a Slack does not take: they are shown in a simpler form, and never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.client import Slack
from bot.slack.messages import Message, mark_of
from bot.slack.simpler_blocks import either
from tests.serving import Desk

CARD = {
    "type": "card",
    "title": {"type": "mrkdwn", "text": "<https://shop.example/1|Garden lamp>"},
    "subtitle": {"type": "mrkdwn", "text": "19.90 EUR"},
    "body": {"type": "mrkdwn", "text": "It lights the garden."},
    "hero_image": {"type": "image", "image_url": "https://shop.example/1.png", "alt_text": "Lamp"},
}
HEADING = {"type": "section", "text": {"type": "mrkdwn", "text": "*Products*"}}
CAROUSEL = {"type": "carousel", "elements": [CARD, {"type": "card", "title": CARD["title"]}]}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "Garden lamp"}]]}
LIST = [
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": "<https://shop.example/1|Garden lamp>\n19.90 EUR\nIt lights the garden.",
        },
        "accessory": CARD["hero_image"],
    },
    {"type": "section", "text": CARD["title"]},
]


@pytest.fixture
def client(desk: Desk) -> Slack:
    """Give the client of a bot in a channel."""
    desk.slack.add_channel("C1")
    return desk.tasks.slack


@pytest.mark.parametrize(
    ("unknown", "shown"),
    [
        (set(), [HEADING, CAROUSEL]),
        ({"carousel"}, [HEADING, *LIST]),
        ({"carousel", "any"}, []),
    ],
)
def test_a_message_is_shown_as_well_as_this_slack_can(
    desk: Desk, client: Slack, unknown: set[str], shown: list[object]
) -> None:
    """Whatever shows blocks falls back: posts, updates, private messages and replies."""
    desk.slack.unknown_blocks = unknown
    message = Message("Products: Garden lamp", [HEADING, CAROUSEL], "the-mark")
    ts = client.post("C1", None, message)
    client.update("C1", ts, message)
    client.post_ephemeral("C1", "U1", message.text, message.blocks)
    client.respond(desk.slack.hook(), message.text, message.blocks)
    [posted] = desk.slack.posted("C1")
    assert posted["blocks"] == shown
    assert mark_of(posted) == "the-mark"
    assert [reply["blocks"] for reply in desk.slack.private_replies] == [shown, shown]


def test_carousels_can_be_turned_off(desk: Desk, client: Slack) -> None:
    """A server that takes them and draws nothing gets lists."""
    ts = replace(client, carousels=False).post("C1", None, Message("x", [CAROUSEL], "the-mark"))
    assert [one["blocks"] for one in desk.slack.posted("C1") if one["ts"] == ts] == [LIST]


@pytest.mark.parametrize(("unknown", "shown"), [(set(), TABLE), ({"table"}, LIST[1])])
def test_what_is_told_in_two_ways_is_told_in_the_one_that_passes(
    desk: Desk, client: Slack, unknown: set[str], shown: object
) -> None:
    """A table where Slack knows tables, otherwise its list."""
    desk.slack.unknown_blocks = unknown
    client.post("C1", None, Message("x", [HEADING, either([TABLE], [LIST[1]])], "the-mark"))
    [posted] = desk.slack.posted("C1")
    assert posted["blocks"] == [HEADING, shown]


def test_other_refusals_are_not_tried_again(desk: Desk, client: Slack) -> None:
    """A simpler message does not help where the bot may not post."""
    desk.slack.forbid("chat.postMessage", "no_permission")
    with pytest.raises(SlackApiError):
        client.post("C1", None, Message("text", [HEADING, CAROUSEL], "the-mark"))
    assert desk.slack.count("chat.postMessage") == 1
