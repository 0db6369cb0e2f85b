"""Topics are renamed, merged and split in Slack, and tickets moved; each can be undone there."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models import Channel, Item, TopicItem
from services.memory.new_items import NewItem
from tests.bot.tasks.topics import (
    DETAILS,
    SUBJECTS,
    choose_step,
    cluster,
    options,
    post_summary,
    summaries,
    topics,
)
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_server import Fault, Json


@pytest.fixture
def summary(desk: Desk) -> Json:
    """Give a channel with a topic for each subject, and its summary."""
    return post_summary(desk)


def _members(desk: Desk) -> dict[int, set[int]]:
    """Return the tickets of each topic."""
    found: dict[int, set[int]] = {}
    with desk.services.database.read() as session:
        for topic_id, item_id in session.execute(select(TopicItem.topic_id, TopicItem.item_id)):
            found.setdefault(topic_id, set()).add(item_id)
    return found


def _send(desk: Desk, view_id: str, state: Json, user: str = "U2") -> Json:
    """Submit a form; return what the person was told."""
    assert desk.submit(view_id, state, user).body == ""
    desk.drain()
    return desk.slack.private_replies[-1]


def _undo(desk: Desk, told: Json, user: str = "U2") -> None:
    """Press *Undo* below what the person was told."""
    hook = desk.slack.hook()
    value = buttons(told)["topic_undo"]
    desk.click("C1", "topic_undo", value, user, hook, is_ephemeral=True)
    desk.drain()


def _chosen(value: object) -> Json:
    return {"selected_option": {"value": str(value)}}


def _ticked(*values: object) -> Json:
    return {"selected_options": [{"value": str(one)} for one in values]}


def test_topics_are_merged_and_parted_again(desk: Desk, summary: Json) -> None:
    """The form offers the others; one line says what it is then, and undoes it."""
    before = _members(desk)
    first = int(buttons(summary)["topic"])
    view_id, view = choose_step(desk, summary, "merge")
    offered = [int(one["value"]) for one in options(view, "other")]
    assert sorted([first, *offered]) == sorted(before)
    told = _send(desk, view_id, {"other": _chosen(offered[0])})
    assert _members(desk)[first] == before[first] | before[offered[0]]
    assert told["user"] == "U2"
    assert "Merged: *" in words(told)
    assert f"{len(before[first] | before[offered[0]])} tickets" in words(told)
    assert "12" in words(summaries(desk)[0])
    _undo(desk, told)
    assert _members(desk) == before
    assert "Undone" in words(desk.slack.private_replies[-1])


def test_a_topic_is_split_as_the_form_shows(desk: Desk, summary: Json) -> None:
    """The form has both parts with their tickets; what is made is what was shown."""
    first = int(buttons(summary)["topic"])
    view_id, view = choose_step(desk, summary, "merge")
    other = int(options(view, "other")[0]["value"])
    _send(desk, view_id, {"other": _chosen(other)})
    whole = _members(desk)
    view_id, view = choose_step(desk, summaries(desk)[0], "split")
    assert json.dumps(view["blocks"]).count("*6 tickets*") == 2
    told = _send(desk, view_id, {})
    parts = _members(desk)
    [made] = parts.keys() - whole.keys()
    assert parts[first] | parts[made] == whole[first]
    assert len(parts[made]) == len(DETAILS)
    assert words(told).count("6 tickets") >= 2
    _undo(desk, told)
    assert _members(desk) == whole


def test_a_topic_with_too_few_tickets_is_not_split(desk: Desk) -> None:
    """The form says why in place of the parts."""
    for user in ("U5", "U6"):
        desk.ticket("C1", "printer prints blank pages", user=user)
    desk.drain()
    [summary] = cluster(desk)
    _, view = choose_step(desk, summary, "split")
    assert "too few different tickets" in json.dumps(view)
    assert "submit" not in view


@pytest.mark.both_databases
def test_tickets_are_moved_and_back_again(desk: Desk, summary: Json) -> None:
    """Several at once, those that fit least first; one Undo takes all of them back."""
    before = _members(desk)
    first = int(buttons(summary)["topic"])
    view_id, view = choose_step(desk, summary, "move")
    offered = [int(one["value"]) for one in options(view, "tickets")]
    assert set(offered) == before[first]
    target = int(options(view, "other")[0]["value"])
    state = {"tickets-0": _ticked(*offered[:2]), "other": _chosen(target)}
    told = _send(desk, view_id, state)
    assert _members(desk)[first] == set(offered[2:])
    assert _members(desk)[target] == before[target] | set(offered[:2])
    assert "2 tickets were moved to *" in words(told)
    _undo(desk, told)
    assert _members(desk) == before


def test_moves_of_which_one_was_undone_are_not_undone_together(desk: Desk, summary: Json) -> None:
    """Nothing changes, and nobody is told that it did."""
    view_id, view = choose_step(desk, summary, "move")
    offered = [one["value"] for one in options(view, "tickets")]
    target = options(view, "other")[0]["value"]
    state = {"tickets-0": _ticked(*offered[:2]), "other": _chosen(target)}
    told = _send(desk, view_id, state)
    _, earlier = buttons(told)["topic_undo"].split(",")
    desk.click("C1", "topic_undo", earlier)
    desk.drain()
    before = _members(desk)
    _undo(desk, told)
    assert _members(desk) == before
    assert "has already been undone" in words(desk.slack.private_replies[-1])


def test_a_refusal_is_in_the_channels_language_where_slack_tells_none(
    desk: Desk, summary: Json
) -> None:
    """As what the change itself says is."""
    with desk.services.database.write() as session:
        session.scalars(select(Channel).where(Channel.slack_id == "C1")).one().language = "de"
    desk.slack.users["U2"] = {"locale": None}
    desk.click("C1", "topic_undo", "999999")
    desk.drain()
    assert "Diese Änderung an Themen gibt es nicht." in words(desk.slack.private_replies[-1])


def test_a_line_that_slack_does_not_take_is_said_later(desk: Desk, summary: Json) -> None:
    """The change is stored once, and who made it can undo it."""
    view_id, _ = choose_step(desk, summary, "rename")
    desk.slack.fail("chat.postEphemeral", Fault(status=500), Fault(status=500))
    assert desk.submit(view_id, {"title": {"value": "Paper trouble"}}).body == ""
    desk.drain()
    assert topics(desk)[0].title == "Paper trouble"
    desk.wait(600)
    desk.wait(600)
    [told] = desk.slack.private_replies[-1:]
    assert "Renamed: *Paper trouble*" in words(told)
    assert "topic_undo" in buttons(told)


def test_a_topic_whose_tickets_all_moved_is_gone(desk: Desk, summary: Json) -> None:
    """Summaries do without it, and Undo brings it back."""
    before, title = _members(desk), topics(desk)[0].title
    view_id, view = choose_step(desk, summary, "move")
    every = [one["value"] for one in options(view, "tickets")]
    target = options(view, "other")[0]["value"]
    told = _send(desk, view_id, {"tickets-0": _ticked(*every), "other": _chosen(target)})
    assert title not in words(summaries(desk)[0])
    _undo(desk, told)
    assert _members(desk) == before
    assert title in words(summaries(desk)[0])


def test_a_renamed_topic_has_its_old_name_again(desk: Desk, summary: Json) -> None:
    """One line says the new name, with Undo."""
    old = topics(desk)[0].title
    view_id, _ = choose_step(desk, summary, "rename")
    told = _send(desk, view_id, {"title": {"value": "Paper trouble"}})
    assert "Renamed: *Paper trouble*" in words(told)
    _undo(desk, told)
    assert topics(desk)[0].title == old


def test_a_change_that_changes_nothing_says_so(desk: Desk, summary: Json) -> None:
    """The person is told, and there is nothing to undo."""
    view_id, _ = choose_step(desk, summary, "rename")
    told = _send(desk, view_id, {"title": {"value": topics(desk)[0].title}})
    assert "Nothing was changed" in words(told)
    assert buttons(told) == {}


def test_a_form_of_an_earlier_version_says_so(desk: Desk, summary: Json) -> None:
    """Slack would say that the app does not answer."""
    view_id, view = choose_step(desk, summary, "rename")
    view["callback_id"] = "deja_topic_form"
    answer = json.loads(str(desk.submit(view_id, {"title": {"value": "Paper"}}).body))
    assert answer["response_action"] == "update"
    assert "Please open it again" in json.dumps(answer["view"])
    assert topics(desk)[0].title != "Paper"


def test_a_change_that_a_later_one_is_built_on_says_so(desk: Desk, summary: Json) -> None:
    """Undo then changes nothing, and names the change to undo first."""
    view_id, _ = choose_step(desk, summary, "rename")
    first = _send(desk, view_id, {"title": {"value": "Paper trouble"}})
    view_id, _ = choose_step(desk, summary, "rename")
    _send(desk, view_id, {"title": {"value": "Printers"}})
    _undo(desk, first)
    assert topics(desk)[0].title == "Printers"
    assert "First undo change" in words(desk.slack.private_replies[-1])


def test_forms_without_a_choice_say_what_is_missing(desk: Desk, summary: Json) -> None:
    """Beside the field, and nothing changes."""
    before = _members(desk)
    for step, state, said in (
        ("move", {"other": _chosen(2)}, "Choose at least one ticket."),
        ("move", {"tickets-0": _ticked("x", "-1", "9" * 30), "other": _chosen(2)}, "Choose at"),
        ("merge", {}, "Choose a topic."),
        ("merge", {"other": _chosen("1:2")}, "Choose a topic."),
        ("rename", {"title": {"value": "  "}}, "A topic needs a name."),
    ):
        view_id, _ = choose_step(desk, summary, step)
        assert said in str(desk.submit(view_id, state).body), (step, state)
    desk.drain()
    assert _members(desk) == before


@pytest.mark.parametrize("step", ["rename", "merge", "split", "move"])
def test_only_deciders_get_and_send_the_forms(desk: Desk, summary: Json, step: str) -> None:
    """Others are told why, also those whose form was open before."""
    before, titles = _members(desk), [one.title for one in topics(desk)]
    view_id, view = choose_step(desk, summary, step)
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().deciders = ["U9"]
    _, refused = choose_step(desk, summary, step)
    assert "only certain people decide" in json.dumps(refused)
    ids = [one["value"] for one in options(view, "tickets")]
    other = _chosen(max(before))
    state = {"tickets-0": _ticked(*ids), "other": other, "title": {"value": "Mine"}}
    told = _send(desk, view_id, state)
    assert "only certain people decide" in words(told)
    assert (_members(desk), [one.title for one in topics(desk)]) == (before, titles)


def test_what_is_no_ticket_is_not_moved(desk: Desk, summary: Json) -> None:
    """A product has an id, too: a forged form that names it moves nothing, nor its tickets."""
    lamp = NewItem(
        source="catalog", external_id="7", created_at=NOW, text="lamp", kind="product", title="Lamp"
    )
    desk.services.ingest.store(desk.workspace_id, [lamp], NOW)
    with desk.services.database.read() as session:
        product = session.scalars(select(Item.id).where(Item.kind == "product")).one()
    before = _members(desk)
    view_id, view = choose_step(desk, summary, "move")
    ticket = options(view, "tickets")[0]["value"]
    state = {"tickets-0": _ticked(ticket, product), "other": options(view, "other")[0]}
    state["other"] = _chosen(state["other"]["value"])
    assert "no such ticket" in words(_send(desk, view_id, state))
    assert _members(desk) == before


def test_an_exploration_is_changed_by_itself(desk: Desk, summary: Json) -> None:
    """Its forms offer its topics only, and the team's topics stay as they are."""
    team = _members(desk)
    shown = cluster(desk, str(len(SUBJECTS)))[-1]
    view_id, view = choose_step(desk, shown, "merge")
    offered = {int(one["value"]) for one in options(view, "other")}
    assert offered.isdisjoint(team)
    _send(desk, view_id, {"other": _chosen(min(offered))})
    assert {one: some for one, some in _members(desk).items() if one in team} == team
