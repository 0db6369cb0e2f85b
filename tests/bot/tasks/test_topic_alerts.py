"""Topics unasked: the summary of a week, one alert an incident, where a channel asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.jobs.topic_kinds import ChannelAlerts, DailyTopics
from bot.server.schedule import due_jobs
from models import Channel, TopicAlert, TopicRun
from services.memory.workspaces import find_workspace
from tests.bot.tasks.topics import cluster, summaries
from tests.conftest import NOW
from tests.hashing import HashingEmbedder
from tests.remembering import START, channel, remember, ticket
from tests.serving import Desk, buttons, open_desk, words
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn

DAY = timedelta(days=1)
DETAILS = ("after update", "since monday", "third floor", "again today", "for everybody", "at home")
PAST = START - timedelta(days=60)


def say(desk: Desk, slack_id: str, subject: str, days: list[datetime]) -> None:
    """Let people say tickets on a subject in a channel."""
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
        place = session.scalars(select(Channel.id).where(Channel.slack_id == slack_id)).one()
    items = [
        ticket(
            f"{slack_id}/{subject}/{at:%m%d}/{number}",
            f"{subject} {DETAILS[number % 6]} {number}",
            minutes=int((at - START).total_seconds()) // 60,
            author=f"U{number}",
            channel_id=place,
        )
        for number, at in enumerate(days)
    ]
    remember(desk.services, workspace, items)


def rise(desk: Desk, slack_id: str = "C1", *, private: bool = False, **wanted: object) -> None:
    """Give a channel with an even past in which one thing is asked much oftener of late."""
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
    channel(desk.services, workspace, slack_id, private=private)
    weekly = [PAST + timedelta(days=9 * week) for week in range(8)]
    say(desk, slack_id, "printer prints blank pages", weekly)
    say(desk, slack_id, "invoice total looks wrong", weekly)
    say(desk, slack_id, "vpn drops every hour", [weekly[1], *[NOW - DAY] * 9])
    want(desk, slack_id, **wanted)


def want(desk: Desk, slack_id: str = "C1", **wanted: object) -> None:
    """Set what a channel wants."""
    with desk.services.database.write() as session:
        session.execute(update(Channel).where(Channel.slack_id == slack_id).values(**wanted))


def chores(desk: Desk, now: datetime | None = None) -> None:
    """Do what is due by itself, now or then."""
    desk.clock.now = now or desk.clock.now
    desk.put_in(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.drain()
    assert desk.jobs("failed") == []


def alerts(desk: Desk) -> list[Json]:
    """Return the alerts that stand."""
    return [one for one in desk.slack.posted() if "Asked more than usual" in words(one)]


def test_nobody_is_told_who_did_not_ask(desk: Desk) -> None:
    """Both are off at first."""
    rise(desk, digest=False)
    chores(desk)
    assert desk.slack.posted() == []


@pytest.mark.both_databases
def test_a_rise_is_told_once_and_followed(desk: Desk) -> None:
    """One message for the days it goes on, with the figures of the last."""
    rise(desk, topic_alerts=True, digest=False)
    chores(desk)
    chores(desk)
    [alert] = alerts(desk)
    assert "9 in seven days" in words(alert)
    assert "thread_ts" not in alert
    say(desk, "C1", "vpn drops every hour", [NOW + DAY / 2] * 3)
    chores(desk, NOW + DAY)
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert "12 in seven days" in words(after)
    assert desk.slack.count("chat.postMessage") == 1


def test_a_calm_week_ends_an_incident(desk: Desk) -> None:
    """What rises again then gets a new alert; sooner it is the same incident."""
    rise(desk, topic_alerts=True, digest=False)
    chores(desk)
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 7 * DAY))
    chores(desk, NOW + timedelta(days=0, hours=1))
    assert len(alerts(desk)) == 1
    with desk.services.database.write() as session:
        session.execute(update(TopicAlert).values(last_seen_at=NOW - 7 * DAY))
    chores(desk, NOW + DAY)
    assert len(alerts(desk)) == 2


@pytest.mark.parametrize("hour", [20, 23, 30])
def test_nights_are_quiet(desk: Desk, hour: int) -> None:
    """From 20 to 7 o'clock nothing is said; it comes at 7 if it still holds."""
    rise(desk, topic_alerts=True, digest=False)
    midnight = NOW.replace(hour=0)
    chores(desk, midnight + timedelta(hours=hour))
    assert alerts(desk) == []
    chores(desk, midnight + timedelta(hours=31))
    assert len(alerts(desk)) == 1


