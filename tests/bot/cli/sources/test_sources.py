"""`deja sources`: programs are connected, and their secrets are shown once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from click.testing import Result
from sqlalchemy import select, update

from bot.clock import utc_now
from models import Connection, Database, Source
from tests.trackers.github import TOKEN, GitHubStandIn, at
from tests.trackers.jira import EMAIL, JiraStandIn
from tests.trackers.jira import TOKEN as JIRA_TOKEN
from tests.trackers.server import Reply, serving
from tests.trackers.zendesk import CLIENT, SECRET, ZendeskStandIn

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def workspace(command_line: Command) -> None:
    """Make the database with a workspace."""
    assert command_line("db", "upgrade").exit_code == 0
    row = '{"id": "1", "title": "printer prints blank pages"}\n'
    assert command_line("import", "-", "--yes", "--channel", "help", stdin=row).exit_code == 0


def secret_of(result: Result) -> str:
    """Return the secret that a command showed."""
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_secret_is_shown_only_when_it_is_made(command_line: Command) -> None:
    """Neither the list nor its JSON has it."""
    first = secret_of(command_line("sources", "add", "webhook", "helpdesk"))
    second = secret_of(command_line("sources", "rotate", "helpdesk"))
    assert first.startswith("whsec_")
    assert second.startswith("whsec_")
    assert first != second
    listed = [
        command_line("sources", "list").stdout,
        command_line("sources", "list", "--json").stdout,
    ]
    assert all("helpdesk" in text and "whsec_" not in text for text in listed)
    [line] = listed[1].splitlines()
    assert json.loads(line)["tickets"] == 0
    assert command_line("sources", "remove", "helpdesk").exit_code == 0
    assert command_line("sources", "list", "--json").stdout == ""


def test_mistakes_are_one_line_errors(command_line: Command) -> None:
    """A misspelt channel does not become a new public one."""
    assert command_line("sources", "add", "webhook", "taken").exit_code == 0
    mistakes: tuple[tuple[tuple[str, ...], str], ...] = (
        (("add", "webhook", "slack"), "cannot be the name"),
        (("add", "webhook", "a/b"), "cannot be the name"),
        (("add", "webhook", "Help Desk"), "cannot be the name"),
        (("add", "webhook", "x" * 65), "cannot be the name"),
        (("add", "webhook", "taken"), "already"),
        (("add", "webhook", "new", "--channel", "hlep"), "no channel hlep"),
        (("remove", "unknown"), "no source unknown"),
        (("rotate", "unknown"), "no source unknown"),
        (("check", "unknown"), "no source unknown"),
        (("check", "taken"), "are not fetched"),
        (("sync", "taken"), "are not fetched"),
        (("write-back", "taken", "on"), "are not fetched"),
        (("add", "github", "acme"), "write OWNER/REPO"),
        (("add", "github", "acme/desk/issues"), "write OWNER/REPO"),
        (("add", "github", "../desk"), "write OWNER/REPO"),
        (("add", "github", "acme/desk", "--api", "http://example.com"), "must begin with https"),
        (("add", "github", "acme/desk", "--channel", "hlep"), "no channel hlep"),
        (("add", "jira", "acme", "HELP"), "write its host"),
        (("add", "jira", "acme.atlassian.net/jira", "HELP"), "write its host"),
        (("add", "jira", "acme.atlassian.net", "HELP", 'X" OR'), "no key of a project"),
        (("add", "jira", "acme.atlassian.net", *(f"P{n}" for n in range(99))), "name fewer"),
        (("add", "zendesk", "acme.example.com"), "write the acme"),
    )
    for arguments, reason in mistakes:
        result = command_line("sources", *arguments)
        assert result.exit_code == 1, arguments
        assert reason in result.stderr, arguments
        assert len(result.stderr.strip().splitlines()) == 1, arguments


def test_adding_a_source_says_who_sees_its_tickets(command_line: Command) -> None:
    """They are the readers of its channel."""
    secret_of(command_line("sources", "add", "webhook", "helpdesk", "--channel", "#help"))
    assert json.loads(command_line("sources", "list", "--json").stdout)["channel"] == "#help"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    """Run a stand-in of GitHub, with its token set."""
    monkeypatch.setenv("DEJA_GITHUB_TOKEN", TOKEN)
    tracker = GitHubStandIn()
    with serving(tracker):
        yield tracker


def test_a_repository_is_added_checked_and_read(
    command_line: Command, github: GitHubStandIn
) -> None:
    """From the first command to stored tickets; the token is never shown."""
    github.open(1)
    github.close_with(1, "Roll the firmware back to 2.1.", at(9))
    shown = [
        command_line("sources", "add", "github", "acme/desk", "--api", github.address),
        command_line("sources", "check", "github/acme/desk"),
        command_line("sources", "list"),
    ]
    assert [one.exit_code for one in shown] == [0, 0, 0]
    read = command_line("sources", "sync", "github/acme/desk", "--json")
    assert json.loads(read.stdout) == {
        "source": "github/acme/desk", "changed": 1, "deleted": 0, "refused": 0,
    }  # fmt: skip
    [listed] = map(json.loads, command_line("sources", "list", "--json").stdout.splitlines())
    assert (listed["tickets"], listed["kind"], listed["error"]) == (1, "github", None)
    assert listed["read_until"] is not None
    assert "connected to acme/desk" in shown[1].stdout
    assert not any(TOKEN in one.output for one in (*shown, read))
    assert "its tickets are fetched" in command_line("sources", "rotate", "github/acme/desk").stderr


def test_what_is_wrong_with_a_source_is_shown(command_line: Command, github: GitHubStandIn) -> None:
    """By the command, in the list and, after some hours, by the doctor."""
    command_line("sources", "add", "github", "acme/desk", "--api", github.address)
    github.fail(Reply(401))
    assert (
        "rejects DEJA_GITHUB_TOKEN" in command_line("sources", "check", "github/acme/desk").stderr
    )
    github.fail(Reply(401))
    failed = command_line("sources", "sync", "github/acme/desk")
    assert failed.exit_code == 1
    assert len(failed.stderr.strip().splitlines()) == 1
    [listed] = map(json.loads, command_line("sources", "list", "--json").stdout.splitlines())
    assert "rejects DEJA_GITHUB_TOKEN" in listed["error"]
    github.fail(Reply(429, headers={"Retry-After": "900"}))
    assert "run this again after" in command_line("sources", "sync", "github/acme/desk").stderr
    assert _doctor(command_line)["state"] == "ok"
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.write() as session:
        long_ago = utc_now() - timedelta(days=1)
        session.execute(update(Source).values(created_at=long_ago))
        session.execute(update(Connection).values(succeeded_at=None))
    found = _doctor(command_line)
    assert found["state"] == "warning"
    assert "github/acme/desk was last read never (GitHub rejects" in found["message"]


def _doctor(command_line: Command) -> dict[str, str]:
    lines = command_line("doctor", "--offline", "--json").stdout.splitlines()
    found: dict[str, str] = next(one for one in map(json.loads, lines) if one["check"] == "sources")
    return found


def test_a_jira_site_is_added_and_read(
    command_line: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its token the command says which settings are missing."""
    with serving(jira := JiraStandIn(now=utc_now())):
        jira.open("HELP-1")
        site = ("jira", "Acme.atlassian.net", "HELP", "--api", jira.address)
        assert command_line("sources", "add", *site).exit_code == 0
        name = "jira/acme.atlassian.net"
        assert "Set DEJA_JIRA_EMAIL" in command_line("sources", "check", name).stderr
        monkeypatch.setenv("DEJA_JIRA_EMAIL", EMAIL)
        monkeypatch.setenv("DEJA_JIRA_TOKEN", JIRA_TOKEN)
        assert "connected to HELP" in command_line("sources", "check", name).stdout
        assert json.loads(command_line("sources", "sync", name, "--json").stdout)["changed"] == 1


