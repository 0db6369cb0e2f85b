"""Administrators are told in Slack what is wrong, once, and when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.disk import free_bytes
from bot.settings import Settings
from bot.tasks.admin_notices import proof_jobs
from bot.tasks.problems import find_problems
from models import Embedding, Job
from services.errors import SettingsError
from services.evaluation.nightly_proof import NightlyProof
from services.evaluation.problem_log import CALM
from services.phrases import read_phrase
from services.queue import NewJob, enqueue, oldest_overdue
from tests.bot.tasks.test_home_tab import admin_home, home
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk, words
from tests.slack_server import broken, done_but_dropped
from tests.slack_standin import SlackStandIn

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture
def watched(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot that tells problems in a channel of administrators."""
    slack.add_channel("COPS")
    settings = {"DEJA_ALERT_CHANNEL": "COPS", "DEJA_ALERT_MINUTES": "45"}
    with open_desk(
        slack, database_url, str(tmp_path / "data"), embedder, settings=settings
    ) as opened:
        yield opened


def told(desk: Desk, minutes: float = 0) -> list[str]:
    """Let time pass and look for problems once; return all that administrators were told."""
    desk.clock.advance(60 * minutes)
    desk.bot.workspaces.watch(desk.clock.now)
    desk.drain()
    return [words(message) for message in desk.slack.posted("COPS")]


@pytest.mark.both_databases
def test_failed_work_is_told_once_and_its_end_too(watched: Desk) -> None:
    """A job that was given up is told in one line; retried, in another one that it is over."""
    desk = watched
    assert told(desk) == []
    desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        enqueue(session, desk.workspace_id, [NewJob("sweep", "broken", {})], desk.clock.now)
        session.execute(update(Job).where(Job.key == "broken").values(state="failed"))
    [line] = told(desk, 1)
    assert ":warning: 1 job was given up" in line
    for _ in range(3):
        assert len(told(desk, 20)) == 1
    with desk.services.database.write() as session:
        session.execute(delete(Job).where(Job.key == "broken"))
    assert len(told(desk, 1)) == 1
    line = told(desk, CALM / timedelta(minutes=1))[-1]
    assert ":white_check_mark: Resolved after 1 hour: 1 job was given up" in line
    assert len(told(desk, 60)) == 2


def test_late_work_is_told_ahead_of_it(watched: Desk) -> None:
    """Work that is older than the setting; the notice does not wait behind it."""
    desk = watched
    desk.ticket("C1", PRINTER)
    desk.clock.advance(44 * 60)
    assert find_problems(desk.services, [desk.workspace_id], desk.clock.now) == []
    desk.clock.advance(60)
    desk.bot.workspaces.watch(desk.clock.now)
    [first, *_] = desk.services.queue.claim(
        "w",
        desk.clock.now,
        limit=9,
        kinds=["message", "notice"],
        workspaces=lambda _: [desk.workspace_id],
    )
    assert first.kind == "notice"
    assert "Work has been waiting for 45 minutes" in str(read_phrase(first.payload["text"]))


def test_only_work_that_should_be_done_is_late(watched: Desk) -> None:
    """Not what waits for the end of quiet hours; an outage counts from its beginning."""
    desk, day = watched, timedelta(days=1)
    queue, now = desk.services.queue, desk.clock.now
    with desk.services.database.write() as session:
        enqueue(session, desk.workspace_id, [NewJob("sweep", "a", {})], now)

    def overdue(workspaces: list[int]) -> object:
        with desk.services.database.read() as session:
            return oldest_overdue(session, workspaces, now + day)

    assert overdue([desk.workspace_id]) == now
    assert overdue([]) is None
    [job] = desk.claim("w", "sweep")
    assert overdue([desk.workspace_id]) is None  # it is being done
    queue.postpone(job, "w", "quiet hours", delay=2 * day.total_seconds(), now=now)
    assert overdue([desk.workspace_id]) is None
    with desk.services.database.write() as session:
        session.execute(update(Job).values(waiting_since=now + day / 2))
    assert overdue([desk.workspace_id]) == now + day / 2


