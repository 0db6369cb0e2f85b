"""`/deja cluster`, `topics` and `trends`: summaries with pictures, and who sees which topics."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from bot.blocks.topic_forms import FORMS
from bot.jobs.request_kinds import SlashCommand
from models import Channel, Pool, TopicRun
from tests.bot.tasks.topics import (
    DETAILS,
    SUBJECTS,
    choose_step,
    cluster,
    open_topic,
    post_summary,
    post_tickets,
    summaries,
    topics,
)
from tests.serving import Desk, words


def test_a_command_posts_a_summary_with_a_picture(desk: Desk) -> None:
    """The person gets a reply at once, and then the channel gets topics, sizes and a map."""
    summary = post_summary(desk)
    assert "grouping" in json.dumps(desk.slack.private_replies[-1])
    text = words(summary)
    for topic in topics(desk):
        assert topic.title in text
    assert '"text": "6"' in text  # a cell of the table
    assert "18 tickets" in text
    [file] = desk.slack.files.values()
    assert (file["channel"], file["thread_ts"]) == ("C1", summary["ts"])
    assert all(topic.title in file["alt_txt"] for topic in topics(desk))
    assert len(summaries(desk)) == 1


def test_a_worker_that_dies_posts_one_summary(desk: Desk) -> None:
    """The job that runs again finds its summary."""
    post_tickets(desk)
    desk.command("C1", "cluster")
    desk.run_and_die(SlashCommand)
    desk.wait(60)
    assert len(summaries(desk)) == 1


def test_an_invalid_command_is_explained(desk: Desk) -> None:
    """The private reply has an example, and nothing is posted."""
    post_tickets(desk, subjects=SUBJECTS[:1])
    for number, text in enumerate(("soon", "0", "0d", "-3", "30x"), 1):
        assert cluster(desk, text) == [], text
        assert len(desk.slack.private_replies) == number
        assert "/deja cluster 30d" in json.dumps(desk.slack.private_replies[-1]), text


def test_a_command_without_tickets_says_so(desk: Desk) -> None:
    """An empty workspace or channel gets a private reply and no summary."""
    assert cluster(desk) == []
    assert "no ticket" in json.dumps(desk.slack.private_replies[-1])
    post_tickets(desk, subjects=SUBJECTS[:1])
    for unknown in ("<#C404|nowhere>", "#nowhere"):
        assert cluster(desk, unknown) == []
        reply = json.dumps(desk.slack.private_replies[-1])
        assert "I don't know of a channel #nowhere" in reply


def test_a_channel_and_a_number_narrow_the_run(desk: Desk) -> None:
    """Only the channel's tickets are clustered, and the summary names the channel."""
    desk.slack.add_channel("C2")
    post_tickets(desk)
    post_tickets(desk, "C2", ("parcel lost in transit",))
    [summary] = cluster(desk, "<#C2|c2> 1")
    assert "parcel" in words(summary).casefold()
    assert "printer" not in words(summary).casefold()
    assert "What people ask about · <#C2>" in words(summary)
    with desk.services.database.read() as session:
        run = session.scalars(select(TopicRun)).one()
    assert run.tickets == 6


def test_a_private_channel_is_not_named_to_others(desk: Desk) -> None:
    """It is as unknown to them as one that does not exist, alone or beside another channel."""
    desk.slack.add_channel("C2", is_private=True, members=["U2"])
    post_tickets(desk)
    post_tickets(desk, "C2", ("parcel lost in transit",))
    for hidden in ("C2", "C404"):
        assert cluster(desk, f"<#C1|c1> <#{hidden}|secret-deals>") == []
        reply = json.dumps(desk.slack.private_replies[-1])
        assert "I don't know of a channel #secret-deals" in reply
        assert hidden not in reply
    [summary] = cluster(desk, "<#C1|c1>")
    assert "C2" not in words(summary)
    assert "parcel" not in words(summary).casefold()


def test_topics_that_others_may_not_read_any_more_are_gone(desk: Desk) -> None:
    """A list says why, and what to do."""
    desk.slack.add_channel("C2")
    post_tickets(desk)
    post_tickets(desk, "C2", ("parcel lost in transit",))
    cluster(desk)
    with desk.services.database.write() as session:
        session.scalars(select(Pool).limit(1)).one().epoch += 1
    for command in ("topics", "trends"):
        desk.command("C1", command)
        desk.drain()
        reply = json.dumps(desk.slack.private_replies[-1])
        assert "Who can read these tickets has changed" in reply
        assert "/deja cluster" in reply


def test_lists_and_trends_are_private_until_shared(desk: Desk) -> None:
    """A list without topics says what to do; trends can be shared with the channel."""
    post_tickets(desk)
    desk.command("C1", "topics")
    desk.drain()
    assert "no topics yet: /deja cluster" in json.dumps(desk.slack.private_replies[-1])
    cluster(desk)
    desk.command("C1", "topics")
    desk.drain()
    assert topics(desk)[0].title in json.dumps(desk.slack.private_replies[-1])
    desk.command("C1", "trends")
    desk.drain()
    text: Any = desk.slack.private_replies[-1]
    assert "6 open" in json.dumps(text)
    desk.click("C1", "share", "trends")
    desk.drain()
    assert any("still unanswered" in words(one) for one in desk.slack.posted())


