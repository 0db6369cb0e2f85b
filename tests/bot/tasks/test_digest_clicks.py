"""Clicks in a digest: verdicts, and turning digests off and on again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.jobs.request_kinds import DigestClick
from models import Change, Channel, Item, Question
from services.issues.verdicts import decide
from services.memory.workspaces import find_workspace
from tests.bot.tasks.digests import TEXT, fill_channel, questions, verdicts
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_server import Json


@pytest.mark.parametrize(
    ("action", "label"),
    [("duplicate", "Same issue"), ("related", "Related"), ("distinct", "Not a duplicate")],
)
@pytest.mark.both_databases
def test_a_click_stores_a_verdict(desk: Desk, digest: Json, action: str, label: str) -> None:
    """The verdict is shown in place with the person, and can be undone."""
    value = buttons(digest)[f"digest_{action}"]
    assert desk.click("C1", f"digest_{action}", value, user="U7").status == 200
    desk.drain()
    [message] = desk.slack.posted()
    assert message["ts"] == digest["ts"]
    assert f"*{label}* · <@U7>" in words(message)
    [asked] = [one for one in questions(desk) if str(one.id) == value]
    [verdict] = verdicts(desk)
    assert (verdict.verdict, verdict.decided_by) == (action, "U7")
    assert {verdict.item_a_id, verdict.item_b_id} == {asked.item_id, asked.other_id}
    desk.click("C1", "digest_undo", buttons(message)["digest_undo"], user="U8")
    desk.drain()
    assert desk.slack.posted() == [digest]
    assert [one.undone_by for one in verdicts(desk)] == ["U8"]


def test_a_click_elsewhere_is_ignored(desk: Desk, digest: Json) -> None:
    """A question is answered only in its own channel, and an unknown one nowhere."""
    fill_channel(desk, desk.slack.add_channel("C2"), number=1)
    for slack_id, value in (("C2", buttons(digest)["digest_related"]), ("C1", "999"), ("C1", "x")):
        assert desk.click(slack_id, "digest_related", value).status == 200
        desk.click(slack_id, "digest_off", value)
    desk.drain()
    assert verdicts(desk) == []
    assert desk.slack.posted() == [digest]
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_digests_can_be_turned_off_and_on(desk: Desk, digest: Json) -> None:
    """Each is one click, shown in place, and recorded with the person."""
    desk.click("C1", "digest_off", buttons(digest)["digest_off"], user="U7")
    desk.drain()
    [message] = desk.slack.posted()
    assert "<@U7> turned these questions off" in words(message)
    with desk.services.database.read() as session:
        assert session.scalars(select(Channel.digest)).all() == [False]
    desk.click("C1", "digest_on", buttons(message)["digest_on"], user="U8")
    desk.drain()
    assert desk.slack.posted() == [digest]
    with desk.services.database.read() as session:
        changes = session.scalars(select(Change).order_by(Change.id)).all()
    assert [(one.setting, one.before, one.after, one.changed_by) for one in changes] == [
        ("digest", "on", "off", "U7"),
        ("digest", "off", "on", "U8"),
    ]


def test_a_contradiction_is_explained_in_private(desk: Desk, digest: Json) -> None:
    """Nothing is stored, and no ticket is named, as the person may not be able to read it."""
    asked = questions(desk)[0]
    with desk.services.database.write() as session:
        workspace_id = find_workspace(session).id
        ids = [asked.item_id, asked.other_id]
        third = session.scalars(select(Item.id).where(Item.id.not_in(ids))).first()
        assert third is not None
        decide(session, workspace_id, (ids[0], third), "duplicate", by="U1", now=NOW)
        decide(session, workspace_id, (ids[1], third), "distinct", by="U1", now=NOW)
    click = DigestClick(
        key="digest_click:1",
        team="T1",
        channel="C1",
        user="U7",
        response_url=desk.slack.hook(),
        action="duplicate",
        question_id=asked.id,
    )
    desk.enqueue(click)
    desk.drain()
    assert len(verdicts(desk)) == 2
    assert desk.slack.posted() == [digest]
    [whisper] = desk.slack.private_replies
    assert "Not saved" in whisper["text"]
    assert "C1/" not in words(whisper)


def test_a_verdict_is_shown_in_the_threads_answer(desk: Desk) -> None:
    """A verdict given in a digest is shown in the answer in the thread, too."""
    desk.ticket("C1", TEXT)
    ts = desk.ticket("C1", f"{TEXT} again")
    [answer] = desk.answers("C1", ts)
    item_id, other_id = map(int, buttons(answer)["duplicate"].split(":"))
    with desk.services.database.write() as session:
        question = Question(
            channel_id=session.scalars(select(Channel.id)).one(), digest="2026-W40",
            item_id=item_id, other_id=other_id, similarity=0.9, asked_at=NOW,
        )  # fmt: skip
        session.add(question)
    desk.click("C1", "digest_duplicate", str(question.id), user="U7")
    [after] = desk.answers("C1", ts)
    assert "*Same issue* · <@U7>" in words(after)


def test_a_click_from_another_workspace_is_ignored(desk: Desk, digest: Json) -> None:
    """The same channel id in another workspace is another channel."""
    click = DigestClick(
        key="digest_click:1",
        team="T2",
        channel="C1",
        user="U7",
        response_url=None,
        action="duplicate",
        question_id=int(buttons(digest)["digest_duplicate"]),
    )
    desk.enqueue(click)
    desk.drain()
    assert verdicts(desk) == []
    assert desk.slack.posted() == [digest]
