"""The weekly digest: when a channel gets one, what it asks, and how it follows its tickets."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import select

from bot.jobs.update_kinds import WeeklyDigest
from bot.server.schedule import due_jobs
from models import Answer, Channel, Item, Question, ShownMatch
from services.answers.digests import due_channels
from services.answers.review_rounds import ROUND
from services.channels.quiet_hours import QuietHours
from services.issues.verdict_rules import Decision
from services.issues.verdicts import decide
from services.memory.workspaces import find_workspace
from tests.bot.tasks.digests import (
    TEXT,
    WEEK,
    YESTERDAY,
    fill_channel,
    questions,
    run_due_jobs,
    verdicts,
)
from tests.conftest import NOW
from tests.remembering import channel, remember, ticket
from tests.serving import Desk, words
from tests.slack_server import Json, done_but_dropped, done_later


@pytest.mark.both_databases
def test_a_channel_gets_one_digest_a_week(desk: Desk, digest: Json) -> None:
    """A digest is a message in the channel with five pairs; a week later it has others."""
    assert "thread_ts" not in digest
    assert "Same issue or not?" in words(digest)
    assert words(digest).count("digest_duplicate") == ROUND
    assert "Learning starts after" in words(digest)
    assert " apart" in words(digest)
    assert {(one.digest, one.message_ts) for one in questions(desk)} == {
        (QuietHours().week_of(NOW), digest["ts"])
    }
    assert run_due_jobs(desk) == [digest]
    desk.clock.now += WEEK - timedelta(hours=1)
    with desk.services.database.write() as session:
        session.query(Item).filter_by(external_id="C1/19").update({"created_at": desk.clock.now})
    assert len(run_due_jobs(desk)) == 2
    pairs = [frozenset({one.item_id, one.other_id}) for one in questions(desk)]
    assert len(set(pairs)) == len(pairs) == 2 * ROUND


@pytest.mark.parametrize("moment", ["2026-11-23T08:59", "2026-11-24T09:00", "2026-11-22T23:00"])
def test_digests_come_on_mondays_from_nine(desk: Desk, moment: str) -> None:
    """There is none before nine o'clock UTC, nor on another day."""
    fill_channel(desk, "C1")
    with desk.services.database.read() as session:
        workspace_id = find_workspace(session).id
        other = NOW.fromisoformat(f"{moment}:00+00:00")
        assert due_channels(session, workspace_id, other, QuietHours()) == []
        assert len(due_channels(session, workspace_id, NOW, QuietHours())) == 1


@pytest.mark.parametrize(
    "change", [{"muted_at": NOW}, {"digest": False}, {"slack_id": None}], ids=str
)
def test_muted_imported_and_opted_out_channels_get_no_digest(
    desk: Desk, change: dict[str, object]
) -> None:
    """A channel that is muted, turned digests off or was only imported gets none."""
    fill_channel(desk, "C1")
    with desk.services.database.write() as session:
        session.query(Channel).update(change)  # type: ignore[arg-type]
    assert run_due_jobs(desk) == []


def test_a_channel_with_few_or_different_tickets_gets_no_digest(desk: Desk) -> None:
    """Nothing is posted with few tickets, with none for a week, or with no similar ones."""
    fill_channel(desk, "C1", number=19)
    assert run_due_jobs(desk) == []
    fill_channel(desk, "C1")
    with desk.services.database.write() as session:
        session.query(Item).update({"created_at": NOW - WEEK})
    assert run_due_jobs(desk) == []
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
    place = channel(desk.services, workspace, desk.slack.add_channel("C2"))
    different = [
        ticket(f"x{n}", f"a{n} b{n} c{n}", minutes=YESTERDAY, channel_id=place.id, ts=f"17{n}.1")
        for n in range(20)
    ]
    remember(desk.services, workspace, different)
    assert run_due_jobs(desk) == []
    assert questions(desk) == []


def test_a_crash_between_post_and_record_posts_once(desk: Desk) -> None:
    """A digest that was posted but not recorded is found by its mark."""
    fill_channel(desk, "C1")
    desk.slack.fail("chat.postMessage", done_but_dropped())
    [message] = run_due_jobs(desk)
    assert {one.message_ts for one in questions(desk)} == {None}
    desk.wait(5)
    assert [one["ts"] for one in desk.slack.posted()] == [message["ts"]]
    assert {one.message_ts for one in questions(desk)} == {message["ts"]}
    assert desk.slack.count("chat.postMessage") == 1


