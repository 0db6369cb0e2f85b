"""Channels that want it get a weekly summary of topics, and one alert for each incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.jobs.topic_kinds import ChannelAlerts, DailyTopics
from bot.server.schedule import due_jobs
from models import Topic, TopicAlert, TopicRun
from services.memory.workspaces import find_workspace
from services.topics.curation import Curator
from services.topics.scopes import scope_of_everybody
from tests.bot.tasks.rises import DAY, alerts, run_due_jobs, set_channel, store_rise, store_tickets
from tests.bot.tasks.topics import cluster, summaries
from tests.conftest import NOW
from tests.hashing import HashingEmbedder
from tests.remembering import channel
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_standin import SlackStandIn


def test_channels_get_no_alerts_by_default(desk: Desk) -> None:
    """Alerts and weekly summaries are off at first."""
    store_rise(desk, digest=False)
    run_due_jobs(desk)
    assert desk.slack.posted() == []


@pytest.mark.both_databases
def test_a_rise_is_one_alert_that_is_updated(desk: Desk) -> None:
    """One message for as long as the rise lasts, with the figures of the last day."""
    store_rise(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    run_due_jobs(desk)
    [alert] = alerts(desk)
    assert "9 in seven days" in words(alert)
    assert "thread_ts" not in alert
    store_tickets(desk, "C1", "vpn drops every hour", [NOW + DAY / 2] * 3)
    run_due_jobs(desk, NOW + DAY)
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert "12 in seven days" in words(after)
    assert desk.slack.count("chat.postMessage") == 1


def test_a_calm_week_ends_an_incident(desk: Desk) -> None:
    """A rise after seven calm days gets a new alert; before, it is the same incident."""
    store_rise(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 7 * DAY))
    run_due_jobs(desk, NOW + timedelta(days=0, hours=1))
    assert len(alerts(desk)) == 1
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 7 * DAY))
    run_due_jobs(desk, NOW + DAY)
    assert len(alerts(desk)) == 2


@pytest.mark.parametrize("hour", [20, 23, 30])
def test_nights_are_quiet(desk: Desk, hour: int) -> None:
    """From 20 to 7 o'clock nothing is posted; a rise that lasts is posted at 7."""
    store_rise(desk, topic_alerts=True, digest=False)
    midnight = NOW.replace(hour=0)
    run_due_jobs(desk, midnight + timedelta(hours=hour))
    assert alerts(desk) == []
    run_due_jobs(desk, midnight + timedelta(hours=31))
    assert len(alerts(desk)) == 1


def alert_without_record(desk: Desk) -> None:
    """Run a worker that posts an alert and dies before it is recorded."""
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.enqueue(*desk.run_and_die(DailyTopics))
    desk.run_and_die(ChannelAlerts)
    with desk.services.database.write() as session:
        session.query(TopicAlert).delete()


def test_a_worker_that_dies_posts_one_alert(desk: Desk) -> None:
    """An alert that was posted but not recorded is found."""
    store_rise(desk, topic_alerts=True, digest=False)
    alert_without_record(desk)
    desk.wait(60)
    assert len(alerts(desk)) == 1


