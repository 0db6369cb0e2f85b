"""What is posted about topics has no words that no ticket has any more."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from bot.clock import utc_now
from bot.jobs.request_kinds import SlashCommand
from bot.jobs.topic_kinds import TopicGrouping
from models import Item, Topic, TopicRun
from tests.bot.tasks.topics import (
    DETAILS,
    SUBJECTS,
    cluster,
    fill,
    open_topic,
    press,
    summaries,
    topics,
)
from tests.serving import Desk, words
from tests.slack_server import rate_limited

SECRET = "merger"


def stamps(desk: Desk, word: str) -> list[str]:
    """Return the tickets that say a word, by `ts`."""
    with desk.services.database.read() as session:
        rows = select(Item.ts).where(Item.text.contains(word)).order_by(Item.id)
        return [str(ts) for ts in session.scalars(rows)]


def pictures(desk: Desk) -> list[str]:
    """Return what the pictures that stand show, for who cannot see them."""
    return [str(file["alt_txt"]) for file in desk.slack.files.values()]


def on_record(desk: Desk) -> str:
    """Return all that is stored of topics and runs in words."""
    with desk.services.database.read() as session:
        known: list[Any] = [
            *((one.title, one.terms) for one in session.scalars(select(Topic))),
            *(
                (one.gone_topics, one.theme_titles, one.posted_titles)
                for one in session.scalars(select(TopicRun))
            ),
        ]
    return json.dumps(known)


def grouped_secret(desk: Desk) -> list[str]:
    """Post a summary that names a secret, and return the tickets that say it."""
    fill(desk, subjects=(f"{SECRET} with initech planned", *SUBJECTS[:2]))
    [summary] = cluster(desk)
    assert SECRET in words(summary)
    assert SECRET in pictures(desk)[0]
    return stamps(desk, SECRET)


def group_and_die(desk: Desk) -> None:
    """Post a summary by a worker that dies before its job is done."""
    desk.command("C1", "cluster")
    desk.put_in(*desk.run_dying(SlashCommand))
    desk.run_dying(TopicGrouping)


@pytest.mark.both_databases
def test_words_that_are_deleted_leave_the_summary(desk: Desk) -> None:
    """With its picture, and the record of what topics were called."""
    for ts in grouped_secret(desk):
        desk.take_back("C1", ts)
    desk.drain()
    [summary] = summaries(desk)
    assert SECRET not in words(summary)
    assert "12 tickets" in words(summary)
    [picture] = pictures(desk)
    assert SECRET not in picture
    assert SECRET not in on_record(desk)
    assert desk.jobs("failed") == []


def test_words_that_are_edited_away_leave_the_summary(desk: Desk) -> None:
    """The topic gets a new title, from what its tickets say now."""
    for number, ts in enumerate(grouped_secret(desk)):
        said = f"parcel lost in transit {DETAILS[number]}"
        desk.edit("C1", ts, said, f"{float(ts) + 60:.6f}")
    desk.drain()
    [summary] = summaries(desk)
    assert SECRET not in words(summary)
    assert "parcel" in words(summary)
    assert SECRET not in json.dumps(pictures(desk))
    assert SECRET not in on_record(desk)


def test_a_summary_of_an_older_run_follows_too(desk: Desk) -> None:
    """Whatever was grouped since."""
    said = grouped_secret(desk)
    cluster(desk)
    assert len(summaries(desk)) == 2
    for ts in said:
        desk.take_back("C1", ts)
    desk.drain()
    assert len(summaries(desk)) == 2
    assert SECRET not in json.dumps([words(one) for one in summaries(desk)])
    assert SECRET not in json.dumps(pictures(desk))


def test_one_ticket_of_many_changes_nothing(desk: Desk) -> None:
    """What others still say stays as it is, and Slack is not called."""
    first, *_ = grouped_secret(desk)
    before = [desk.slack.count(one) for one in ("chat.update", "files.delete")]
    desk.take_back("C1", first)
    desk.drain()
    assert [desk.slack.count(one) for one in ("chat.update", "files.delete")] == before
    assert SECRET in words(summaries(desk)[0])


def test_a_name_that_somebody_gave_stays(desk: Desk) -> None:
    """Nobody needs to have said it in a ticket."""
    fill(desk)
    [summary] = cluster(desk)
    view_id, _ = open_topic(desk, summary)
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    for ts in stamps(desk, "printer")[:2]:
        desk.take_back("C1", ts)
    desk.drain()
    assert "Paper trouble" in words(summaries(desk)[0])
    assert "Paper trouble" in pictures(desk)[0]


def test_the_picture_shows_what_people_made_of_topics(desk: Desk) -> None:
    """There is one, with the names of now and nothing that is hidden."""
    fill(desk)
    [summary] = cluster(desk)
    first = topics(desk)[0].title
    view_id, _ = open_topic(desk, summary)
    press(desk, view_id, "topic_hide")
    [picture] = pictures(desk)
    assert first not in picture


@pytest.mark.parametrize("with_thread", [True, False])
def test_the_picture_goes_with_its_summary(desk: Desk, *, with_thread: bool) -> None:
    """Where a person deletes that in Slack; nothing edits it afterwards."""
    fill(desk)
    [summary] = cluster(desk)
    view_id, _ = open_topic(desk, summary)
    if with_thread:
        desk.slack.say("C1", "thanks", thread_ts=summary["ts"])
    desk.slack.remove("C1", summary["ts"])
    if with_thread:  # the parent of a thread
        gone = {"type": "message", "ts": summary["ts"], "subtype": "tombstone", "text": "Gone"}
        change = {"type": "message", "subtype": "message_changed", "message": gone}
        desk.hear("C1", change)
    else:
        desk.take_back("C1", summary["ts"])
    desk.drain()
    assert desk.slack.files == {}
    before = desk.slack.count("chat.update")
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert desk.slack.count("chat.update") == before


def test_a_summary_that_was_deleted_while_nobody_listened_loses_its_picture(desk: Desk) -> None:
    """As soon as it is to be edited."""
    fill(desk)
    [summary] = cluster(desk)
    view_id, _ = open_topic(desk, summary)
    desk.slack.remove("C1", summary["ts"])
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert desk.slack.files == {}
    assert desk.jobs("failed") == []


def test_a_refused_picture_comes_later(desk: Desk) -> None:
    """If Slack limits the rate, the summary is there already, once."""
    fill(desk)
    desk.slack.fail("files.getUploadURLExternal", rate_limited(30))
    assert len(cluster(desk)) == 1
    assert desk.slack.files == {}
    desk.wait(31)
    assert len(pictures(desk)) == 1
    assert len(summaries(desk)) == 1


def test_a_refused_summary_is_that_of_the_same_run(desk: Desk) -> None:
    """Grouped once more, nothing would be news."""
    fill(desk, subjects=SUBJECTS[:2])
    cluster(desk)
    fill(desk, subjects=("parcel lost in transit",))
    desk.slack.fail("chat.postMessage", rate_limited(30))
    assert len(cluster(desk)) == 1
    desk.wait(31)
    assert "_new_" in words(summaries(desk)[-1])
    with desk.services.database.read() as session:
        assert len(session.scalars(select(TopicRun)).all()) == 2


def test_a_summary_that_was_shown_anew_is_not_posted_again(desk: Desk) -> None:
    """Its mark stays, whatever it says, and it is found by that."""
    fill(desk)
    group_and_die(desk)
    [summary] = summaries(desk)
    view_id, _ = open_topic(desk, summary)
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    desk.wait(60)
    [after] = summaries(desk)
    assert (after["ts"], "Paper trouble" in words(after)) == (summary["ts"], True)


def test_a_summary_that_was_posted_and_not_noted_is_posted_anew(desk: Desk) -> None:
    """Nobody could have taken it back."""
    fill(desk)
    group_and_die(desk)
    with desk.services.database.write() as session:
        run = session.scalars(select(TopicRun)).one()
        run.posted_channel = run.message_ts = None
    desk.wait(60)
    assert len(summaries(desk)) == 1
    with desk.services.database.read() as session:
        assert session.scalars(select(TopicRun)).one().message_ts == summaries(desk)[0]["ts"]


@pytest.mark.both_databases
def test_two_channels_at_once_both_get_their_summary(desk: Desk) -> None:
    """If one grouped between the other's run and its post, that run is repeated."""
    desk.slack.add_channel("C2")
    fill(desk)
    desk.slack.fail("chat.postMessage", rate_limited(30))
    assert cluster(desk) == []
    assert len(cluster(desk, channel="C2")) == 1
    desk.wait(31)
    assert len(summaries(desk)) == 2
    view_id, _ = open_topic(desk, summaries(desk)[0])
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert all("Paper trouble" in words(one) for one in summaries(desk))


def test_what_is_done_on_the_command_line_shows_in_slack(
    desk: Desk, command_line: Callable[..., Result]
) -> None:
    """In the posted summary and in its picture."""
    fill(desk)
    cluster(desk)
    first, second, third = (str(one.id) for one in topics(desk))
    hidden = topics(desk)[2].title
    for arguments in [
        ("rename", first, "Paper trouble"), ("merge", first, second), ("hide", third),
    ]:  # fmt: skip
        assert command_line("topics", *arguments).exit_code == 0
    desk.clock.now = utc_now()  # the command line has no other
    desk.drain()
    [summary] = summaries(desk)
    assert "Paper trouble" in words(summary)
    assert "12 tickets" in words(summary)
    assert hidden not in words(summary)
    [picture] = pictures(desk)
    assert "Paper trouble (12)" in picture
    assert hidden not in picture
    assert command_line("topics", "split", first).exit_code == 0
    desk.clock.now = utc_now()
    desk.drain()
    assert words(summaries(desk)[0]).count("6 tickets") == 2
    assert desk.jobs("failed") == []
