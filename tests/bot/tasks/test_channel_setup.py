"""Setting up: the bot asks once, and does in a channel what those who may have chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from models import Change, Channel
from tests.bot.tasks.channel_setup import (
    PRINTER,
    form,
    invite_bot,
    open_form,
    open_new_desk,
    stored_channel,
)
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, restarted, words
from tests.slack_standin import SlackStandIn


@pytest.fixture
def desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot that nobody has set up, in a channel that U7 made."""
    with open_new_desk(slack, database_url, tmp_path, embedder) as opened:
        yield opened


def test_an_invited_bot_asks_once(desk: Desk) -> None:
    """Whether invited once or again; others who join are none of its business."""
    desk.join("C1", "U5")
    desk.drain()
    assert desk.slack.posted() == []
    invite_bot(desk)
    invite_bot(desk)
    assert set(buttons(desk.slack.posted()[0])) == {
        "mode_off", "mode_request", "mode_quiet", "mode_full", "settings",
    }  # fmt: skip


def test_a_bot_that_died_after_asking_does_not_ask_again(desk: Desk) -> None:
    """The question is looked for in the channel before it is asked."""
    invite_bot(desk)
    with desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(desk).id).asked_ts = None
    invite_bot(restarted(desk))
    assert stored_channel(desk).asked_ts is not None


def test_nothing_is_kept_until_somebody_chooses(desk: Desk) -> None:
    """Off is the default; what is said then is not remembered, later messages are."""
    invite_bot(desk)
    early = desk.ticket("C1", PRINTER)
    desk.drain()
    with pytest.raises(NoResultFound):
        desk.item("C1", early)
    desk.click("C1", "mode_full", "C1", user="U8")
    desk.drain()
    desk.ticket("C1", PRINTER)
    assert len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1
    [asked] = [m for m in desk.slack.posted() if "thread_ts" not in m]
    assert "Full" in words(asked)
    assert "<@U8>" in words(asked)


@pytest.mark.parametrize("user", ["U7", "U8", "UADMIN"])
def test_those_who_may_choose(desk: Desk, user: str) -> None:
    """Whoever made the channel, invited the bot, or administers the workspace; on record."""
    desk.slack.users["UADMIN"] = {"is_admin": True}
    invite_bot(desk)
    desk.click("C1", "mode_quiet", "C1", user=user)
    desk.drain()
    assert stored_channel(desk).mode == "quiet"
    with desk.services.database.read() as session:
        [change] = session.scalars(select(Change)).all()
    assert (change.setting, change.before, change.after, change.changed_by) == (
        "mode", "off", "quiet", user,
    )  # fmt: skip


def test_others_may_not(desk: Desk) -> None:
    """Neither by a button nor by a form, even one that was opened by somebody who may."""
    invite_bot(desk)
    desk.click("C1", "mode_full", "C1", user="U2")
    desk.command("C1", "settings", user="U7")
    desk.drain()
    [view_id] = desk.slack.views
    desk.submit(view_id, form(mode="full"), user="U2")
    desk.drain()
    assert stored_channel(desk).mode == "off"
    desk.command("C1", "settings", user="U2")
    desk.drain()
    [*_, view] = desk.slack.views.values()
    assert "Only workspace admins and whoever created this channel" in str(view)


def test_whoever_invites_the_bot_gives_the_channel_its_language(desk: Desk) -> None:
    """The message that asks what to do is in it, and so is what follows; the form changes it."""
    desk.slack.users["U8"] = {"locale": "de-DE"}
    invite_bot(desk)
    [asked] = desk.slack.posted()
    assert "Hallo, ich bin Déjà" in words(asked)
    assert stored_channel(desk).language == "de"
    desk.click("C1", "settings", "C1", user="U7")
    desk.drain()
    [view_id] = desk.slack.views
    desk.submit(view_id, form(mode="quiet", language="es"), user="U7")
    desk.drain()
    assert "Déjà está aquí en modo “Discreto”" in words(desk.slack.posted()[0])