def test_a_private_ticket_is_in_no_digest_of_a_public_channel(desk: Desk) -> None:
    """A public channel is asked about its own tickets, a private one about both."""
    fill_channel(desk, "C1")
    fill_channel(desk, desk.slack.add_channel("G1", is_private=True), word="secret", private=True)
    assert len(run_due_jobs(desk)) == 2
    with desk.services.database.read() as session:
        hidden = select(Item.id).join(Channel).where(Channel.slack_id == "G1")
        secret = set(session.scalars(hidden))
        public = set(session.scalars(select(Channel.id).where(Channel.slack_id == "C1")))
    for one in questions(desk):
        if one.channel_id in public:
            assert not secret & {one.item_id, one.other_id}
        else:
            assert one.item_id in secret


def test_a_pair_with_a_deleted_ticket_leaves_the_digest(desk: Desk, digest: Json) -> None:
    """A click on a pair with a deleted ticket stores nothing, and the digest loses the pair."""
    asked = questions(desk)[0]
    with desk.services.database.write() as session:
        session.query(Item).filter_by(id=asked.other_id).update({"deleted_at": NOW, "text": ""})
    desk.click("C1", "digest_duplicate", str(asked.id))
    desk.drain()
    assert verdicts(desk) == []
    [message] = desk.slack.posted()
    still_asked = [
        one for one in questions(desk) if asked.other_id not in {one.item_id, one.other_id}
    ]
    assert words(digest).count("digest_duplicate") == ROUND
    assert words(message).count("digest_duplicate") == len(still_asked) < ROUND


def test_a_digest_follows_its_tickets(desk: Desk) -> None:
    """A digest shows the new text of an edited ticket, and no word of a deleted one."""
    fill_channel(desk, "C1", number=17)
    first, second, third = (desk.ticket("C1", f"{TEXT} lately{n}") for n in range(3))
    desk.drain()
    asked = {desk.item("C1", ts).id: ts for ts in (first, second, third)}
    with desk.services.database.write() as session:
        channel_id = session.scalars(select(Channel.id)).one()
        one, other, _ = asked
        session.add(
            Question(
                channel_id=channel_id, digest="2026-W48", item_id=other, other_id=one,
                similarity=0.9, asked_at=NOW,
            )
        )  # fmt: skip
    desk.enqueue(WeeklyDigest(key="digest:x", channel_id=channel_id, week="2026-W48"))
    desk.drain()

    def digest() -> str:
        """Return the texts of the digest now."""
        desk.drain()
        [found] = [words(one) for one in desk.slack.posted() if "Same issue or not?" in words(one)]
        return found

    assert "lately0" in digest()
    desk.edit("C1", first, f"{TEXT} since Friday", "1795400000.000100")
    assert "since Friday" in digest()
    desk.delete("C1", second)
    assert "Friday" not in digest()
    assert "digest_duplicate" not in digest()


def test_a_digest_says_that_the_bot_is_quiet(desk: Desk) -> None:
    """A channel with too many wrong answers still gets its digest, with the reason."""
    fill_channel(desk, "C1")
    with desk.services.database.write() as session:
        workspace_id = find_workspace(session).id
        channel_id = session.scalars(select(Channel.id)).one()
        first, *others = session.scalars(select(Item.id).order_by(Item.id).limit(13)).all()
        for number, item_id in enumerate(others):
            match = ShownMatch(item_id=first, position=0, similarity=0.9, band="duplicate")
            session.add(
                Answer(
                    item_id=item_id, channel_id=channel_id, thread_ts=str(item_id),
                    created_at=NOW, matches=[match],
                )
            )  # fmt: skip
            verdict: Decision = "duplicate" if number < 5 else "distinct"
            decide(session, workspace_id, (item_id, first), verdict, by="U1", now=NOW)
    [digest] = run_due_jobs(desk)
    assert "quiet in this channel" in words(digest)
    assert "digest_duplicate" in words(digest)


@pytest.mark.both_databases
def test_a_digest_whose_job_outlives_its_lease_is_posted_once(desk: Desk) -> None:
    """Two workers post it: one is slow, the other took over its job. One message stays."""
    fill_channel(desk, "C1")
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    hold = Event()
    late = done_later(hold)
    desk.slack.fail("chat.postMessage", late)
    slow = Thread(target=lambda: desk.run_and_die(WeeklyDigest))
    slow.start()
    assert late.begun.wait(10)
    desk.wait(60)
    hold.set()
    slow.join(20)
    desk.wait(60)
    [posted] = desk.slack.posted()
    assert {one.message_ts for one in questions(desk)} == {posted["ts"]}
    assert len(questions(desk)) == ROUND