def test_switching_on_write_back_twice_changes_nothing(command_line: Command) -> None:
    """It still writes what was decided since the first time."""
    command_line("sources", "add", "github", "acme/desk")

    url = os.environ["DEJA_DATABASE_URL"]

    def switch(state: str) -> datetime | None:
        assert command_line("sources", "write-back", "github/acme/desk", state).exit_code == 0
        with closing(Database.connect(url)) as database, database.read() as session:
            return session.scalars(select(Connection.writes_since)).one()

    first = switch("on")
    assert first is not None
    assert switch("on") == first
    assert switch("off") is None
    assert switch("on") != first


def test_a_zendesk_account_is_added_and_read(
    command_line: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its OAuth client the command says which settings are missing."""
    with serving(zendesk := ZendeskStandIn()):
        zendesk.change(1)
        account = ("zendesk", "acme.zendesk.com", "--api", zendesk.address)
        assert command_line("sources", "add", *account).exit_code == 0
        assert (
            "Set DEJA_ZENDESK_CLIENT_ID" in command_line("sources", "check", "zendesk/acme").stderr
        )
        monkeypatch.setenv("DEJA_ZENDESK_CLIENT_ID", CLIENT)
        monkeypatch.setenv("DEJA_ZENDESK_CLIENT_SECRET", SECRET)
        read = command_line("sources", "sync", "zendesk/acme", "--json")
        assert json.loads(read.stdout)["changed"] == 1
        assert SECRET not in command_line("sources", "check", "zendesk/acme").output


def test_each_source_has_its_own_token(
    command_line: Command, github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two accounts of one program work; the token is read where no process list shows it."""
    github.open(1)
    monkeypatch.setenv("DEJA_GITHUB_TOKEN", "of-another-account")
    added = command_line(
        "sources", "add", "github", "acme/desk", "--api", github.address, "--with-token",
        stdin=f"{TOKEN}\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    name = "github/acme/desk"
    assert "connected to acme/desk" in command_line("sources", "check", name).stdout
    [listed] = map(json.loads, command_line("sources", "list", "--json").stdout.splitlines())
    assert listed["has_own_token"] is True
    assert command_line("sources", "token", name, stdin="wrong\n").exit_code == 0
    refused = command_line("sources", "check", name).stderr
    assert f"rejects the token of {name}" in refused
    monkeypatch.setenv("OURS", TOKEN)
    assert command_line("sources", "token", name, "--from-env", "OURS").exit_code == 0
    read = command_line("sources", "sync", name, "--json")
    assert json.loads(read.stdout)["changed"] == 1
    assert command_line("sources", "token", name, "--remove").exit_code == 0
    assert "rejects DEJA_GITHUB_TOKEN" in command_line("sources", "check", name).stderr
    audit = command_line("audit").output
    assert f"{name}: the token of the settings → a token of its own" in audit
    assert not any(TOKEN in text for text in (audit, refused, added.output, read.output))


def test_a_malformed_token_is_refused_without_being_shown(command_line: Command) -> None:
    """In one line, and nothing is stored."""
    assert command_line("sources", "add", "webhook", "helpdesk").exit_code == 0
    assert command_line("sources", "add", "github", "acme/desk").exit_code == 0
    mistakes: tuple[tuple[tuple[str, ...], str, str], ...] = (
        (("token", "github/acme/desk"), "", "No token was given"),
        (("token", "github/acme/desk"), "two words", "This is no token"),
        (("token", "github/acme/desk"), "schlüssel", "This is no token"),
        (("token", "github/acme/desk"), "x" * 5000, "This is no token"),
        (("token", "github/acme/desk", "--account", "me"), "x", "has no --account"),
        (("token", "github/acme/desk", "--from-env", "NOT_SET"), "", "NOT_SET is not set"),
        (("token", "github/acme/nothing"), "x", "no source github/acme/nothing"),
        (("token", "helpdesk"), "x", "it sends its tickets"),
        (("add", "jira", "acme.atlassian.net", "HELP", "--with-token"), "x", "Say --account"),
        (("add", "zendesk", "acme", "--account", "me"), "x", "say --with-token, too"),
    )
    for arguments, stdin, reason in mistakes:
        result = command_line("sources", *arguments, stdin=stdin)
        assert result.exit_code == 1, arguments
        assert reason in result.stderr, arguments
        assert len(result.stderr.strip().splitlines()) == 1, arguments
        assert len(stdin) < 2 or stdin not in result.output, arguments
    lines = map(json.loads, command_line("sources", "list", "--json").stdout.splitlines())
    assert not any(one["has_own_token"] for one in lines)


def test_jira_and_zendesk_have_their_own_tokens(command_line: Command) -> None:
    """Each with the user name that signs in."""
    with serving(jira := JiraStandIn(now=utc_now())), serving(zendesk := ZendeskStandIn()):
        site = ("jira", "acme.atlassian.net", "HELP", "--api", jira.address)
        own = ("--with-token", "--account", EMAIL)
        assert command_line("sources", "add", *site, *own, stdin=JIRA_TOKEN).exit_code == 0
        assert command_line("sources", "check", "jira/acme.atlassian.net").exit_code == 0
        account = ("zendesk", "acme", "--api", zendesk.address)
        assert command_line("sources", "add", *account).exit_code == 0
        stored = command_line("sources", "token", "zendesk/acme", "--account", CLIENT, stdin=SECRET)
        assert stored.exit_code == 0
        assert command_line("sources", "check", "zendesk/acme").exit_code == 0