@pytest.mark.both_databases
def test_the_form_shows_and_stores_every_setting(desk: Desk) -> None:
    """What is sent is stored, and shown when the form is opened again."""
    invite_bot(desk)
    desk.click("C1", "settings", "C1", user="U7")
    desk.drain()
    [view_id] = desk.slack.views
    sent = form(
        mode="quiet",
        noise_budget="3",
        digest=[],
        topics=[{"value": "weekly_topics"}, {"value": "topic_alerts"}],
        deciders=["U7", "U8"],
        ignored=" lunch is here \n\nping\nping",
        ticket_emoji=" :Ticket::skin-tone-2: ",
        ignore_emoji=None,
    )
    assert desk.submit(view_id, sent, user="U7").status == 200
    desk.drain()
    stored = stored_channel(desk)
    assert (stored.mode, stored.noise_budget, stored.digest) == ("quiet", 3, False)
    assert (stored.weekly_topics, stored.topic_alerts) == (True, True)
    assert (stored.deciders, stored.ignored) == (["U7", "U8"], ["lunch is here", "ping"])
    assert (stored.ticket_emoji, stored.ignore_emoji) == ("ticket", "")
    desk.command("C1", "settings", user="U7")
    desk.drain()
    view = str(list(desk.slack.views.values())[-1])
    assert "'initial_users': ['U7', 'U8']" in view
    assert "lunch is here\\nping" in view
    assert "'initial_value': ':ticket:'" in view
    with desk.services.database.read() as session:
        changes = session.scalars(select(Change).where(Change.setting.contains("topic"))).all()
    assert {(one.setting, one.before, one.after) for one in changes} == {
        ("weekly topics", "off", "on"), ("topic alerts", "off", "on"),
    }  # fmt: skip


@pytest.mark.parametrize("ignored", ["\n".join(map(str, range(40))), "x" * 100])
def test_a_form_says_what_is_wrong_with_it(desk: Desk, ignored: str) -> None:
    """Too many phrases or too long ones come back with the form, and nothing is stored."""
    view_id = open_form(desk)
    response = desk.submit(view_id, form(mode="full", ignored=ignored), user="U7")
    assert "errors" in response.body
    assert "ignored" in response.body
    desk.drain()
    assert stored_channel(desk).mode == "off"


@pytest.mark.parametrize(
    ("emoji", "field", "reason"),
    [
        ({"ticket_emoji": "two words"}, "ticket_emoji", "Enter one emoji"),
        ({"ticket_emoji": ":a::b:"}, "ticket_emoji", "Enter one emoji"),
        ({"ignore_emoji": "<@U1>"}, "ignore_emoji", "Enter one emoji"),
        ({"ignore_emoji": ":white_check_mark:"}, "ignore_emoji", "already marks solutions"),
        ({"ticket_emoji": "no_bell"}, "ignore_emoji", "two different"),
    ],
)
def test_a_form_takes_two_different_emoji(
    desk: Desk, emoji: dict[str, str], field: str, reason: str
) -> None:
    """Nothing else, and none that means something already."""
    response = desk.submit(open_form(desk), form(mode="full", **emoji), user="U7")
    assert field in response.body
    assert reason in response.body
    desk.drain()
    assert stored_channel(desk).mode == "off"


def test_a_form_that_knows_no_emoji_leaves_the_usual_ones(desk: Desk) -> None:
    """It was opened by an earlier version; both fields empty turn both emoji off."""
    view_id = open_form(desk)
    sent = {name: value for name, value in form(mode="full").items() if "emoji" not in name}
    desk.submit(view_id, sent, user="U7")
    desk.drain()
    assert (stored_channel(desk).ticket_emoji, stored_channel(desk).ignore_emoji) == (
        "pushpin",
        "no_bell",
    )
    desk.command("C1", "settings", user="U7")
    desk.drain()
    again = list(desk.slack.views)[-1]
    desk.submit(again, form(ticket_emoji="", ignore_emoji=" "), user="U7")
    desk.drain()
    assert (stored_channel(desk).ticket_emoji, stored_channel(desk).ignore_emoji) == ("", "")


def test_a_form_sent_half_empty_says_what_is_missing(desk: Desk) -> None:
    """A client that shows no choice as chosen sends none; nothing breaks, nothing is stored."""
    view_id = open_form(desk)
    response = desk.submit(view_id, {"mode": {"selected_option": None}}, user="U7")
    assert "Choose an option" in response.body
    desk.drain()
    assert stored_channel(desk).mode == "off"


def test_a_form_closed_meanwhile_is_no_error(desk: Desk) -> None:
    """It can no longer be filled, and nobody gets a message."""
    invite_bot(desk)
    desk.command("C1", "settings", user="U7")
    desk.slack.views.clear()
    desk.drain()
    assert desk.jobs("ready") == desk.jobs("failed") == []
