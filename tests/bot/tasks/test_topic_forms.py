"""Forms of topics: rename, hide and share, and who may."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models import Channel
from tests.bot.tasks.resolutions import ANSWER
from tests.bot.tasks.topics import (
    DETAILS,
    choose_step,
    cluster,
    open_topic,
    post_summary,
    post_tickets,
    press,
    summaries,
    topics,
)
from tests.serving import Desk, words


@pytest.mark.both_databases
def test_a_topic_can_be_renamed_hidden_and_shared(desk: Desk) -> None:
    """The form has the topic's tickets, and the summary shows each change."""
    summary = post_summary(desk)
    view_id, view = open_topic(desk, summary)
    first = topics(desk)[0]
    assert first.title in json.dumps(view)
    assert sum(detail in json.dumps(view) for detail in DETAILS) == len(DETAILS)
    view_id, _ = choose_step(desk, summary, "rename")
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert "Paper trouble" in words(summaries(desk)[0])
    view_id, _ = open_topic(desk, summary)
    press(desk, view_id, "topic_share")
    assert sum("Paper trouble" in words(one) for one in summaries(desk)) == 2
    press(desk, view_id, "topic_hide")
    assert "Paper trouble" not in words(summaries(desk)[0])
    press(desk, view_id, "topic_unhide")
    assert "Paper trouble" in words(summaries(desk)[0])


def test_a_hidden_topic_is_found_again(desk: Desk) -> None:
    """`/deja topics` offers it as hidden, even if all are; its form shows it again."""
    post_summary(desk)
    for _ in topics(desk):
        view_id, _ = open_topic(desk, summaries(desk)[0])
        press(desk, view_id, "topic_hide")
    assert "All topics are hidden." in words(summaries(desk)[0])
    assert "deja_topic" not in words(summaries(desk)[0])
    desk.command("C1", "topics")
    desk.drain()
    reply = desk.slack.private_replies[-1]
    assert words(reply).count(" · hidden") == len(topics(desk))
    view_id, view = open_topic(desk, reply)
    assert "Show again" in json.dumps(view)
    press(desk, view_id, "topic_unhide")
    assert "Hide" in json.dumps(desk.slack.views[view_id])
    assert "deja_topic" in words(summaries(desk)[0])


def test_an_opened_topic_shows_the_answer_that_was_marked(
    desk: Desk, answered: tuple[str, str]
) -> None:
    """With the question, as an FAQ has it; when the mark is taken away it is gone."""
    _, reply = answered
    post_tickets(desk)
    desk.react("C1", reply)
    [summary] = cluster(desk)
    _, view = open_topic(desk, summary)
    shown = f":bulb: *Printer prints blank pages after the firmware update*\n{ANSWER}"
    assert [one["text"]["text"] for one in view["blocks"] if "bulb" in json.dumps(one)] == [shown]
    desk.react("C1", reply, type="reaction_removed")
    desk.drain()
    _, view = open_topic(desk, summary, user="U3")
    assert ANSWER not in json.dumps(view)


def test_a_name_that_is_taken_is_refused(desk: Desk) -> None:
    """The person gets a private reply, and the topic keeps its name."""
    summary = post_summary(desk)
    first, second, *_ = topics(desk)
    view_id, view = choose_step(desk, summary, "rename")
    assert first.title in json.dumps(view)
    desk.submit(view_id, {"title": {"value": second.title}})
    desk.drain()
    assert "has that name" in json.dumps(desk.slack.private_replies[-1])
    assert topics(desk)[0].title == first.title


def test_only_deciders_change_topics(desk: Desk) -> None:
    """Others see the tickets, but no button or field to change anything."""
    summary = post_summary(desk)
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().deciders = ["U9"]
    _, view = open_topic(desk, summary)
    assert "topic_hide" not in json.dumps(view)
    assert "topic_change" not in json.dumps(view)
    _, view = open_topic(desk, summary, user="U9")
    assert "topic_hide" in json.dumps(view)
    assert "topic_change" in json.dumps(view)


def test_a_topic_that_may_no_longer_be_hidden_is_not_called_hidden(desk: Desk) -> None:
    """Who may decide can change while the form is open: it goes on showing the topic."""
    view_id, _ = open_topic(desk, post_summary(desk))
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().deciders = ["U9"]
    press(desk, view_id, "topic_hide")
    shown = json.dumps(desk.slack.views[view_id])
    assert "is now hidden" not in shown
    assert topics(desk)[0].title in shown
