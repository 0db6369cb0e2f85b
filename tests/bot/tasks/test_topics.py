"""Topics in Slack: grouped on command, posted with a picture, opened, renamed, hidden, shared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.jobs.request_kinds import SlashCommand
from models import Channel, TopicRun
from tests.bot.tasks.topics import DETAILS, SUBJECTS, cluster, fill, open_topic, summaries, topics
from tests.serving import Desk, words


def test_a_command_is_answered_at_once_and_posted_with_a_picture(desk: Desk) -> None:
    """Whoever asks gets a reply at once; then topics, sizes and a map come for everybody."""
    fill(desk)
    [summary] = cluster(desk)
    assert "grouping" in json.dumps(desk.slack.whispers[-1])
    said = words(summary)
    for topic in topics(desk):
        assert topic.title in said
    assert "6 tickets" in said
    assert "18 tickets" in said
    [file] = desk.slack.files.values()
    assert (file["channel"], file["thread_ts"]) == ("C1", summary["ts"])
    assert all(topic.title in file["alt_txt"] for topic in topics(desk))
    assert len(summaries(desk)) == 1


def test_a_worker_that_dies_posts_once(desk: Desk) -> None:
    """The same job again finds its summary."""
    fill(desk)
    desk.command("C1", "cluster")
    desk.run_dying(SlashCommand)
    desk.wait(60)
    assert len(summaries(desk)) == 1


@pytest.mark.parametrize("text", ["soon", "0", "0d", "-3", "30x", "#nowhere"])
def test_what_makes_no_sense_is_told(desk: Desk, text: str) -> None:
    """With an example, and nothing is posted."""
    fill(desk, subjects=SUBJECTS[:1])
    assert cluster(desk, text) == []
    assert "/deja cluster 30d" in json.dumps(desk.slack.whispers[-1])


def test_nothing_to_group_is_told(desk: Desk) -> None:
    """Also for a span or a channel with nothing in it."""
    assert cluster(desk) == []
    assert "no ticket" in json.dumps(desk.slack.whispers[-1])
    fill(desk, subjects=SUBJECTS[:1])
    assert cluster(desk, "<#C404|nowhere>") == []
    assert "no ticket" in json.dumps(desk.slack.whispers[-1])


def test_a_span_a_channel_and_a_number_narrow_it(desk: Desk) -> None:
    """Each is taken into account."""
    desk.slack.add_channel("C2")
    fill(desk)
    fill(desk, "C2", ("parcel lost in transit",))
    [summary] = cluster(desk, "<#C2|c2> 1")
    assert "parcel" in words(summary)
    assert "printer" not in words(summary)
    assert "What people ask about · <#C2>" in words(summary)
    with desk.services.database.read() as session:
        run = session.scalars(select(TopicRun)).one()
    assert run.tickets == 6


def test_a_channel_that_readers_may_not_read_is_not_named(desk: Desk) -> None:
    """Neither by its link nor in the picture; its tickets are in no summary either."""
    desk.slack.add_channel("C2", is_private=True, members=["U2"])
    fill(desk)
    fill(desk, "C2", ("parcel lost in transit",))
    [summary] = cluster(desk, "<#C1|c1> <#C2|secret-deals>")
    assert "<#C1>" in words(summary)
    assert "C2" not in words(summary)
    assert "parcel" not in words(summary)


def test_lists_and_trends_are_told_to_one_and_shared(desk: Desk) -> None:
    """Both say what to do while nothing was grouped."""
    fill(desk)
    desk.command("C1", "topics")
    desk.drain()
    assert "/deja cluster" in json.dumps(desk.slack.whispers[-1])
    cluster(desk)
    desk.command("C1", "topics")
    desk.drain()
    assert topics(desk)[0].title in json.dumps(desk.slack.whispers[-1])
    desk.command("C1", "trends")
    desk.drain()
    said: Any = desk.slack.whispers[-1]
    assert "6 open" in json.dumps(said)
    desk.click("C1", "share", "trends")
    desk.drain()
    assert any("still unanswered" in words(one) for one in desk.slack.posted())


def test_a_guest_sees_no_topics_of_everybody(desk: Desk) -> None:
    """Neither lists nor runs, in whatever channel; nor does whom Slack does not know."""
    fill(desk)
    cluster(desk)
    before = len(summaries(desk))
    desk.slack.users["U7"] = {"is_restricted": True}
    for text in ("topics", "trends", "cluster"):
        desk.command("C1", text, user="U7")
        desk.drain()
        assert "members" in json.dumps(desk.slack.whispers[-1])
    assert len(summaries(desk)) == before
    _, view = open_topic(desk, summaries(desk)[0], user="U7")
    assert "members" in json.dumps(view)
    assert "printer" not in json.dumps(view)


def test_a_private_channel_has_topics_of_its_own(desk: Desk) -> None:
    """Its readers see them there; nobody does elsewhere."""
    desk.slack.add_channel("G1", is_private=True, members=["U2", "U3"])
    fill(desk, "G1", ("merger secret plan",))
    fill(desk, subjects=SUBJECTS[:1])
    [public] = cluster(desk)
    assert "merger" not in words(public)
    assert "6 tickets" in words(public)
    cluster(desk, channel="G1")
    [private] = [one for one in summaries(desk) if "merger" in words(one)]
    assert private["ts"] in desk.slack._messages["G1"]
    before = len(summaries(desk))
    desk.command("G1", "cluster", user="U8")  # was removed, or never in it
    desk.drain()
    assert len(summaries(desk)) == before
    desk.command("C1", "topics")
    desk.drain()
    assert "merger" not in json.dumps(desk.slack.whispers[-1])


def test_a_summary_is_taken_back_when_its_readers_change(desk: Desk) -> None:
    """With its picture: it named what not all may read any more."""
    desk.slack.add_channel("C2")
    fill(desk, "C2", ("merger secret plan",))
    fill(desk, subjects=SUBJECTS[:1])
    [summary] = cluster(desk)
    assert "merger" in words(summary)
    desk.slack.channels["C2"]["is_private"] = True
    message = desk.slack.say("C2", "now among us")
    desk.hear("C2", message)
    desk.drain()
    assert summaries(desk) == []
    assert desk.slack.files == {}
    desk.command("C1", "topics")
    desk.drain()
    assert "merger" not in json.dumps(desk.slack.whispers[-1])


def test_without_the_permission_there_is_no_picture(desk: Desk) -> None:
    """The summary comes all the same."""
    fill(desk)
    desk.slack.forbid("files.getUploadURLExternal", "missing_scope")
    assert len(cluster(desk)) == 1
    assert desk.jobs("failed") == []


def test_what_a_ticket_says_is_no_markup(desk: Desk) -> None:
    """Titles are taken from tickets: they can call nobody and link nowhere."""
    for number, detail in enumerate(DETAILS):
        desk.ticket("C1", f"<!here> *pay* `now` <https://evil.example|bank> {detail} {number}")
    desk.drain()
    for summary in cluster(desk):
        assert "<!here>" not in words(summary)


def test_a_mention_groups_too(desk: Desk) -> None:
    """In a thread it says that it works; the summary goes to the channel."""
    fill(desk)
    ts = desk.ticket("C1", "<@U0DEJA> cluster all")
    desk.drain()
    assert "grouping" in words(desk.slack.replies("C1", ts)[0])
    assert len(summaries(desk)) == 1


def test_an_off_channel_groups_nothing(desk: Desk) -> None:
    """It says so."""
    fill(desk)
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().mode = "off"
    assert cluster(desk) == []
    assert "off in this channel" in json.dumps(desk.slack.whispers[-1])


def test_an_exploration_leaves_the_summary_of_the_team_alone(desk: Desk) -> None:
    """It says what it is; the topics of both are opened, named and shown where they stand."""
    fill(desk)
    [team] = cluster(desk)
    _, look = cluster(desk, "1")
    assert "with a fixed number of topics" in words(look)
    assert "with a fixed number of topics" not in words(team)
    desk.command("C1", "topics", user="U2")
    desk.drain()
    assert "with a fixed number of topics" in json.dumps(desk.slack.whispers[-1])
    desk.command("C1", "trends", user="U2")
    desk.drain()
    assert "with a fixed number of topics" not in json.dumps(desk.slack.whispers[-1])
    for number, shown in enumerate((team, look)):
        view_id, form = open_topic(desk, shown)
        assert form["callback_id"] == "deja_topic_form"
        desk.submit(view_id, {"title": {"value": f"Name {number}"}})
        desk.drain()
    said = [words(one) for one in summaries(desk)]
    assert ["Name 0" in one for one in said] == [True, False]
    assert ["Name 1" in one for one in said] == [False, True]
    [*_, again] = cluster(desk)
    assert "Name 0" in words(again)
    assert "new" not in words(again).split()
