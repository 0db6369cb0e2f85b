"""Setting up: the bot asks once, and does in a channel what those who may have chosen."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from models import Change, Channel
from tests.bot.tasks.channel_setup import (
    PRINTER,
    form,
    invite_bot,
    open_form,
    stored_channel,
)
from tests.serving import Desk, buttons, restarted, words


def test_an_invited_bot_asks_once(new_desk: Desk) -> None:
    """Whether invited once or again; others who join are none of its business."""
    new_desk.join("C1", "U5")
    new_desk.drain()
    assert new_desk.slack.posted() == []
    invite_bot(new_desk)
    invite_bot(new_desk)
    assert set(buttons(new_desk.slack.posted()[0])) == {
        "mode_off", "mode_request", "mode_quiet", "mode_full", "settings",
    }  # fmt: skip


def test_a_bot_that_died_after_asking_does_not_ask_again(new_desk: Desk) -> None:
    """The question is looked for in the channel before it is asked."""
    invite_bot(new_desk)
    with new_desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(new_desk).id).asked_ts = None
    invite_bot(restarted(new_desk))
    assert stored_channel(new_desk).asked_ts is not None


def test_nothing_is_kept_until_somebody_chooses(new_desk: Desk) -> None:
    """Off is the default; what is said then is not remembered, later messages are."""
    invite_bot(new_desk)
    early = new_desk.ticket("C1", PRINTER)
    new_desk.drain()
    with pytest.raises(NoResultFound):
        new_desk.item("C1", early)
    new_desk.click("C1", "mode_full", "C1", user="U8")
    new_desk.drain()
    new_desk.ticket("C1", PRINTER)
    assert len(new_desk.answers("C1", new_desk.ticket("C1", PRINTER))) == 1
    [asked] = [m for m in new_desk.slack.posted() if "thread_ts" not in m]
    assert "Full" in words(asked)
    assert "<@U8>" in words(asked)


@pytest.mark.parametrize("user", ["U7", "U8", "UADMIN"])
def test_those_who_may_choose(new_desk: Desk, user: str) -> None:
    """Whoever made the channel, invited the bot, or administers the workspace; on record."""
    new_desk.slack.users["UADMIN"] = {"is_admin": True}
    invite_bot(new_desk)
    new_desk.click("C1", "mode_quiet", "C1", user=user)
    new_desk.drain()
    assert stored_channel(new_desk).mode == "quiet"
    with new_desk.services.database.read() as session:
        [change] = session.scalars(select(Change)).all()
    assert (change.setting, change.before, change.after, change.changed_by) == (
        "mode", "off", "quiet", user,
    )  # fmt: skip


def test_others_may_not(new_desk: Desk) -> None:
    """Neither by a button nor by a form, even one that was opened by somebody who may."""
    invite_bot(new_desk)
    new_desk.click("C1", "mode_full", "C1", user="U2")
    new_desk.command("C1", "settings", user="U7")
    new_desk.drain()
    [view_id] = new_desk.slack.views
    new_desk.submit(view_id, form(mode="full"), user="U2")
    new_desk.drain()
    assert stored_channel(new_desk).mode == "off"
    new_desk.command("C1", "settings", user="U2")
    new_desk.drain()
    [*_, view] = new_desk.slack.views.values()
    assert "Only workspace admins and whoever created this channel" in str(view)


def test_whoever_invites_the_bot_gives_the_channel_its_language(new_desk: Desk) -> None:
    """The message that asks what to do is in it, and so is what follows; the form changes it."""
    new_desk.slack.users["U8"] = {"locale": "de-DE"}
    invite_bot(new_desk)
    [asked] = new_desk.slack.posted()
    assert "Hallo, ich bin Déjà" in words(asked)
    assert stored_channel(new_desk).language == "de"
    new_desk.click("C1", "settings", "C1", user="U7")
    new_desk.drain()
    [view_id] = new_desk.slack.views
    new_desk.submit(view_id, form(mode="quiet", language="es"), user="U7")
    new_desk.drain()
    assert "Déjà está aquí en modo “Discreto”" in words(new_desk.slack.posted()[0])


@pytest.mark.both_databases
def test_the_form_shows_and_stores_every_setting(new_desk: Desk) -> None:
    """What is sent is stored, and shown when the form is opened again."""
    invite_bot(new_desk)
    new_desk.click("C1", "settings", "C1", user="U7")
    new_desk.drain()
    [view_id] = new_desk.slack.views
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
    assert new_desk.submit(view_id, sent, user="U7").status == 200
    new_desk.drain()
    stored = stored_channel(new_desk)
    assert (stored.mode, stored.noise_budget, stored.digest) == ("quiet", 3, False)
    assert (stored.weekly_topics, stored.topic_alerts) == (True, True)
    assert (stored.deciders, stored.ignored) == (["U7", "U8"], ["lunch is here", "ping"])
    assert (stored.ticket_emoji, stored.ignore_emoji) == ("ticket", "")
    new_desk.command("C1", "settings", user="U7")
    new_desk.drain()
    view = str(list(new_desk.slack.views.values())[-1])
    assert "'initial_users': ['U7', 'U8']" in view
    assert "lunch is here\\nping" in view
    assert "'initial_value': ':ticket:'" in view
    with new_desk.services.database.read() as session:
        changes = session.scalars(select(Change).where(Change.setting.contains("topic"))).all()
    assert {(one.setting, one.before, one.after) for one in changes} == {
        ("weekly topics", "off", "on"), ("topic alerts", "off", "on"),
    }  # fmt: skip


@pytest.mark.parametrize("ignored", ["\n".join(map(str, range(40))), "x" * 100])
def test_a_form_says_what_is_wrong_with_it(new_desk: Desk, ignored: str) -> None:
    """Too many phrases or too long ones come back with the form, and nothing is stored."""
    view_id = open_form(new_desk)
    response = new_desk.submit(view_id, form(mode="full", ignored=ignored), user="U7")
    assert "errors" in response.body
    assert "ignored" in response.body
    new_desk.drain()
    assert stored_channel(new_desk).mode == "off"


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
    new_desk: Desk, emoji: dict[str, str], field: str, reason: str
) -> None:
    """Nothing else, and none that means something already."""
    response = new_desk.submit(open_form(new_desk), form(mode="full", **emoji), user="U7")
    assert field in response.body
    assert reason in response.body
    new_desk.drain()
    assert stored_channel(new_desk).mode == "off"


def test_a_form_that_knows_no_emoji_leaves_the_usual_ones(new_desk: Desk) -> None:
    """It was opened by an earlier version; both fields empty turn both emoji off."""
    view_id = open_form(new_desk)
    sent = {name: value for name, value in form(mode="full").items() if "emoji" not in name}
    new_desk.submit(view_id, sent, user="U7")
    new_desk.drain()
    assert (stored_channel(new_desk).ticket_emoji, stored_channel(new_desk).ignore_emoji) == (
        "pushpin",
        "no_bell",
    )
    new_desk.command("C1", "settings", user="U7")
    new_desk.drain()
    again = list(new_desk.slack.views)[-1]
    new_desk.submit(again, form(ticket_emoji="", ignore_emoji=" "), user="U7")
    new_desk.drain()
    assert (stored_channel(new_desk).ticket_emoji, stored_channel(new_desk).ignore_emoji) == (
        "",
        "",
    )


def test_a_form_sent_half_empty_says_what_is_missing(new_desk: Desk) -> None:
    """A client that shows no choice as chosen sends none; nothing breaks, nothing is stored."""
    view_id = open_form(new_desk)
    response = new_desk.submit(view_id, {"mode": {"selected_option": None}}, user="U7")
    assert "Choose an option" in response.body
    new_desk.drain()
    assert stored_channel(new_desk).mode == "off"


def test_a_form_closed_meanwhile_is_no_error(new_desk: Desk) -> None:
    """It can no longer be filled, and nobody gets a message."""
    invite_bot(new_desk)
    new_desk.command("C1", "settings", user="U7")
    new_desk.slack.views.clear()
    new_desk.drain()
    assert new_desk.jobs("ready") == new_desk.jobs("failed") == []
