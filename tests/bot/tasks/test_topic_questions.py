"""The weekly summary asks whether topics are one, and the answers last."""

from __future__ import annotations

import pytest

from models import Topic
from services.memory.workspaces import find_workspace
from tests.bot.tasks.rises import DAY, run_due_jobs, set_channel, store_tickets
from tests.bot.tasks.topics import SUBJECTS, cluster, summaries, topics
from tests.conftest import NOW
from tests.remembering import channel
from tests.serving import Desk, buttons, words
from tests.slack_server import Json


@pytest.fixture
def summary(desk: Desk) -> Json:
    """Give a channel's weekly summary."""
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
    channel(desk.services, workspace, "C1")
    set_channel(desk, weekly_topics=True, digest=False)
    for subject in SUBJECTS:
        store_tickets(desk, "C1", subject, [NOW - DAY] * 6)
    run_due_jobs(desk, NOW)
    [posted] = summaries(desk)
    return posted


def _press(desk: Desk, message: Json, action: str, user: str = "U2") -> Json:
    """Press the first button of an action and return the summary as it is then."""
    desk.click("C1", action, buttons(message)[action], user=user, ts=message["ts"])
    desk.drain()
    return summaries(desk)[0]


def _questions(message: Json) -> int:
    return sum(
        block.get("block_id", "").startswith("deja-topic-question") for block in message["blocks"]
    )


def _current(desk: Desk) -> list[Topic]:
    return [one for one in topics(desk) if one.merged_into is None]


@pytest.mark.both_databases
def test_a_weekly_summary_asks_at_most_three_times(desk: Desk, summary: Json) -> None:
    """Each question has two tickets of both topics; other summaries ask nothing."""
    assert 1 <= _questions(summary) <= 3
    lines = [block.get("text", {}).get("text", "").count("\n• ") for block in summary["blocks"]]
    assert lines.count(4) == _questions(summary)
    assert "One topic?" in words(summary)
    assert "One topic?" not in words(cluster(desk)[-1])


def test_yes_merges_and_no_keeps_apart(desk: Desk, summary: Json) -> None:
    """The answer stands in place of its question, and Undo there asks again."""
    asked = _questions(summary)
    merged = _press(desk, summary, "topic_one")
    assert len(_current(desk)) == len(SUBJECTS) - 1
    assert _questions(merged) == asked - 1
    assert "One topic: *" in words(merged)
    again = _press(desk, merged, "topic_undo")
    assert len(_current(desk)) == len(SUBJECTS)
    assert _questions(again) == asked
    apart = _press(desk, again, "topic_apart")
    assert "Different: *" in words(apart)
    assert _questions(apart) == asked - 1


def test_an_older_summary_is_answered_too(desk: Desk, summary: Json) -> None:
    """The message that was clicked shows the answer, though a newer one is in the channel."""
    cluster(desk)
    assert "Different: *" in words(_press(desk, summary, "topic_apart"))


def test_only_deciders_answer(desk: Desk, summary: Json) -> None:
    """Others are told why, and nothing changes."""
    set_channel(desk, deciders=["U9"])
    after = _press(desk, summary, "topic_one")
    assert len(_current(desk)) == len(SUBJECTS)
    assert _questions(after) == _questions(summary)
    assert desk.slack.private_replies[-1]["user"] == "U2"


def test_an_answered_question_is_not_answered_again(desk: Desk, summary: Json) -> None:
    """Whoever clicks later is told that it has an answer."""
    value = buttons(summary)["topic_one"]
    _press(desk, summary, "topic_one")
    desk.click("C1", "topic_apart", value, user="U3", ts=summary["ts"])
    desk.drain()
    assert "already been answered" in words(desk.slack.private_replies[-1])


def test_forged_values_are_ignored(desk: Desk, summary: Json) -> None:
    """What a button never says makes no job."""
    for action, value in (("topic_one", "1"), ("topic_apart", "1:x"), ("topic_undo", "1:2")):
        desk.click("C1", action, value, ts=summary["ts"])
    desk.drain()
    assert len(_current(desk)) == len(SUBJECTS)