def alert_without_record(desk: Desk) -> None:
    """Let a worker group and alert to a rise, and die before that is recorded."""
    desk.put_in(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.put_in(*desk.run_dying(DailyTopics))
    desk.run_dying(ChannelAlerts)
    with desk.services.database.write() as session:
        session.query(TopicAlert).delete()


def test_a_worker_that_dies_tells_once(desk: Desk) -> None:
    """What was posted and not recorded is found."""
    rise(desk, topic_alerts=True, digest=False)
    alert_without_record(desk)
    desk.wait(60)
    assert len(alerts(desk)) == 1


@pytest.fixture
def abroad(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give the bot of a team on the other side of the world, which is quiet from 22 to 6."""
    values = {"DEJA_TIME_ZONE": "Pacific/Auckland", "DEJA_QUIET_HOURS": "22-06"}
    with open_desk(
        slack, database_url, str(tmp_path / "data"), embedder, settings=values
    ) as opened:
        yield opened


def test_nights_and_mondays_are_those_of_the_team(abroad: Desk) -> None:
    """A day there begins at eleven o'clock in UTC: still there is one alert, and one summary."""
    rise(abroad, topic_alerts=True, weekly_topics=True, digest=False)
    monday = NOW.replace(hour=0) - DAY / 2 + timedelta(hours=-1)  # of the 23rd, by their clock
    for hour in (-1, 0, 5):
        chores(abroad, monday + timedelta(hours=hour))
        assert abroad.slack.posted() == []
    chores(abroad, monday + timedelta(hours=6))
    assert (len(alerts(abroad)), len(summaries(abroad))) == (1, 0)
    for hour in (9, 15, 21):
        chores(abroad, monday + timedelta(hours=hour))
        assert (len(alerts(abroad)), len(summaries(abroad))) == (1, 1)
    with abroad.services.database.read() as session:
        assert session.scalars(select(TopicRun.made_by)).all() == ["deja"] * 2
    assert "since Nov 23, 2026" in words(alerts(abroad)[0])


def test_a_worker_that_dies_before_midnight_tells_once(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    """Where it is never quiet the second try is on the next day."""
    values = {"DEJA_TIME_ZONE": "Pacific/Auckland", "DEJA_QUIET_HOURS": "0-0"}
    with open_desk(slack, database_url, str(tmp_path / "data"), embedder, settings=values) as desk:
        rise(desk, topic_alerts=True, digest=False)
        desk.clock.now = NOW - timedelta(hours=1, seconds=30)
        alert_without_record(desk)
        desk.wait(60)
        with desk.services.database.read() as session:
            assert len(session.scalars(select(TopicAlert)).all()) == 1
        assert len(alerts(desk)) == 1


def test_an_incident_is_one_message_however_long(desk: Desk) -> None:
    """Longer than a calm week, and where its many tickets become two topics."""
    rise(desk, topic_alerts=True, digest=False)
    chores(desk)
    [alert] = alerts(desk)
    desk.slack.say("C1", "looking into it", user="U2", thread_ts=alert["ts"])
    for day in range(1, 11):
        say(desk, "C1", "vpn drops every hour", [NOW + day * DAY] * (2 + 2 * day))
        chores(desk, NOW + day * DAY)
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert desk.slack.count("chat.postMessage") == 1
    assert "since Nov 23, 2026" in words(after)


def test_a_private_rise_stays_where_it_is(desk: Desk) -> None:
    """A public channel gets no alert to it."""
    desk.slack.add_channel("G1", is_private=True)
    rise(desk, "G1", private=True, topic_alerts=True, digest=False)
    with desk.services.database.read() as session:
        channel(desk.services, find_workspace(session), "C1")
    want(desk, topic_alerts=True, digest=False)
    chores(desk)
    [alert] = alerts(desk)
    assert alert["ts"] in desk.slack._messages["G1"]


def test_an_alert_is_taken_back_when_its_readers_change(desk: Desk) -> None:
    """And its incident gets no second alert."""
    desk.slack.add_channel("C2")
    rise(desk, "C2", digest=False)
    with desk.services.database.read() as session:
        channel(desk.services, find_workspace(session), "C1")
    want(desk, topic_alerts=True, digest=False)
    chores(desk)
    assert len(alerts(desk)) == 1
    desk.slack.channels["C2"]["is_private"] = True
    desk.hear("C2", desk.slack.say("C2", "now among us"))
    desk.drain()
    assert alerts(desk) == []
    chores(desk, NOW + DAY)
    assert alerts(desk) == []


def test_a_week_is_summed_up_once(desk: Desk) -> None:
    """On Monday, with what changed since the last: only tickets of the week are counted."""
    rise(desk, weekly_topics=True, digest=False)
    chores(desk, NOW.replace(hour=8))
    assert summaries(desk) == []
    chores(desk, NOW)
    chores(desk, NOW)
    [summary] = summaries(desk)
    assert "9 tickets" in words(summary)
    assert "new" not in words(summary)  # in the first nothing is news
    assert "printer" not in words(summary)
    say(desk, "C1", "vpn drops every hour", [NOW + DAY] * 5)
    chores(desk, NOW + 7 * DAY)
    assert len(summaries(desk)) == 2
    assert "shrunk" in words(summaries(desk)[-1])


def test_a_week_of_few_tickets_is_not_summed_up(desk: Desk) -> None:
    """Four are too few."""
    rise(desk, weekly_topics=True, digest=False)
    say(desk, "C1", "parcel lost", [NOW + 8 * DAY] * 4)
    chores(desk, NOW + 14 * DAY)
    assert summaries(desk) == []


def test_a_look_alerts_nobody_and_ends_no_incident(desk: Desk) -> None:
    """Also one between the grouping of a day and its alerts changes neither."""
    rise(desk, topic_alerts=True, digest=False)
    chores(desk)
    [alert] = alerts(desk)
    cluster(desk, "1")
    say(desk, "C1", "vpn drops every hour", [NOW + DAY / 2] * 3)
    desk.clock.now = NOW + DAY
    desk.put_in(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    follow_ups = desk.run_dying(DailyTopics)
    cluster(desk, "2")
    desk.put_in(*follow_ups)
    desk.drain()
    [after] = alerts(desk)
    assert after["ts"] == alert["ts"]
    assert "12 in seven days" in words(after)


def test_a_look_is_no_news_on_monday(desk: Desk) -> None:
    """The summary of a week shows the team's own topics, whoever explored in the meantime."""
    rise(desk, weekly_topics=True, digest=False)
    monday = NOW + timedelta(days=-NOW.weekday() % 7)
    desk.clock.now = monday.replace(hour=8)
    cluster(desk)
    [team] = summaries(desk)
    cluster(desk, "1")
    chores(desk, monday.replace(hour=10))
    weekly = summaries(desk)[-1]
    assert "with a fixed number of topics" not in words(weekly)
    assert len(summaries(desk)) == 3
    assert "Gone" not in words(weekly)
    desk.click("C1", "topic", buttons(team)["topic"], user="U2")
    desk.drain()
    [*_, form] = desk.slack.views.values()
    assert "no such topic" not in str(form)
