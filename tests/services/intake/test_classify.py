"""What a message is: a picture beside it never makes it less of a ticket."""

from __future__ import annotations

import pytest

from services.intake.classify import ChannelRules, MessageKind, classify_content
from services.intake.slack_messages import SlackTicket
from services.text.slack.images import ImageFile

PICTURES = (ImageFile("F1", "https://files.slack.com/F1/a.png"),)


@pytest.mark.parametrize("images", [(), PICTURES])
@pytest.mark.parametrize(
    "text",
    ["am I allowed to go out", "wie alt muss man sein?", '"each other" or "one another"?', "E-41"],
)
def test_what_is_a_ticket_alone_is_one_beside_a_picture(
    text: str, images: tuple[ImageFile, ...]
) -> None:
    """Also where each of its words says nothing by itself."""
    ticket = SlackTicket("1.0", None, "U1", text, "", by_person=True, images=images)
    assert classify_content(ticket, ChannelRules()).kind is MessageKind.TICKET
