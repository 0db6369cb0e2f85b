"""Tokens end and are replaced; apps are removed and come back; one workspace never ends another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import pytest
from click.testing import Result
from slack_sdk.oauth.installation_store import Bot
from sqlalchemy import func, select

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
def ageing(database_url: str, tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Office]:
    """Give a bot whose token ends in an hour, so that a new one is due."""
    with SlackPlatform(expires_in=HOUR).running() as platform:
        platform.open("T1")
        with open_office(platform, database_url, str(tmp_path / "d"), embedder) as office:
            office.install("T1")
            platform.expires_in = 12 * HOUR
            yield office


def token(office: Office) -> str:
    """Return the token that the bot uses in T1."""
    return str(office.desk("T1").tasks.slack.client.token)


def put_in_what_is_due(office: Office) -> None:
    """Do what the worker does each minute."""
    for workspace_id, jobs in office.bot.workspaces.due_jobs(office.clock()).items():
        if jobs:
            assert workspace_id == office.desk("T1").workspace_id
            office.desk("T1").enqueue(*jobs)


def answered(desk: Desk) -> bool:
    """Say a ticket twice and return whether the second was answered."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    return len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1


@pytest.mark.both_databases
def test_a_token_is_replaced_before_it_ends(ageing: Office) -> None:
    """Once, and what the bot knew of the workspace stays."""
    before, slack = token(ageing), ageing.desk("T1").tasks.slack
    put_in_what_is_due(ageing)
    put_in_what_is_due(ageing)
    ageing.desk("T1").drain()
    assert token(ageing) != before
    ageing.platform.tokens.pop(before)
    assert answered(ageing.desk("T1"))
    assert ageing.desk("T1").tasks.slack.pacer is slack.pacer
    assert [name for name, _ in ageing.platform.calls].count("oauth.v2.access") == 2
    put_in_what_is_due(ageing)
    assert not [job for job in ageing.desk("T1").jobs("ready") if job.kind == "rotate"]
    with ageing.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(slack_bots)) == 1


def test_a_token_that_ended_meanwhile_is_replaced_first(ageing: Office) -> None:
    """After a night off the bot gets a new one; what waited is done then."""
    desk = ageing.desk("T1")
    desk.ticket("C1", PRINTER)
    desk.drain()
    ageing.platform.tokens.clear()
    late = desk.ticket("C1", PRINTER)
    desk.drain()
    put_in_what_is_due(ageing)
    desk.wait(120)
    assert len(desk.answers("C1", late)) == 1


def test_slack_down_at_the_wrong_moment_loses_no_token(
    ageing: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again, and no secret is logged or stored with the failure."""
    before = token(ageing)
    ageing.platform.fail("oauth.v2.access", dropped())
    with caplog.at_level(logging.INFO):
        put_in_what_is_due(ageing)
        ageing.desk("T1").drain()
        assert token(ageing) == before
        ageing.desk("T1").wait(60)
    assert token(ageing) != before
    assert CLIENT_SECRET not in caplog.text
    assert "xox" not in caplog.text


def test_a_refused_refresh_is_told_without_secrets(ageing: Office) -> None:
    """The job fails in the open; an administrator sees why, and nothing secret."""
    ageing.platform.revoke("T1")
    put_in_what_is_due(ageing)
    desk = ageing.desk("T1")
    for _ in range(10):
        desk.wait(600)
    [failed] = [job for job in desk.jobs("failed") if job.kind == "rotate"]
    assert "invalid_refresh_token" in str(failed.error)
    assert "xox" not in str(failed.error)
    assert CLIENT_SECRET not in str(failed.error)


@pytest.mark.both_databases
def test_two_workers_replace_a_token_once(ageing: Office) -> None:
    """A refresh token is good once; the job is one's alone."""
    put_in_what_is_due(ageing)
    workers = [Thread(target=ageing.desk("T1").drain) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [name for name, _ in ageing.platform.calls].count("oauth.v2.access") == 2
    assert ageing.desk("T1").jobs("failed") == []


@pytest.mark.both_databases
def test_one_workspace_ends_and_the_other_goes_on(office: Office) -> None:
    """Its work stops at once, its token is forgotten, its data after a while; none of the other."""
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


def test_installing_it_again_in_time_restores_all(office: Office) -> None:
    """What was remembered is, and an event of the removal that comes late ends nothing."""
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


def test_what_is_unknown_to_slack_is_not_the_end_of_others(office: Office) -> None:
    """A team that was never here is removed: nothing changes."""
    office.install("T1")
    office.desk("T2").deliver(UNINSTALLED)
    assert answered(office.desk("T1"))


@pytest.fixture
def as_office(
    platform: SlackPlatform, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Give the command line the environment of the office's bot."""
    for name, value in office_values(platform.url, database_url, str(tmp_path / "data")).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_command_line_lists_and_checks_workspaces(
    office: Office, command_line: Callable[..., Result], as_office: pytest.MonkeyPatch
) -> None:
    """`deja workspaces list` and `deja doctor` see every one, and name the one in trouble."""
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
    assert "installed in 1 workspaces" in command_line("doctor").output
    office.platform.revoke("T1")
    broken = command_line("doctor")
    assert broken.exit_code == 1
    assert "T1" in broken.output
    several = command_line("backfill", "C1")
    assert several.exit_code != 0
    assert "--workspace" in several.output


def test_a_token_that_comes_after_the_removal_is_not_kept(ageing: Office) -> None:
    """Slack gives a new one while the app is being removed: nothing of the workspace is left."""
    _rotate_late(ageing, lambda: ageing.desk("T1").deliver(UNINSTALLED))
    assert stored(ageing) == []


def test_a_token_that_comes_after_a_new_installation_replaces_nothing(ageing: Office) -> None:
    """The one of the new installation stays, and it alone."""
    before = stored(ageing)
    _rotate_late(ageing, lambda: ageing.install("T1"))
    [kept] = stored(ageing)
    assert kept not in before
    assert kept == list(ageing.platform.tokens)[-2]  # the last one came too late


def stored(office: Office) -> list[str | None]:
    """Return the tokens on record."""
    with office.services.database.read() as session:
        return list(session.scalars(select(slack_bots.c.bot_token)))


def _rotate_late(office: Office, happen: Callable[[], object]) -> None:
    """Fetch a new token; something happens after the old one was read."""
    tokens = office.bot.workspaces.tokens
    assert isinstance(tokens, StoredTokens)

    @dataclass
    class Overtaken:
        store: Store

        def find_bot(self, *, enterprise_id: str | None, team_id: str | None) -> Bot | None:
            found = self.store.find_bot(enterprise_id=enterprise_id, team_id=team_id)
            happen()
            return found

        def replace_token(self, old: Bot, new: Bot) -> bool:
            return self.store.replace_token(old, new)

    replace(tokens, store=Overtaken(tokens.store)).rotate("T1")
