"""`deja backfill`: reading a channel's history from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from tests.hashing import HashingEmbedder
from tests.serving import settings_values
from tests.slack_standin import SlackStandIn

CommandLine = Callable[..., Result]


@pytest.fixture
def deja(
    command_line: CommandLine, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """Give the command line of a bot on the stand-in."""
    for name, value in settings_values(slack.url, "", "").items():
        if value:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr("bot.index_wiring.embedder_of", lambda *_: HashingEmbedder())
    return command_line


def test_a_channel_is_backfilled_by_its_name(deja: CommandLine, slack: SlackStandIn) -> None:
    """The channel may be new to the bot; nothing is posted, and a second run adds nothing."""
    slack.say("C1", "the printer on floor two prints blank pages")
    slack.say("C1", "thanks all!")
    first = deja("backfill", "#c1", "--since", "3650d", "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) == {"messages": 2, "tickets": 1}
    again = deja("backfill", "c1", "--since", "3650d")
    assert "2 messages read, 0 tickets stored" in again.output
    assert slack.posted() == []


def test_a_channel_without_the_bot_is_refused(deja: CommandLine, slack: SlackStandIn) -> None:
    """The error names an unknown channel, or one that the bot is not in."""
    unknown = deja("backfill", "nowhere")
    assert (unknown.exit_code, "invite it first" in unknown.output) == (1, True)
    assert deja("backfill", "c1").exit_code == 0
    del slack.channels["C1"]
    gone = deja("backfill", "c1")
    assert (gone.exit_code, "Nothing was read from #c1" in gone.output) == (1, True)


def test_a_channel_that_is_off_is_not_read(
    deja: CommandLine, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off means that no message of a channel is stored."""
    monkeypatch.setenv("DEJA_DEFAULT_MODE", "off")
    slack.say("C1", "the printer on floor two prints blank pages")
    result = deja("backfill", "c1")
    assert (result.exit_code, "Déjà is off in #c1" in result.output) == (1, True)
