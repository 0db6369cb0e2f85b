"""The field that says which bots and forms open tickets, at the edges of what Slack takes."""

from __future__ import annotations

from bot.blocks.sender_choice import MAX_OPTION_LENGTH, MAX_OPTIONS, SenderChoice, senders_field
from bot.i18n.texts import Texts
from services.channels.settings import LANGUAGES


def test_a_list_that_is_too_long_keeps_what_people_chose() -> None:
    """Slack takes a hundred options of 75 characters."""
    many = [
        SenderChoice(
            f"B{n}", "long name " * 8, is_form=False, opens_tickets=n == 130, by_default=False
        )
        for n in range(140)
    ]
    for language in LANGUAGES:
        [block] = senders_field(many, Texts(language))
        options = block["element"]["options"]
        assert len(options) == MAX_OPTIONS
        assert max(len(one["text"]["text"]) for one in options) <= MAX_OPTION_LENGTH
        assert block["element"]["initial_options"] == [options[0]]
        assert options[0]["value"] == "shut:B130"
        assert "140" in block["hint"]["text"]  # so nobody thinks that these are all
    [short] = senders_field(many[:MAX_OPTIONS], Texts("en"))
    assert "settings apply" not in short["hint"]["text"]


def test_there_is_no_field_without_senders() -> None:
    """Slack refuses a list without options."""
    assert senders_field([], Texts("en")) == []