@pytest.fixture
def desk_in_auckland(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give the bot of a team in New Zealand with quiet hours from 22 to 6."""
    values = {"DEJA_TIME_ZONE": "Pacific/Auckland", "DEJA_QUIET_HOURS": "22-06"}
    with open_desk(
        slack, database_url, str(tmp_path / "data"), embedder, settings=values
    ) as opened:
        yield opened


def test_nights_and_mondays_follow_the_teams_time_zone(desk_in_auckland: Desk) -> None:
    """Where a day begins at eleven o'clock UTC, there is one alert and one summary."""
    store_rise(desk_in_auckland, topic_alerts=True, weekly_topics=True, digest=False)
    monday = (
        NOW.replace(hour=0) - DAY / 2 + timedelta(hours=-1)
    )  # midnight of the 23rd, by their clock
    for hour in (-1, 0, 5):
        run_due_jobs(desk_in_auckland, monday + timedelta(hours=hour))
        assert desk_in_auckland.slack.posted() == []
    run_due_jobs(desk_in_auckland, monday + timedelta(hours=6))
    assert (len(alerts(desk_in_auckland)), len(summaries(desk_in_auckland))) == (1, 0)
    for hour in (9, 15, 21):
        run_due_jobs(desk_in_auckland, monday + timedelta(hours=hour))
        assert (len(alerts(desk_in_auckland)), len(summaries(desk_in_auckland))) == (1, 1)
    with desk_in_auckland.services.database.read() as session:
        assert session.scalars(select(TopicRun.made_by)).all() == ["deja"] * 2
    assert "since Nov 23, 2026" in words(alerts(desk_in_auckland)[0])


def test_a_worker_that_dies_before_midnight_posts_one_alert(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    """Without quiet hours the second attempt is on the next day, and finds the alert."""
    values = {"DEJA_TIME_ZONE": "Pacific/Auckland", "DEJA_QUIET_HOURS": "0-0"}
    with open_desk(slack, database_url, str(tmp_path / "data"), embedder, settings=values) as desk:
        store_rise(desk, topic_alerts=True, digest=False)
        desk.clock.now = NOW - timedelta(hours=1, seconds=30)
        alert_without_record(desk)
        desk.wait(60)
        with desk.services.database.read() as session:
            assert len(session.scalars(select(TopicAlert)).all()) == 1
        assert len(alerts(desk)) == 1


def test_a_long_incident_is_one_message(desk: Desk) -> None:
    """It is one message for more than a week, and although its tickets become two topics."""
    store_rise(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    [alert] = alerts(desk)
    desk.slack.say("C1", "looking into it", user="U2", thread_ts=alert["ts"])
    for day in range(1, 11):
        store_tickets(desk, "C1", "vpn drops every hour", [NOW + day * DAY] * (2 + 2 * day))
        run_due_jobs(desk, NOW + day * DAY)
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert desk.slack.count("chat.postMessage") == 1
    assert "since Nov 23, 2026" in words(after)


def test_a_rise_in_a_private_channel_is_reported_only_there(desk: Desk) -> None:
    """A public channel gets no alert about a private channel's tickets."""
    desk.slack.add_channel("G1", is_private=True)
    store_rise(desk, "G1", private=True, topic_alerts=True, digest=False)
    with desk.services.database.read() as session:
        channel(desk.services, find_workspace(session), "C1")
    set_channel(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    [alert] = alerts(desk)
    assert alert["ts"] in desk.slack._messages["G1"]


def test_an_alert_is_deleted_when_a_channel_turns_private(desk: Desk) -> None:
    """Its incident gets no second alert."""
    desk.slack.add_channel("C2")
    store_rise(desk, "C2", digest=False)
    with desk.services.database.read() as session:
        channel(desk.services, find_workspace(session), "C1")
    set_channel(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    assert len(alerts(desk)) == 1
    desk.slack.channels["C2"]["is_private"] = True
    desk.deliver_message("C2", desk.slack.say("C2", "now among us"))
    desk.drain()
    assert alerts(desk) == []
    run_due_jobs(desk, NOW + DAY)
    assert alerts(desk) == []


def test_a_week_has_one_summary(desk: Desk) -> None:
    """It is posted on Monday, counts the week's tickets, and has the changes since the last."""
    store_rise(desk, weekly_topics=True, digest=False)
    run_due_jobs(desk, NOW.replace(hour=8))
    assert summaries(desk) == []
    run_due_jobs(desk, NOW)
    run_due_jobs(desk, NOW)
    [summary] = summaries(desk)
    assert "9 tickets" in words(summary)
    assert "new" not in words(summary)  # the first summary has no news
    assert "printer" not in words(summary)
    store_tickets(desk, "C1", "vpn drops every hour", [NOW + DAY] * 5)
    run_due_jobs(desk, NOW + 7 * DAY)
    assert len(summaries(desk)) == 2
    assert "shrunk" in words(summaries(desk)[-1])


def test_a_week_with_few_tickets_has_no_summary(desk: Desk) -> None:
    """Four tickets are too few."""
    store_rise(desk, weekly_topics=True, digest=False)
    store_tickets(desk, "C1", "parcel lost", [NOW + 8 * DAY] * 4)
    run_due_jobs(desk, NOW + 14 * DAY)
    assert summaries(desk) == []


def test_topics_of_one_theme_are_one_incident(desk: Desk) -> None:
    """Two that rise at once have one alert, which a later day does not repeat."""
    store_rise(desk, digest=False)
    cluster(desk)
    with desk.services.database.write() as session:
        workspace_id = find_workspace(session).id
        curator = Curator(session, scope_of_everybody(workspace_id), "U2", NOW)
        rising = session.scalars(select(Topic).where(Topic.title.icontains("vpn"))).one()
        curator.split(rising.id)
    store_tickets(desk, "C1", "vpn drops every hour", [NOW - DAY / 2] * 9)
    set_channel(desk, topic_alerts=True)
    run_due_jobs(desk)
    assert len(alerts(desk)) == 1
    run_due_jobs(desk, NOW + DAY)
    assert len(alerts(desk)) == 1
    with desk.services.database.read() as session:
        assert len(session.scalars(select(TopicAlert)).all()) == 2


def test_an_exploration_causes_no_alert_and_ends_no_incident(desk: Desk) -> None:
    """Not even an exploration between a day's run and its alerts does."""
    store_rise(desk, topic_alerts=True, digest=False)
    run_due_jobs(desk)
    [alert] = alerts(desk)
    cluster(desk, "1")
    store_tickets(desk, "C1", "vpn drops every hour", [NOW + DAY / 2] * 3)
    desk.clock.now = NOW + DAY
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    follow_ups = desk.run_and_die(DailyTopics)
    cluster(desk, "2")
    desk.enqueue(*follow_ups)
    desk.drain()
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert "12 in seven days" in words(after)


def test_an_exploration_is_not_in_the_weekly_summary(desk: Desk) -> None:
    """The weekly summary has the team's own topics, regardless of explorations."""
    store_rise(desk, weekly_topics=True, digest=False)
    monday = NOW + timedelta(days=-NOW.weekday() % 7)
    desk.clock.now = monday.replace(hour=8)
    cluster(desk)
    [team] = summaries(desk)
    cluster(desk, "1")
    run_due_jobs(desk, monday.replace(hour=10))
    weekly = summaries(desk)[-1]
    assert "with a fixed number of topics" not in words(weekly)
    assert len(summaries(desk)) == 3
    assert "Gone" not in words(weekly)
    desk.click("C1", "topic", buttons(team)["topic"], user="U2")
    desk.drain()
    [*_, form] = desk.slack.views.values()
    assert "no such topic" not in str(form)