def test_guests_see_no_topics(desk: Desk) -> None:
    """Guests get neither lists nor summaries nor forms."""
    post_tickets(desk)
    cluster(desk)
    before = len(summaries(desk))
    desk.slack.users["U7"] = {"is_restricted": True}
    for text in ("topics", "trends", "cluster"):
        desk.command("C1", text, user="U7")
        desk.drain()
        assert "members" in json.dumps(desk.slack.private_replies[-1])
    assert len(summaries(desk)) == before
    _, view = open_topic(desk, summaries(desk)[0], user="U7")
    assert "members" in json.dumps(view)
    assert "printer" not in json.dumps(view)


def test_a_private_channel_has_its_own_topics(desk: Desk) -> None:
    """Members see them in the channel, and nobody sees them elsewhere."""
    desk.slack.add_channel("G1", is_private=True, members=["U2", "U3"])
    post_tickets(desk, "G1", ("merger secret plan",))
    post_tickets(desk, subjects=SUBJECTS[:1])
    [public] = cluster(desk)
    assert "merger" not in words(public).casefold()
    assert "6 tickets" in words(public)
    cluster(desk, channel="G1")
    [private] = [one for one in summaries(desk) if "merger" in words(one).casefold()]
    assert private["ts"] in desk.slack._messages["G1"]
    before = len(summaries(desk))
    desk.command("G1", "cluster", user="U8")  # is not a member
    desk.drain()
    assert len(summaries(desk)) == before
    desk.command("C1", "topics")
    desk.drain()
    assert "merger" not in json.dumps(desk.slack.private_replies[-1]).casefold()


def test_a_summary_is_deleted_when_a_channel_turns_private(desk: Desk) -> None:
    """It is deleted with its picture, as not all may read those tickets any more."""
    desk.slack.add_channel("C2")
    post_tickets(desk, "C2", ("merger secret plan",))
    post_tickets(desk, subjects=SUBJECTS[:1])
    [summary] = cluster(desk)
    assert "merger" in words(summary).casefold()
    desk.slack.channels["C2"]["is_private"] = True
    message = desk.slack.say("C2", "now among us")
    desk.deliver_message("C2", message)
    desk.drain()
    assert summaries(desk) == []
    assert desk.slack.files == {}
    desk.command("C1", "topics")
    desk.drain()
    assert "merger" not in json.dumps(desk.slack.private_replies[-1]).casefold()


def test_without_the_permission_there_is_no_picture(desk: Desk) -> None:
    """The summary is posted without it."""
    post_tickets(desk)
    desk.slack.forbid("files.getUploadURLExternal", "missing_scope")
    assert len(cluster(desk)) == 1
    assert desk.jobs("failed") == []


def test_texts_of_tickets_are_no_markup(desk: Desk) -> None:
    """Titles come from tickets, and neither mention anybody nor link anywhere."""
    for number, detail in enumerate(DETAILS):
        desk.ticket("C1", f"<!here> *pay* `now` <https://evil.example|bank> {detail} {number}")
    desk.drain()
    for summary in cluster(desk):
        assert "<!here>" not in words(summary)


def test_a_mention_works_like_the_command(desk: Desk) -> None:
    """The reply is in the thread, and the summary is posted in the channel."""
    post_tickets(desk)
    ts = desk.ticket("C1", "<@U0DEJA> cluster all")
    desk.drain()
    assert "grouping" in words(desk.slack.replies("C1", ts)[0])
    assert len(summaries(desk)) == 1


def test_a_channel_that_is_off_gets_no_summary(desk: Desk) -> None:
    """The private reply says that the bot is off."""
    post_tickets(desk)
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().mode = "off"
    assert cluster(desk) == []
    assert "off in this channel" in json.dumps(desk.slack.private_replies[-1])


def test_an_exploration_is_a_summary_of_its_own(desk: Desk) -> None:
    """It is marked as one; topics of both summaries can be opened and renamed."""
    post_tickets(desk)
    [team] = cluster(desk)
    _, exploration = cluster(desk, "1")
    assert "with a fixed number of topics" in words(exploration)
    assert "with a fixed number of topics" not in words(team)
    for listed in ("topics", "trends"):
        desk.command("C1", listed, user="U2")
        desk.drain()
        assert "with a fixed number of topics" not in json.dumps(desk.slack.private_replies[-1])
    for number, shown in enumerate((team, exploration)):
        view_id, form = choose_step(desk, shown, "rename")
        assert form["callback_id"] == FORMS["rename"]
        desk.submit(view_id, {"title": {"value": f"Name {number}"}})
        desk.drain()
    text = [words(one) for one in summaries(desk)]
    assert ["Name 0" in one for one in text] == [True, False]
    assert ["Name 1" in one for one in text] == [False, True]
    [*_, again] = cluster(desk)
    assert "Name 0" in words(again)
    assert "new" not in words(again).split()


def test_after_a_preview_the_teams_own_topics_are_listed(desk: Desk) -> None:
    """A preview is posted where it was asked for; the list is that of the team's topics."""
    post_tickets(desk)
    cluster(desk)
    cluster(desk, "1")
    desk.command("C1", "topics")
    desk.drain()
    listed = words(desk.slack.private_replies[-1])
    own = [one.title for one in topics(desk) if one.kind == "team"]
    assert len(own) == 3
    assert all(title in listed for title in own)
