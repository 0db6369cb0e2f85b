"""Buttons of an answer: decisions are stored and shown, and can be undone."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from bot.jobs.request_kinds import AnswerClick
from bot.tasks.registry import BATCHED, SINGLE
from models import Channel, Verdict, Workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.new_items import NewItem
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_server import Json

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture
def answer(desk: Desk) -> Json:
    """Post a ticket twice, and return the bot's answer; U7 administers the workspace."""
    desk.slack.users["U7"] = {"is_admin": True}
    desk.ticket("C1", PRINTER)
    [found] = desk.answers("C1", desk.ticket("C1", f"{PRINTER} again"))
    return found


def _shown(desk: Desk) -> Json:
    """Run all due jobs, and return the bot's only message."""
    desk.drain()
    [message] = desk.slack.posted()
    return message


def _verdicts(desk: Desk) -> list[Verdict]:
    with desk.services.database.read() as session:
        return list(session.scalars(select(Verdict).order_by(Verdict.id)))


@pytest.mark.parametrize(
    ("action", "label"),
    [("duplicate", "Same issue"), ("related", "Related"), ("distinct", "Not a duplicate")],
)
def test_a_decision_is_stored_and_shown(desk: Desk, answer: Json, action: str, label: str) -> None:
    """A click is stored as a verdict with person and time, and the message shows it in place."""
    pair = buttons(answer)[action]
    press = desk.choose if action == "related" else desk.click
    assert press("C1", action, pair, user="U7").status == 200
    message = _shown(desk)
    assert message["ts"] == answer["ts"]
    assert f"*{label}* · <@U7>" in words(message)
    assert buttons(message)["undo"] == pair
    [verdict] = _verdicts(desk)
    assert (verdict.verdict, verdict.decided_by, verdict.decided_at) == (action, "U7", NOW)
    assert verdict.undone_at is None


def test_a_decision_can_be_undone(desk: Desk, answer: Json) -> None:
    """Undo brings the buttons back; the verdict stays recorded with who undid it, and when."""
    pair = buttons(answer)["distinct"]
    desk.click("C1", "distinct", pair, user="U7")
    desk.drain()
    desk.clock.advance(60)
    desk.click("C1", "undo", pair, user="U8")
    assert buttons(_shown(desk)) == buttons(answer)
    [verdict] = _verdicts(desk)
    assert (verdict.decided_by, verdict.undone_by) == ("U7", "U8")
    assert verdict.undone_at == desk.clock.now


def test_a_decision_can_be_changed(desk: Desk, answer: Json) -> None:
    """A second decision replaces the first, which stays recorded."""
    pair = buttons(answer)["duplicate"]
    desk.click("C1", "duplicate", pair)
    desk.drain()
    desk.click("C1", "related", pair)
    assert "*Related*" in words(_shown(desk))
    assert [one.verdict for one in _verdicts(desk) if one.undone_at is None] == ["related"]


@pytest.mark.parametrize("edited", ["first", "second"])
def test_a_pair_ruled_out_never_returns(desk: Desk, answer: Json, edited: str) -> None:
    """After *Not a duplicate* neither ticket names the other again, even after edits."""
    first_id, second_id = sorted(int(part) for part in buttons(answer)["distinct"].split(":"))
    desk.click("C1", "distinct", buttons(answer)["distinct"])
    desk.drain()
    judged = desk.services.duplicates.judge_items([first_id, second_id])
    assert all(not one.matches and not one.overtaken for one in judged)
    ts = {"first": "1795300001.000100", "second": "1795300002.000100"}[edited]
    desk.edit("C1", ts, f"{PRINTER} again", "1795400000.000100")
    message = _shown(desk)
    assert "Not a duplicate* · " in words(message)
    assert "distinct" not in buttons(message)


def test_a_mention_in_the_thread_does_not_name_a_ruled_out_ticket(desk: Desk, answer: Json) -> None:
    """A mention without words lists similar tickets, without the ruled-out one."""
    desk.click("C1", "distinct", buttons(answer)["distinct"])
    desk.drain()
    desk.ticket("C1", "<@U0DEJA>", thread_ts=answer["thread_ts"])
    [_, reply] = desk.answers("C1", answer["thread_ts"])
    assert "anything like that" in words(reply)


