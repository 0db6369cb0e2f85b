"""Posted summaries and pictures have no deleted words, and follow changes to topics."""

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
from tests.slack_server import rate_limited

SECRET_WORD = "merger"


def ts_with(desk: Desk, word: str) -> list[str]:
    """Return the `ts` of the tickets that have a word."""
    with desk.services.database.read() as session:
        rows = select(Item.ts).where(Item.text.contains(word)).order_by(Item.id)
        return [str(ts) for ts in session.scalars(rows)]


def pictures(desk: Desk) -> list[str]:
    """Return the descriptions of the posted pictures."""
    return [str(file["alt_txt"]) for file in desk.slack.files.values()]


def stored_words(desk: Desk) -> str:
    """Return all stored texts of topics and runs."""
    with desk.services.database.read() as session:
        known: list[Any] = [
            *((one.title, one.terms) for one in session.scalars(select(Topic))),
            *(
                (one.gone_topics, one.theme_titles, one.posted_titles)
                for one in session.scalars(select(TopicRun))
            ),
        ]
    return json.dumps(known)


def post_secret(desk: Desk) -> list[str]:
    """Post a summary that has a secret word, and return the `ts` of the tickets with it."""
    post_tickets(desk, subjects=(f"{SECRET_WORD} planned with initech", *SUBJECTS[:2]))
    [summary] = cluster(desk)
    assert SECRET_WORD in words(summary).casefold()
    assert SECRET_WORD in pictures(desk)[0].casefold()
    return ts_with(desk, SECRET_WORD)


def post_and_die(desk: Desk) -> None:
    """Run a worker that posts a summary and dies before its job is done."""
    desk.command("C1", "cluster")
    desk.enqueue(*desk.run_and_die(SlashCommand))
    desk.run_and_die(TopicGrouping)


def _cell(text: str) -> str:
    """Return a cell of a table as `words` gives it."""
    return json.dumps({"type": "raw_text", "text": text})


def test_deleted_words_leave_the_summary(desk: Desk) -> None:
    """They leave the summary, its picture and the stored titles."""
    for ts in post_secret(desk):
        desk.delete("C1", ts)
    desk.drain()
    [summary] = summaries(desk)
    assert SECRET_WORD not in words(summary).casefold()
    assert "12 tickets" in words(summary)
    [picture] = pictures(desk)
    assert SECRET_WORD not in picture.casefold()
    assert SECRET_WORD not in stored_words(desk).casefold()
    assert desk.jobs("failed") == []


def test_words_that_were_edited_out_leave_the_summary(desk: Desk) -> None:
    """The topic gets a new title from the new texts of its tickets."""
    for number, ts in enumerate(post_secret(desk)):
        said = f"parcel lost in transit {DETAILS[number]}"
        desk.edit("C1", ts, said, f"{float(ts) + 60:.6f}")
    desk.drain()
    [summary] = summaries(desk)
    assert SECRET_WORD not in words(summary).casefold()
    assert "parcel" in words(summary).casefold()
    assert SECRET_WORD not in json.dumps(pictures(desk)).casefold()
    assert SECRET_WORD not in stored_words(desk).casefold()


def test_a_summary_of_an_older_run_is_updated_too(desk: Desk) -> None:
    """All posted summaries lose deleted words, not only the latest."""
    said = post_secret(desk)
    cluster(desk)
    assert len(summaries(desk)) == 2
    for ts in said:
        desk.delete("C1", ts)
    desk.drain()
    assert len(summaries(desk)) == 2
    assert SECRET_WORD not in json.dumps([words(one) for one in summaries(desk)]).casefold()
    assert SECRET_WORD not in json.dumps(pictures(desk)).casefold()


def test_one_deleted_ticket_of_many_changes_nothing(desk: Desk) -> None:
    """A word that other tickets still have stays, and Slack is not called."""
    first, *_ = post_secret(desk)
    before = [desk.slack.count(one) for one in ("chat.update", "files.delete")]
    desk.delete("C1", first)
    desk.drain()
    assert [desk.slack.count(one) for one in ("chat.update", "files.delete")] == before
    assert SECRET_WORD in words(summaries(desk)[0]).casefold()


def test_a_given_name_stays(desk: Desk) -> None:
    """A name that a person gave need not be in any ticket."""
    summary = post_summary(desk)
    view_id, _ = choose_step(desk, summary, "rename")
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    for ts in ts_with(desk, "printer")[:2]:
        desk.delete("C1", ts)
    desk.drain()
    assert "Paper trouble" in words(summaries(desk)[0])
    assert "Paper trouble" in pictures(desk)[0]


def test_the_picture_shows_no_hidden_topic(desk: Desk) -> None:
    """There is one picture, and it is replaced when a topic is hidden."""
    summary = post_summary(desk)
    first = topics(desk)[0].title
    view_id, _ = open_topic(desk, summary)
    press(desk, view_id, "topic_hide")
    [picture] = pictures(desk)
    assert first not in picture


