"""A posted alert follows its topic: title, tickets and readers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.jobs.topic_kinds import DailyTopics, TopicGrouping
from bot.server.schedule import due_jobs
from models import Channel, Topic, TopicAlert, TopicRun
from services.topics.curation import Curator
from services.topics.scopes import scope_of_channel
from tests.bot.tasks.rises import DAY, alerts, run_due_jobs, set_channel, store_rise, store_tickets
from tests.bot.tasks.topics import summaries
from tests.conftest import NOW
from tests.serving import Desk, buttons, words


def post_alert(desk: Desk) -> None:
    """Post an alert to a rise."""
    store_rise(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    assert len(alerts(desk)) == 1


def rename(desk: Desk, title: str) -> None:
    """Rename the topic of the alert in its form."""
    [alert] = alerts(desk)
    topic = buttons(alert)["topic"]
    desk.click("C1", "topic", topic)
    [view_id] = list(desk.slack.views)[-1:]
    desk.drain()
    desk.press_menu(view_id, "topic_change", f"rename:C1:{topic}", "U2")
    desk.drain()
    desk.submit(view_id, {"title": {"value": title}})
    desk.drain()
    assert desk.jobs("failed") == []


def merge(desk: Desk, *of_words: str) -> None:
    """Merge the topics whose titles have these words."""
    with desk.services.database.write() as session:
        first, *others = [
            session.scalars(select(Topic.id).where(Topic.title.icontains(word))).one()
            for word in of_words
        ]
        scope = scope_of_channel(session.scalars(select(Channel)).one())
        Curator(session, scope, "U2", desk.clock.now).merge(first, others)


@pytest.mark.parametrize(
    "setting", [{"mode": "off"}, {"mode": "request"}, {"muted_at": NOW, "muted_by": "U1"}]
)
def test_a_quiet_channel_gets_no_alert_or_summary(desk: Desk, setting: dict[str, Any]) -> None:
    """A channel that is off, muted or on request gets neither, despite its settings."""
    store_rise(desk, topic_alerts=True, weekly_topics=True, digest=False, **setting)
    run_due_jobs(desk)
    assert desk.slack.posted() == []


@pytest.mark.parametrize("setting", [{"mode": "off"}, {"muted_at": NOW}, {"topic_alerts": False}])
def test_an_alert_follows_the_channels_latest_settings(desk: Desk, setting: dict[str, Any]) -> None:
    """A channel that turns alerts off between a run and its alerts gets none."""
    store_rise(desk, topic_alerts=True, digest=False)
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    follow_ups = desk.run_and_die(DailyTopics)
    set_channel(desk, **setting)
    desk.enqueue(*follow_ups)
    desk.drain()
    assert alerts(desk) == []


def test_a_split_topic_is_one_incident(desk: Desk) -> None:
    """The new part causes no second alert, and the merged topic keeps the message."""
    post_alert(desk)
    [before] = alerts(desk)
    with desk.services.database.write() as session:
        scope = scope_of_channel(session.scalars(select(Channel)).one())
        topic_id = session.scalars(select(TopicAlert.topic_id)).one() or 0
        part_id = Curator(session, scope, "U2", desk.clock.now).split(topic_id).id
    store_tickets(desk, "C1", "vpn drops every hour", [NOW + DAY / 2] * 12)
    run_due_jobs(desk, NOW + DAY)
    with desk.services.database.read() as session:
        posted = session.execute(select(TopicAlert.topic_id, TopicAlert.message_ts)).all()
    assert {(one, ts) for one, ts in posted} == {(topic_id, before["ts"]), (part_id, None)}
    assert [one["ts"] for one in alerts(desk)] == [before["ts"]]
    with desk.services.database.write() as session:
        Curator(session, scope, "U2", desk.clock.now).merge(topic_id, [part_id])
    run_due_jobs(desk, NOW + 2 * DAY)
    [after] = alerts(desk)
    assert after["ts"] == before["ts"]
    assert "21 in seven days" in words(after)


@pytest.mark.parametrize(
    ("language", "heading", "open_label", "summary_title"),
    [
        ("de", "Häufiger gefragt als sonst", "öffnen", "Worum es in den Tickets geht"),
        ("es", "Se pregunta más de lo habitual", "abrir", "De qué tratan los tickets"),
    ],
)
def test_alerts_and_summaries_are_in_the_channels_language(
    desk: Desk, language: str, heading: str, open_label: str, summary_title: str
) -> None:
    """Every word of an alert and a summary is translated, except for those of tickets."""
    store_rise(desk, topic_alerts=True, weekly_topics=True, digest=False, language=language)
    run_due_jobs(desk)
    posted = [words(one) for one in desk.slack.posted()]
    assert len(posted) == 2
    assert all(open_label in one.lower() for one in posted)
    assert any(heading in one for one in posted)
    assert any(summary_title in one for one in posted)
    assert "ticket " not in "".join(posted)


def test_an_alert_shows_its_topics_new_name(desk: Desk) -> None:
    """The posted message is updated at once."""
    post_alert(desk)
    rename(desk, "Lost tunnels")
    [alert] = alerts(desk)
    assert "Lost tunnels" in words(alert)
    assert "9 in seven days" in words(alert)
    assert desk.slack.count("chat.postMessage") == 1


def test_an_old_alert_keeps_its_name(desk: Desk) -> None:
    """An old alert is not changed, as its figures are those of its time."""
    post_alert(desk)
    before = words(alerts(desk)[0])
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 9 * DAY))
    rename(desk, "Lost tunnels")
    assert words(alerts(desk)[0]) == before


def test_an_alert_names_no_deleted_ticket(desk: Desk) -> None:
    """The alert is updated when a ticket is deleted."""
    store_rise(desk, topic_alerts=True, digest=False)
    ts = desk.ticket("C1", "vpn drops every hour tuesday", user="U50")
    desk.drain()
    run_due_jobs(desk)
    [alert] = alerts(desk)
    assert "tuesday" in words(alert)
    desk.delete("C1", ts)
    desk.drain()
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert "tuesday" not in words(after)
    assert desk.jobs("failed") == []


def test_an_old_alert_with_a_deleted_ticket_is_deleted(desk: Desk) -> None:
    """Its figures cannot be computed again, and it must not name the ticket."""
    store_rise(desk, topic_alerts=True, digest=False)
    ts = desk.ticket("C1", "vpn drops every hour again")
    desk.drain()
    run_due_jobs(desk)
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 9 * DAY))
    desk.delete("C1", ts)
    desk.drain()
    assert alerts(desk) == []


def test_a_deleted_alert_stays_deleted(desk: Desk) -> None:
    """It is not edited, and its incident gets no second alert."""
    post_alert(desk)
    [alert] = alerts(desk)
    desk.slack.remove("C1", alert["ts"])
    desk.delete("C1", alert["ts"])
    desk.drain()
    for day in range(1, 5):  # the incident goes on for days
        store_tickets(desk, "C1", "vpn drops every hour", [NOW + (day - 0.5) * DAY] * 4)
        run_due_jobs(desk, NOW + day * DAY)
    assert alerts(desk) == []
    assert desk.slack.count("chat.update") == 0


def test_an_alert_deleted_while_the_bot_was_offline_is_edited_once(desk: Desk) -> None:
    """It is not edited again after Slack has said that it does not exist."""
    post_alert(desk)
    desk.slack.remove("C1", alerts(desk)[0]["ts"])
    for day in (1, 2, 3):
        store_tickets(desk, "C1", "vpn drops every hour", [NOW + (day - 0.5) * DAY] * 4)
        run_due_jobs(desk, NOW + day * DAY)
    assert alerts(desk) == []
    assert desk.slack.count("chat.update") == 1


def test_merged_topics_have_one_alert(desk: Desk) -> None:
    """The later alert stays, and counts the tickets of both."""
    store_rise(desk, topic_alerts=True, digest=False)
    store_tickets(desk, "C1", "parcel lost in transit", [NOW - 50 * DAY, *[NOW - DAY] * 9])
    run_due_jobs(desk)
    assert len(alerts(desk)) == 2
    merge(desk, "vpn", "parcel")
    run_due_jobs(desk, NOW + DAY)
    [alert] = alerts(desk)
    assert "18 in seven days" in words(alert)


def test_an_alert_to_a_deleted_topic_is_deleted(desk: Desk) -> None:
    """The old alert could not follow its tickets any more."""
    post_alert(desk)
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(topic_id=None))
    run_due_jobs(desk, NOW + 2 * DAY)
    assert len(alerts(desk)) == 1
    with desk.services.database.read() as session:
        assert len(session.scalars(select(TopicAlert)).all()) == 2


@pytest.mark.both_databases
def test_a_worker_that_dies_posts_one_weekly_summary(desk: Desk) -> None:
    """A summary that was posted but not recorded is found."""
    store_rise(desk, weekly_topics=True, digest=False)
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.run_and_die(TopicGrouping)
    with desk.services.database.write() as session:
        session.execute(update(TopicRun).values(posted_channel=None, message_ts=None))
    desk.wait(60)
    [summary] = summaries(desk)
    with desk.services.database.read() as session:
        [run] = session.scalars(select(TopicRun)).all()
    assert run.message_ts == summary["ts"]