def test_two_equal_clicks_make_one_verdict(desk: Desk, answer: Json) -> None:
    """The second person's equal click changes nothing."""
    pair = buttons(answer)["duplicate"]
    desk.click("C1", "duplicate", pair, user="U7")
    desk.click("C1", "duplicate", pair, user="U8")
    assert "<@U7>" in words(_shown(desk))
    assert [one.decided_by for one in _verdicts(desk)] == ["U7"]


@pytest.mark.both_databases
def test_the_later_of_two_different_clicks_counts(desk: Desk, answer: Json) -> None:
    """Both clicks are recorded."""
    pair = buttons(answer)["duplicate"]
    desk.click("C1", "duplicate", pair, user="U7")
    desk.click("C1", "distinct", pair, user="U8")
    assert "Not a duplicate* · <@U8>" in words(_shown(desk))
    assert [(one.decided_by, one.undone_by) for one in _verdicts(desk)] == [
        ("U7", "U8"),
        ("U8", None),
    ]


def test_invalid_values_change_nothing(desk: Desk, answer: Json) -> None:
    """Every click is acknowledged, but only values of the message's buttons have an effect."""
    values = ("", "1", "x", "1:", ":1", "1:2:3", "-1:2", "1:1", "2:9999999", "9999999:1", "9" * 40,
              "1:2; --")  # fmt: skip
    actions = "duplicate", "undo", "mute", "hide", "solved", "made-up"
    for action, value in product(actions, values):
        if action != "made-up":
            assert desk.click("C1", action, value).status == 200
        assert desk.choose("C1", action, value).status == 200
        assert _shown(desk) == answer, (action, value)
        assert _verdicts(desk) == [], (action, value)
        assert desk.jobs("ready") == desk.jobs("failed") == [], (action, value)


def test_what_a_button_is_about_fits_its_action(desk: Desk, answer: Json) -> None:
    """Nobody decides without a pair, or mutes and hides with one."""
    pair = buttons(answer)["duplicate"]
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().muted_at = NOW
    for action in ("duplicate", "undo", "hide", "open", "mute", "unmute"):
        value = pair.split(":")[0] if action in {"duplicate", "undo"} else pair
        for press in (desk.click, desk.choose):
            assert press("C1", action, value, user="U7").status == 200
        desk.drain()
        assert _verdicts(desk) == [], action
        assert desk.jobs("ready") == desk.jobs("failed") == [], action
        with desk.services.database.read() as session:
            assert session.scalars(select(Channel)).one().muted_at == NOW, action


def test_a_click_from_another_channel_changes_nothing(desk: Desk, answer: Json) -> None:
    """A button's value works only in the channel of its message."""
    desk.slack.add_channel("C2")
    desk.ticket("C2", "hello")
    desk.drain()
    for action in ("duplicate", "mute"):
        desk.click("C2", action, buttons(answer)[action])
    assert _shown(desk) == answer
    assert _verdicts(desk) == []


def test_a_click_on_a_ticket_that_was_not_shown_changes_nothing(desk: Desk, answer: Json) -> None:
    """A verdict can only be about a ticket that the answer names."""
    other = desk.ticket("C1", "vpn drops every hour")
    desk.drain()
    item_id = buttons(answer)["duplicate"].split(":")[0]
    desk.click("C1", "duplicate", f"{item_id}:{desk.item('C1', other).id}")
    assert _shown(desk) == answer
    assert _verdicts(desk) == []


def test_a_click_cannot_reach_another_workspace(desk: Desk, answer: Json) -> None:
    """Another workspace's item cannot be decided on, even in a channel with the same id."""
    with desk.services.database.write() as session:
        other = Workspace(team_id="T2", created_at=NOW)
        session.add(other)
        session.flush()
        channel = save_channel(session, other.id, ChannelFacts("C1", "c1", is_private=False))
        item = NewItem("slack", "C1/1", "x", NOW, channel_id=channel.id, ts="1.1")
        prepared = desk.services.items.prepare(other.id, [item])
        [saved] = desk.services.items.save(session, other.id, prepared, NOW)
    mine = buttons(answer)["duplicate"].split(":")[0]
    desk.click("C1", "duplicate", f"{saved.item_id}:{mine}")
    desk.click("C1", "duplicate", f"{mine}:{saved.item_id}")
    desk.click("C1", "mute", str(saved.item_id))
    assert _shown(desk) == answer
    assert _verdicts(desk) == []