def test_an_outage_is_told_when_it_is_over(watched: Desk) -> None:
    """While Slack is away nothing can be told there; afterwards each notice comes once."""
    desk = watched
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.outage = broken
    desk.ticket("C1", PRINTER)
    for _ in range(12):
        assert told(desk, 5) == []
    desk.slack.outage = None
    found = [*told(desk, 2), *told(desk, 5)][-1:]
    assert "Work has been waiting for" in found[0]
    assert "Resolved after" in told(desk, 20)[-1]
    assert len(told(desk, 60)) == 2


def test_a_notice_is_posted_once(watched: Desk) -> None:
    """One whose answer from Slack was lost is found before the next try."""
    desk = watched
    with desk.services.database.write() as session:
        enqueue(session, desk.workspace_id, [NewJob("sweep", "broken", {})], desk.clock.now)
        session.execute(update(Job).values(state="failed"))
    desk.slack.fail("chat.postMessage", done_but_dropped())
    assert len(told(desk)) == 1
    assert len(told(desk, 1)) == 1
    assert desk.jobs("ready") == []


def test_a_failed_proof_is_told_and_shown(watched: Desk) -> None:
    """In the channel, and on the Home tab of administrators."""
    desk = watched
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.users["UADMIN"] = {"is_admin": True}
    with desk.services.database.write() as session:
        session.execute(delete(Embedding))
    desk.clock.advance(2 * 60 * 60)
    desk.enqueue(*proof_jobs(desk.services, desk.clock.now))
    desk.drain()
    [line] = told(desk)
    assert "The nightly proof failed: 1 ticket has no vectors. See `deja doctor`." in line
    assert "1 ticket has no vectors" not in home(desk, "U2")
    assert "1 ticket has no vectors" in admin_home(desk)


def test_the_proof_is_due_once_a_night(watched: Desk) -> None:
    """From three o'clock on in the team's zone; a bot that starts at noon makes it then."""
    noon = watched.clock.now
    [due] = proof_jobs(watched.services, noon)
    assert [due] == proof_jobs(watched.services, noon.replace(hour=23))
    assert proof_jobs(watched.services, noon.replace(hour=2)) == []
    jobs = watched.bot.workspaces.due_jobs(noon)[watched.workspace_id]
    assert due in jobs


def test_exceeded_budgets_and_full_disks_are_problems(watched: Desk) -> None:
    """The disk is that of the data folder, where there is one."""
    desk = watched
    names = [one.name for one in find_problems(desk.services, [desk.workspace_id], desk.clock.now)]
    assert names == []
    assert free_bytes(Settings.from_mapping({"DEJA_DATA_DIR": "/no/such/folder"})) is None


def test_a_person_is_told_directly(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    """The setting may be the id of a person."""
    with open_desk(
        slack, database_url, str(tmp_path), embedder, settings={"DEJA_ALERT_CHANNEL": "U7"}
    ) as desk:
        slack.users["U7"] = {"is_admin": True}
        desk.ticket("C1", PRINTER)
        desk.drain()
        with desk.services.database.write() as session:
            session.execute(delete(Embedding))
        NightlyProof(
            desk.services.database, desk.services.index, desk.services.embedder.fingerprint
        ).run(desk.clock.now + timedelta(hours=2))
        desk.bot.workspaces.watch(desk.clock.now)
        desk.drain()
        [posted] = [call for method, call in slack.calls if method == "chat.postMessage"]
        assert posted["channel"] == "U7"
        assert "no vectors" in posted["text"]


def test_without_a_channel_nothing_is_told(desk: Desk) -> None:
    """Nor is anything stored; a channel that the bot was never invited to is no error."""
    with desk.services.database.write() as session:
        enqueue(session, desk.workspace_id, [NewJob("sweep", "broken", {})], desk.clock.now)
        session.execute(update(Job).values(state="failed"))
    desk.bot.workspaces.watch(desk.clock.now)
    assert desk.jobs("ready") == []


def test_the_setting_is_an_id() -> None:
    """A name is refused in one line that says what it must be."""
    for name in ("#ops", "ops", "D123"):
        with pytest.raises(SettingsError, match="DEJA_ALERT_CHANNEL must be the id of a channel"):
            Settings.from_mapping({"DEJA_ALERT_CHANNEL": name})
