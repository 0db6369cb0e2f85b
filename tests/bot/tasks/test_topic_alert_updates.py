"""A posted alert follows its topic: its title, its tickets, its readers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.jobs.topic_kinds import DailyTopics, TopicGrouping
from bot.server.schedule import due_jobs
from models import Channel, Topic, TopicAlert, TopicRun
from services.topics.curation import Curator
from services.topics.scopes import scope_of_channel
from tests.bot.tasks.test_topic_alerts import DAY, alerts, chores, rise, say, want
from tests.bot.tasks.topics import summaries
from tests.conftest import NOW
from tests.serving import Desk, buttons, words


def alerted(desk: Desk) -> None:
    """Tell a channel of a rise."""
    rise(desk, topic_alerts=True, digest=False)
    chores(desk)
    assert len(alerts(desk)) == 1


def rename(desk: Desk, title: str) -> None:
    """Give the topic of the alert another name, in its form."""
    [alert] = alerts(desk)
    desk.click("C1", "topic", buttons(alert)["topic"])
    [view_id] = list(desk.slack.views)[-1:]
    desk.drain()
    desk.submit(view_id, {"title": {"value": title}})
    desk.drain()
    assert desk.jobs("failed") == []


def join(desk: Desk, *of_words: str) -> None:
    """Join the topics whose titles have these words."""
    with desk.services.database.write() as session:
        first, *others = [
            session.scalars(select(Topic.id).where(Topic.title.contains(word))).one()
            for word in of_words
        ]
        scope = scope_of_channel(session.scalars(select(Channel)).one())
        Curator(session, scope, "U2", desk.clock.now).merge(first, others)


@pytest.mark.parametrize(
    "setting", [{"mode": "off"}, {"mode": "request"}, {"muted_at": NOW, "muted_by": "U1"}]
)
def test_a_channel_that_is_to_be_quiet_hears_nothing(desk: Desk, setting: dict[str, Any]) -> None:
    """Neither alert nor summary of a week, whatever it asked for before."""
    rise(desk, topic_alerts=True, weekly_topics=True, digest=False, **setting)
    chores(desk)
    assert desk.slack.posted() == []


@pytest.mark.parametrize("setting", [{"mode": "off"}, {"muted_at": NOW}, {"topic_alerts": False}])
def test_who_changes_their_mind_in_time_hears_nothing(desk: Desk, setting: dict[str, Any]) -> None:
    """Also between the grouping and the alert."""
    rise(desk, topic_alerts=True, digest=False)
    desk.put_in(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    follow_ups = desk.run_dying(DailyTopics)
    want(desk, **setting)
    desk.put_in(*follow_ups)
    desk.drain()
    assert alerts(desk) == []


def test_a_topic_that_is_split_is_one_incident(desk: Desk) -> None:
    """Its part rises with it: nobody is alerted twice, and joined again it keeps the message."""
    alerted(desk)
    [before] = alerts(desk)
    with desk.services.database.write() as session:
        scope = scope_of_channel(session.scalars(select(Channel)).one())
        topic_id = session.scalars(select(TopicAlert.topic_id)).one() or 0
        part_id = Curator(session, scope, "U2", desk.clock.now).split(topic_id).id
    say(desk, "C1", "vpn drops every hour", [NOW + DAY / 2] * 12)
    chores(desk, NOW + DAY)
    with desk.services.database.read() as session:
        posted = session.execute(select(TopicAlert.topic_id, TopicAlert.message_ts)).all()
    assert {(one, ts) for one, ts in posted} == {(topic_id, before["ts"]), (part_id, None)}
    assert [one["ts"] for one in alerts(desk)] == [before["ts"]]
    with desk.services.database.write() as session:
        Curator(session, scope, "U2", desk.clock.now).merge(topic_id, [part_id])
    chores(desk, NOW + 2 * DAY)
    [after] = alerts(desk)
    assert after["ts"] == before["ts"]
    assert "21 in seven days" in words(after)


@pytest.mark.parametrize(
    ("language", "heading", "open_", "asked"),
    [
        ("de", "Häufiger gefragt als sonst", "Öffnen", "Worum es in den Tickets geht"),
        ("es", "Se pregunta más de lo habitual", "Abrir", "De qué tratan los tickets"),
    ],
)
def test_channels_are_told_in_their_language(
    desk: Desk, language: str, heading: str, open_: str, asked: str
) -> None:
    """Alert and summary, with every word of theirs but the tickets' own."""
    rise(desk, topic_alerts=True, weekly_topics=True, digest=False, language=language)
    chores(desk)
    said = [words(one) for one in desk.slack.posted()]
    assert len(said) == 2
    assert all(open_ in one for one in said)
    assert any(heading in one for one in said)
    assert any(asked in one for one in said)
    assert "ticket " not in "".join(said)