@pytest.mark.parametrize("with_thread", [True, False])
def test_the_picture_is_deleted_with_its_summary(desk: Desk, *, with_thread: bool) -> None:
    """When a person deletes the summary in Slack, the picture goes and nothing is edited."""
    summary = post_summary(desk)
    view_id, _ = choose_step(desk, summary, "rename")
    if with_thread:
        desk.slack.say("C1", "thanks", thread_ts=summary["ts"])
    desk.slack.remove("C1", summary["ts"])
    if with_thread:  # the parent of a thread
        gone = {"type": "message", "ts": summary["ts"], "subtype": "tombstone", "text": "Gone"}
        change = {"type": "message", "subtype": "message_changed", "message": gone}
        desk.deliver_message("C1", change)
    else:
        desk.delete("C1", summary["ts"])
    desk.drain()
    assert desk.slack.files == {}
    before = desk.slack.count("chat.update")
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert desk.slack.count("chat.update") == before


def test_a_summary_deleted_while_the_bot_was_offline_loses_its_picture(desk: Desk) -> None:
    """The picture is deleted at the next attempt to edit the summary."""
    summary = post_summary(desk)
    view_id, _ = choose_step(desk, summary, "rename")
    desk.slack.remove("C1", summary["ts"])
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert desk.slack.files == {}
    assert desk.jobs("failed") == []


def test_a_rate_limited_picture_comes_later(desk: Desk) -> None:
    """The summary is posted once at first, and the picture follows."""
    post_tickets(desk)
    desk.slack.fail("files.getUploadURLExternal", rate_limited(30))
    assert len(cluster(desk)) == 1
    assert desk.slack.files == {}
    desk.wait(31)
    assert len(pictures(desk)) == 1
    assert len(summaries(desk)) == 1


def test_a_rate_limited_summary_is_of_the_same_run(desk: Desk) -> None:
    """A second run would have no news."""
    post_tickets(desk, subjects=SUBJECTS[:2])
    cluster(desk)
    post_tickets(desk, subjects=("parcel lost in transit",))
    desk.slack.fail("chat.postMessage", rate_limited(30))
    assert len(cluster(desk)) == 1
    desk.wait(31)
    assert "(new)" in words(summaries(desk)[-1])
    with desk.services.database.read() as session:
        assert len(session.scalars(select(TopicRun)).all()) == 2


def test_an_updated_summary_is_not_posted_again(desk: Desk) -> None:
    """After a rename it is still found by its mark."""
    post_tickets(desk)
    post_and_die(desk)
    [summary] = summaries(desk)
    view_id, _ = choose_step(desk, summary, "rename")
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    desk.wait(60)
    [after] = summaries(desk)
    assert (after["ts"], "Paper trouble" in words(after)) == (summary["ts"], True)


def test_a_summary_that_was_not_recorded_is_posted_again(desk: Desk) -> None:
    """An unrecorded summary could not be deleted later, so a recorded one replaces it."""
    post_tickets(desk)
    post_and_die(desk)
    with desk.services.database.write() as session:
        run = session.scalars(select(TopicRun)).one()
        run.posted_channel = run.message_ts = None
    desk.wait(60)
    assert len(summaries(desk)) == 1
    with desk.services.database.read() as session:
        assert session.scalars(select(TopicRun)).one().message_ts == summaries(desk)[0]["ts"]


@pytest.mark.both_databases
def test_two_channels_at_the_same_time_both_get_a_summary(desk: Desk) -> None:
    """A run is repeated if another channel's run came before its summary was posted."""
    desk.slack.add_channel("C2")
    post_tickets(desk)
    desk.slack.fail("chat.postMessage", rate_limited(30))
    assert cluster(desk) == []
    assert len(cluster(desk, channel="C2")) == 1
    desk.wait(31)
    assert len(summaries(desk)) == 2
    view_id, _ = choose_step(desk, summaries(desk)[0], "rename")
    desk.submit(view_id, {"title": {"value": "Paper trouble"}})
    desk.drain()
    assert all("Paper trouble" in words(one) for one in summaries(desk))


def test_changes_on_the_command_line_are_shown_in_slack(
    desk: Desk, command_line: Callable[..., Result]
) -> None:
    """The posted summary and its picture show them."""
    post_tickets(desk)
    cluster(desk)
    first, second, third = (str(one.id) for one in topics(desk))
    hidden = topics(desk)[2].title
    for arguments in [
        ("rename", first, "Paper trouble"),
        ("merge", first, second),
        ("hide", third),
    ]:
        assert command_line("topics", *arguments).exit_code == 0
    desk.clock.now = utc_now()  # the command line uses the real time
    desk.drain()
    [summary] = summaries(desk)
    assert "Paper trouble" in words(summary)
    assert _cell("12") in words(summary)
    assert hidden not in words(summary)
    [picture] = pictures(desk)
    assert "Paper trouble (12)" in picture
    assert hidden not in picture
    assert command_line("topics", "split", first).exit_code == 0
    desk.clock.now = utc_now()
    desk.drain()
    assert words(summaries(desk)[0]).count(_cell("6")) == 2
    assert desk.jobs("failed") == []
