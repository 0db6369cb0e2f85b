"""Tokens are rotated before they expire, and an uninstalled app leaves other workspaces alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from click.testing import Result
from slack_sdk.oauth.installation_store import Bot
from sqlalchemy import func, select

from bot.clock import utc_now
from bot.slack.tokens import Store, StoredTokens
from models import Item, Job, Workspace, slack_bots
from tests.hashing import HashingEmbedder
from tests.office import Office, office_values, open_office
from tests.serving import Desk
from tests.slack_platform import CLIENT_SECRET, SlackPlatform
from tests.slack_server import dropped

PRINTER = "printer prints blank pages after the firmware update"
UNINSTALLED = {"type": "app_uninstalled"}
HOUR = 3600


@pytest.fixture
def expiring(database_url: str, tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Office]:
    """Give a bot whose token expires in an hour, so that a new one is due."""
    with SlackPlatform(expires_in=HOUR).running() as platform:
        platform.open("T1")
        with open_office(platform, database_url, str(tmp_path / "d"), embedder) as office:
            office.install("T1")
            platform.expires_in = 12 * HOUR
            yield office


def token(office: Office) -> str:
    """Return the token that the bot uses in T1."""
    return str(office.desk("T1").tasks.slack.client.token)


def enqueue_due_jobs(office: Office) -> None:
    """Enqueue the jobs that are due, as the worker does each minute."""
    for workspace_id, jobs in office.bot.workspaces.due_jobs(office.clock()).items():
        if jobs:
            assert workspace_id == office.desk("T1").workspace_id
            office.desk("T1").enqueue(*jobs)


def is_answered(desk: Desk) -> bool:
    """Post a ticket twice, and say whether the second was answered."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    return len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1


def test_a_token_is_rotated_before_it_expires(expiring: Office) -> None:
    """It is rotated once, and the pacing of the workspace stays."""
    before, slack = token(expiring), expiring.desk("T1").tasks.slack
    enqueue_due_jobs(expiring)
    enqueue_due_jobs(expiring)
    expiring.desk("T1").drain()
    assert token(expiring) != before
    expiring.platform.tokens.pop(before)
    assert is_answered(expiring.desk("T1"))
    assert expiring.desk("T1").tasks.slack.pacer is slack.pacer
    assert [name for name, _ in expiring.platform.calls].count("oauth.v2.access") == 2
    enqueue_due_jobs(expiring)
    assert not [job for job in expiring.desk("T1").jobs("ready") if job.kind == "rotate"]
    with expiring.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(slack_bots)) == 1


def test_an_expired_token_is_rotated_first(expiring: Office) -> None:
    """After a night offline the bot gets a new token, and then runs the waiting jobs."""
    desk = expiring.desk("T1")
    desk.ticket("C1", PRINTER)
    desk.drain()
    expiring.platform.tokens.clear()
    late = desk.ticket("C1", PRINTER)
    desk.drain()
    enqueue_due_jobs(expiring)
    desk.wait(120)
    assert len(desk.answers("C1", late)) == 1