def mute(desk: Desk, answer: Json, user: str, hook: str | None = None) -> None:
    """Choose *Mute here…*, and confirm it."""
    opened = set(desk.slack.views)
    desk.choose("C1", "mute", buttons(answer)["mute"], user=user, hook=hook)
    [view_id] = set(desk.slack.views) - opened
    assert desk.submit_values(view_id, {}, user).status == 200


def test_only_those_who_may_set_up_a_channel_may_mute_it(desk: Desk, answer: Json) -> None:
    """Others are told who may, and the channel goes on."""
    mute(desk, answer, "U2", desk.slack.hook())
    assert _shown(desk) == answer
    assert "Only workspace admins" in words(desk.slack.private_replies[-1])
    mute(desk, answer, "U7")
    message = _shown(desk)
    desk.click("C1", "unmute", buttons(message)["unmute"], user="U2", hook=desk.slack.hook())
    assert _shown(desk) == message
    assert len(desk.slack.private_replies) == 2


def test_a_card_is_opened_folded_and_hidden_for_everybody(desk: Desk, answer: Json) -> None:
    """The same message shows one candidate, all of them, or that it was hidden."""
    desk.answers("C1", desk.ticket("C1", f"{PRINTER} and again"))
    [*_, card] = desk.slack.posted()
    before = words(card)
    item = buttons(card)["open"]
    for press, action, button in (
        (desk.click, "open", "Show fewer"),
        (desk.click, "fold", "1 more ticket"),
        (desk.choose, "hide", "Hidden: 2 earlier tickets"),
    ):
        press("C1", action, item)
        desk.drain()
        [*_, card] = desk.slack.posted()
        assert button in words(card)
    desk.click("C1", "fold", buttons(card)["fold"])
    desk.drain()
    [*_, card] = desk.slack.posted()
    assert words(card) == before


def test_a_muted_channel_gets_no_new_answers(desk: Desk, answer: Json) -> None:
    """Mute stops answers and shows who muted; commands work; Unmute ends it."""
    mute(desk, answer, "U7")
    message = _shown(desk)
    assert "<@U7>" in words(message)
    assert "unmute" in buttons(message)
    assert desk.answers("C1", desk.ticket("C1", f"{PRINTER} third")) == []
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    assert PRINTER in words(desk.slack.private_replies[-1])
    desk.click("C1", "unmute", buttons(message)["unmute"], user="U7")
    desk.drain()
    assert len(desk.answers("C1", desk.ticket("C1", f"{PRINTER} fourth"))) == 1
    with desk.services.database.read() as session:
        assert session.scalars(select(Channel.muted_by)).all() == [None]


def test_an_answer_that_was_planned_before_the_mute_is_not_posted(desk: Desk, answer: Json) -> None:
    """Muting takes effect at once, also on planned answers."""
    late = desk.ticket("C1", f"{PRINTER} third")
    desk.bot.worker.run_once(BATCHED, 256)
    [job] = desk.jobs("ready")
    mute(desk, answer, "U7")
    desk.bot.worker.run_once({AnswerClick: SINGLE[AnswerClick]}, 1)
    assert job.kind == "answer"
    assert desk.answers("C1", late) == []


def test_a_click_that_was_stored_is_not_done_again(desk: Desk, answer: Json) -> None:
    """A worker that died after storing a decision does not store it again after an undo."""
    pair = buttons(answer)["distinct"]
    desk.click("C1", "distinct", pair)
    desk.run_and_die(AnswerClick)
    desk.click("C1", "undo", pair)
    desk.drain()
    desk.wait(3600)
    assert buttons(_shown(desk)) == buttons(answer)
    assert [one.undone_at is None for one in _verdicts(desk)] == [False]