def test_an_alert_follows_a_new_name(desk: Desk) -> None:
    """At once, in the message that is posted."""
    alerted(desk)
    rename(desk, "Lost tunnels")
    [alert] = alerts(desk)
    assert "Lost tunnels" in words(alert)
    assert "9 in seven days" in words(alert)
    assert desk.slack.count("chat.postMessage") == 1


def test_an_old_alert_keeps_its_name(desk: Desk) -> None:
    """Its figures are those of then."""
    alerted(desk)
    before = words(alerts(desk)[0])
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 9 * DAY))
    rename(desk, "Lost tunnels")
    assert words(alerts(desk)[0]) == before


def test_an_alert_names_no_ticket_that_is_gone(desk: Desk) -> None:
    """It is brought up to date when one is taken back."""
    rise(desk, topic_alerts=True, digest=False)
    ts = desk.ticket("C1", "vpn drops every hour tuesday", user="U50")
    desk.drain()
    chores(desk)
    [alert] = alerts(desk)
    assert "tuesday" in words(alert)
    desk.take_back("C1", ts)
    desk.drain()
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert "tuesday" not in words(after)
    assert desk.jobs("failed") == []


def test_an_old_alert_on_what_is_gone_is_taken_back(desk: Desk) -> None:
    """Its figures cannot be computed again, and its tickets may no longer be named."""
    rise(desk, topic_alerts=True, digest=False)
    ts = desk.ticket("C1", "vpn drops every hour again")
    desk.drain()
    chores(desk)
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 9 * DAY))
    desk.take_back("C1", ts)
    desk.drain()
    assert alerts(desk) == []


def test_an_alert_that_somebody_deletes_is_left_alone(desk: Desk) -> None:
    """Nothing edits it, and its incident gets no second alert while it goes on."""
    alerted(desk)
    [alert] = alerts(desk)
    desk.slack.remove("C1", alert["ts"])
    desk.take_back("C1", alert["ts"])
    desk.drain()
    for day in range(1, 5):  # it goes on for days: what was last a rise moves on
        say(desk, "C1", "vpn drops every hour", [NOW + (day - 0.5) * DAY] * 4)
        chores(desk, NOW + day * DAY)
    assert alerts(desk) == []
    assert desk.slack.count("chat.update") == 0


def test_an_alert_that_was_deleted_while_nobody_listened_is_edited_no_more(desk: Desk) -> None:
    """Once Slack has said that it is gone."""
    alerted(desk)
    desk.slack.remove("C1", alerts(desk)[0]["ts"])
    for day in (1, 2, 3):
        say(desk, "C1", "vpn drops every hour", [NOW + (day - 0.5) * DAY] * 4)
        chores(desk, NOW + day * DAY)
    assert alerts(desk) == []
    assert desk.slack.count("chat.update") == 1


def test_topics_that_are_joined_have_one_alert(desk: Desk) -> None:
    """The later one; from then on it speaks of both."""
    rise(desk, topic_alerts=True, digest=False)
    say(desk, "C1", "parcel lost in transit", [NOW - 50 * DAY, *[NOW - DAY] * 9])
    chores(desk)
    assert len(alerts(desk)) == 2
    join(desk, "vpn", "parcel")
    chores(desk, NOW + DAY)
    [alert] = alerts(desk)
    assert "18 in seven days" in words(alert)


def test_an_alert_on_a_topic_that_is_gone_is_taken_back(desk: Desk) -> None:
    """Nothing could follow its tickets any more."""
    alerted(desk)
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(topic_id=None))
    chores(desk, NOW + 2 * DAY)
    assert len(alerts(desk)) == 1
    with desk.services.database.read() as session:
        assert len(session.scalars(select(TopicAlert)).all()) == 2


@pytest.mark.both_databases
def test_a_week_is_summed_up_once_by_a_worker_that_dies(desk: Desk) -> None:
    """Between the post and the record."""
    rise(desk, weekly_topics=True, digest=False)
    desk.put_in(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.run_dying(TopicGrouping)
    with desk.services.database.write() as session:
        session.execute(update(TopicRun).values(posted_channel=None, message_ts=None))
    desk.wait(60)
    [summary] = summaries(desk)
    with desk.services.database.read() as session:
        [run] = session.scalars(select(TopicRun)).all()
    assert run.message_ts == summary["ts"]