def test_no_token_is_lost_while_slack_is_down(
    expiring: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The rotation is retried, and no secret is logged or stored with the error."""
    before = token(expiring)
    expiring.platform.fail("oauth.v2.access", dropped())
    with caplog.at_level(logging.INFO):
        enqueue_due_jobs(expiring)
        expiring.desk("T1").drain()
        assert token(expiring) == before
        expiring.desk("T1").wait(60)
    assert token(expiring) != before
    assert CLIENT_SECRET not in caplog.text
    assert "xox" not in caplog.text


def test_a_refused_refresh_is_reported_without_secrets(expiring: Office) -> None:
    """The failed job has Slack's error for administrators, and no secret."""
    expiring.platform.revoke("T1")
    enqueue_due_jobs(expiring)
    desk = expiring.desk("T1")
    for _ in range(10):
        desk.wait(600)
    [failed] = [job for job in desk.jobs("failed") if job.kind == "rotate"]
    assert "invalid_refresh_token" in str(failed.error)
    assert "xox" not in str(failed.error)
    assert CLIENT_SECRET not in str(failed.error)


@pytest.mark.both_databases
def test_two_workers_rotate_a_token_once(expiring: Office) -> None:
    """A refresh token is valid once, so one worker runs the job."""
    enqueue_due_jobs(expiring)
    workers = [Thread(target=expiring.desk("T1").drain) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [name for name, _ in expiring.platform.calls].count("oauth.v2.access") == 2
    assert expiring.desk("T1").jobs("failed") == []


@pytest.mark.both_databases
def test_an_uninstalled_app_does_not_affect_another_workspace(office: Office) -> None:
    """Jobs stop and the token is deleted at once, data later; the other workspace goes on."""
    for team in ("T1", "T2"):
        office.install(team)
    gone, stays = office.desk("T1"), office.desk("T2")
    for desk in (gone, stays):
        desk.ticket("C1", PRINTER)
        desk.drain()
    waiting = gone.ticket("C1", PRINTER)
    gone.deliver(UNINSTALLED)
    office.platform.revoke("T1")
    kept = stays.ticket("C1", PRINTER)
    assert gone.answers("C1", waiting) == []
    assert len(stays.answers("C1", kept)) == 1
    with office.services.database.read() as session:
        assert session.scalars(select(slack_bots.c.team_id)).all() == ["T2"]
    office.clock.advance(25 * HOUR)
    office.bot.workspaces.purge(office.clock())
    with office.services.database.read() as session:
        assert session.scalars(select(Workspace.team_id)).all() == ["T2"]
        assert set(session.scalars(select(Item.workspace_id))) == {stays.workspace_id}
        assert set(session.scalars(select(Job.workspace_id))) == {stays.workspace_id}
    assert len(stays.answers("C1", stays.ticket("C1", PRINTER))) == 1


def test_reinstalling_in_time_keeps_all_data(office: Office) -> None:
    """Tickets are kept, and a late event of the removal has no effect."""
    office.install("T1")
    desk = office.desk("T1")
    desk.ticket("C1", PRINTER)
    desk.drain()
    removed_at = int(office.clock().timestamp())
    desk.deliver(UNINSTALLED, event_time=removed_at)
    office.clock.advance(2 * HOUR)
    office.install("T1")
    desk.deliver(UNINSTALLED, "Ev-again", event_time=removed_at)
    assert len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1
    office.clock.advance(48 * HOUR)
    office.bot.workspaces.purge(office.clock())
    with office.services.database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 2


def test_the_removal_of_an_unknown_team_changes_nothing(office: Office) -> None:
    """An event of a team without the app does not affect others."""
    office.install("T1")
    office.desk("T2").deliver(UNINSTALLED)
    assert is_answered(office.desk("T1"))


@pytest.fixture
def office_environment(
    platform: SlackPlatform, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Set the environment variables of the office's bot for the command line."""
    for name, value in office_values(platform.url, database_url, str(tmp_path / "data")).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_command_line_lists_and_checks_workspaces(
    office: Office, command_line: Callable[..., Result], office_environment: pytest.MonkeyPatch
) -> None:
    """`deja workspaces list` and `deja doctor` have every workspace, and name the broken one."""
    for team in ("T1", "T2"):
        office.install(team)
    office.desk("T1").ticket("C1", PRINTER)
    office.desk("T1").drain()
    office.desk("T2").deliver(UNINSTALLED)
    listed = command_line("workspaces", "list")
    assert listed.exit_code == 0
    assert "T1" in listed.output
    assert "removed" in listed.output
    lines = command_line("workspaces", "list", "--json").output.splitlines()
    assert len(lines) == 2
    assert '"items": 1' in lines[0]
    assert "installed in 1 workspace\n" in command_line("doctor").output
    office.platform.revoke("T1")
    broken = command_line("doctor")
    assert broken.exit_code == 1
    assert "T1" in broken.output
    several = command_line("backfill", "C1")
    assert several.exit_code != 0
    assert "--workspace" in several.output


def test_a_wrong_clock_hides_no_other_problem(
    office: Office, command_line: Callable[..., Result], office_environment: pytest.MonkeyPatch
) -> None:
    """`deja doctor` names the workspace with a broken token, and what is wrong with the clock."""
    for team in ("T1", "T2"):
        office.install(team)
    office.platform.revoke("T1")
    ahead = utc_now() + timedelta(days=400)
    office_environment.setattr("bot.cli.upkeep.doctor_run.utc_now", lambda: ahead)
    output = command_line("doctor").output
    assert "T1: " in output
    assert "clock is" in output


def test_a_token_that_arrives_after_the_removal_is_not_stored(expiring: Office) -> None:
    """Slack issues a token while the app is being removed, and nothing is stored."""
    _rotate_late(expiring, lambda: expiring.desk("T1").deliver(UNINSTALLED))
    assert stored_tokens(expiring) == []


def test_a_token_that_arrives_after_a_reinstallation_is_not_stored(expiring: Office) -> None:
    """Only the token of the new installation is stored."""
    before = stored_tokens(expiring)
    _rotate_late(expiring, lambda: expiring.install("T1"))
    [kept] = stored_tokens(expiring)
    assert kept not in before
    assert kept == list(expiring.platform.tokens)[-2]  # the last one arrived too late


def stored_tokens(office: Office) -> list[str]:
    """Return the stored tokens."""
    keyring = office.services.keyring
    with office.services.database.read() as session:
        return [keyring.open(one) for one in session.scalars(select(slack_bots.c.bot_token))]


def _rotate_late(office: Office, interrupt: Callable[[], object]) -> None:
    """Rotate a token, and let something happen after the old one was read."""
    tokens = office.bot.workspaces.tokens
    assert isinstance(tokens, StoredTokens)

    @dataclass
    class Overtaken:
        store: Store

        def find_bot(self, *, enterprise_id: str | None, team_id: str | None) -> Bot | None:
            found = self.store.find_bot(enterprise_id=enterprise_id, team_id=team_id)
            interrupt()
            return found

        def replace_token(self, old: Bot, new: Bot) -> bool:
            return self.store.replace_token(old, new)

    replace(tokens, store=Overtaken(tokens.store)).rotate("T1")
