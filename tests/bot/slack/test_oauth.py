"""Installing the app: from the page to the first answer, and installations that fail."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import MetaData, Table, func, select, text, update

from bot.server.http import wsgi_app
from bot.server.serve import build_bot
from bot.settings import Settings
from bot.slack.oauth import Installations, install_flow
from bot.slack.scopes import SCOPES
from models import Item, slack_bots, slack_oauth_states
from models.types import Sealed
from services.errors import RetryLaterError, SettingsError
from services.memory.new_items import NewItem
from services.memory.workspaces import local_workspace
from services.secrets.keyring import key_id
from tests.keys import OTHER_KEY, keyring
from tests.office import Office, office_values
from tests.serving import buttons
from tests.slack_server import dropped
from tests.web import ask_app

PRINTER = "printer prints blank pages after the firmware update"
SUCCESS, REFUSED, FORGED, FAILED = 200, 400, 401, 500


def installed_teams(office: Office) -> list[str]:
    """Return the teams with a stored token."""
    with office.services.database.read() as session:
        return sorted(session.scalars(select(slack_bots.c.team_id)))


@pytest.mark.both_databases
def test_workspaces_are_kept_apart(office: Office) -> None:
    """With one bot in two workspaces, tickets of one are never named in the other."""
    for team in ("T1", "T2"):
        assert office.install(team).status == SUCCESS
    one, other = office.desk("T1"), office.desk("T2")
    one.ticket("C1", PRINTER)
    one.drain()
    assert other.answers("C1", other.ticket("C1", PRINTER)) == []
    assert len(one.answers("C1", one.ticket("C1", PRINTER))) == 1
    assert len(other.answers("C1", other.ticket("C1", PRINTER))) == 1
    for desk in (one, other):
        assert len(desk.slack.posted()) == 1


def test_an_event_of_a_shared_channel_is_stored_by_both_workspaces(office: Office) -> None:
    """A channel that two workspaces share has the same id in both, and so may an event."""
    for team in ("T1", "T2"):
        office.install(team)
    for team in ("T1", "T2"):
        desk = office.desk(team)
        message = desk.slack.say("C1", PRINTER, ts="1795300001.000100")
        assert desk.deliver_message("C1", message, event_id="Ev-shared").status == SUCCESS
        desk.drain()
    with office.services.database.read() as session:
        workspaces = session.scalars(select(Item.workspace_id)).all()
    assert len(workspaces) == len(set(workspaces)) == 2


def test_the_page_requests_the_scopes_of_the_manifest(office: Office) -> None:
    """It requests no scope more, and none less."""
    app = wsgi_app(office.bot.app, lambda: True, office.bot.install)
    status, body = ask_app(app, "/slack/install")
    assert status == SUCCESS
    assert all(scope.replace(":", "%3A") in body or scope in body for scope in SCOPES)
    assert "groups" not in body
    more = office.services.settings.model_copy(update={"extra_scopes": {"groups:read"}})
    flow = install_flow(
        more, office.services.database, Installations(more, office.services.database, office.clock)
    )
    assert "groups" in ask_app(wsgi_app(office.bot.app, lambda: True, flow), "/slack/install")[1]
    manifest = yaml.safe_load(Path("manifest.yaml").read_text())
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_a_forged_redirect_installs_nothing(office: Office) -> None:
    """A redirect without the cookie, with another state or with a used one is refused."""
    state, cookie = office.begin()
    code = office.platform.consent("T1")
    assert office.come_back({"code": code, "state": state}, "").status == REFUSED
    assert office.come_back({"code": code, "state": "other"}, cookie).status == REFUSED
    other = cookie.replace(state, "forged")
    assert office.come_back({"code": code, "state": "forged"}, other).status == FORGED
    assert installed_teams(office) == []
    assert office.come_back({"code": code, "state": state}, cookie).status == SUCCESS
    again = office.platform.consent("T2")
    assert office.come_back({"code": again, "state": state}, cookie).status == FORGED
    assert installed_teams(office) == ["T1"]


def test_a_cancelled_installation_installs_nothing(office: Office) -> None:
    """Slack reports it in the redirect's URL, and the page shows it."""
    state, cookie = office.begin()
    page = office.come_back({"error": "access_denied", "state": state}, cookie)
    assert "access_denied" in page.body
    assert installed_teams(office) == []


@pytest.mark.parametrize("code", ["", "never given"])
def test_a_wrong_code_installs_nothing(office: Office, code: str) -> None:
    """An unknown code and a missing one are refused."""
    state, cookie = office.begin()
    query = {"code": code, "state": state} if code else {"state": state}
    assert office.come_back(query, cookie).status == FORGED
    assert installed_teams(office) == []


def test_an_installation_for_an_organisation_is_refused(office: Office) -> None:
    """The app is for single workspaces, as readers of a channel are known only in one."""
    assert office.install("T1", is_enterprise_install=True).status == FAILED
    assert installed_teams(office) == []


def test_an_installation_can_be_repeated_after_slack_was_down(office: Office) -> None:
    """A failed installation leaves nothing behind."""
    app = wsgi_app(office.bot.app, lambda: True, office.bot.install)
    state, cookie = office.begin()
    code = office.platform.consent("T1")
    office.platform.fail("oauth.v2.access", dropped())
    query = f"code={code}&state={state}"
    status, _ = ask_app(app, "/slack/oauth_redirect", query, cookie)
    assert status == 503
    assert installed_teams(office) == []
    assert office.install("T1").status == SUCCESS


def test_an_organisations_workspace_is_found_by_its_team(office: Office) -> None:
    """A workspace of an Enterprise Grid has an organisation, but its team id is enough."""
    assert office.install("T1", enterprise={"id": "E1", "name": "All"}).status == SUCCESS
    desk = office.desk("T1")
    desk.ticket("C1", PRINTER)
    desk.drain()
    assert len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1


def test_imported_items_do_not_belong_to_who_installs_the_app(office: Office) -> None:
    """Items that an administrator imported before stay in a workspace of their own."""
    with office.services.database.write() as session:
        workspace_id = local_workspace(session, office.clock()).id
    imported = NewItem("csv", "1", PRINTER, created_at=office.clock())
    office.services.ingest.store(workspace_id, [imported], office.clock())
    office.install("T1")
    desk = office.desk("T1")
    assert desk.workspace_id != workspace_id
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_events_of_an_unknown_team_are_ignored(office: Office) -> None:
    """An event of a team without the app is acknowledged, and nothing is stored."""
    stranger = office.desk("T1")
    message = stranger.slack.say("C1", PRINTER)
    assert stranger.deliver_message("C1", message).status == SUCCESS
    assert office.services.queue.counts()["ready"] == 0


def test_a_token_is_stored_once(office: Office) -> None:
    """Another installation replaces the token; nothing about the installer is stored."""
    office.install("T1")
    office.install("T1")
    assert installed_teams(office) == ["T1"]
    assert office.bot.workspaces.names() == "Stand-in"


def test_stored_tokens_are_encrypted(office: Office) -> None:
    """The database shows none; those of an older version are encrypted at the start."""
    raw = text("SELECT bot_token FROM slack_bots")
    office.install("T1")
    token = office.desk("T1").tasks.slack.client.token
    with office.services.database.write() as session:
        assert str(session.scalar(raw)).startswith("deja1:")
        session.execute(update(slack_bots).values(bot_token=Sealed(str(token))))
        assert session.scalar(raw) == token
    build_bot(office.services, office.clock)
    with office.services.database.read() as session:
        assert str(session.scalar(raw)).startswith("deja1:")
    assert office.desk("T1").tasks.slack.client.token == token


def test_an_installation_without_a_key_stores_nothing(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The page tells anybody that it failed, and only the log tells why; no old token is lost."""
    office.install("T1")
    with office.services.database.write() as session:
        lost = keyring(OTHER_KEY).seal("xoxb-old")
        session.execute(update(slack_bots).values(bot_token=lost))
    page = office.install("T2")
    assert page.status == FAILED
    assert "deja1" not in page.body
    assert key_id(OTHER_KEY) not in page.body
    assert f"{key_id(OTHER_KEY)}, which is not in DEJA_SECRET_KEY" in caplog.text
    assert installed_teams(office) == ["T1"]
    with pytest.raises(RetryLaterError, match="which is not in"):
        office.bot.workspaces.tasks(office.desk("T1").workspace_id)


def test_unused_states_are_deleted(office: Office) -> None:
    """Opening the page many times does not fill the database."""
    for _ in range(5):
        office.begin()
    office.clock.advance(3600)
    office.bot.workspaces.purge(office.clock())
    with office.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(slack_oauth_states)) == 0


@pytest.mark.both_databases
def test_the_tables_have_the_columns_of_slack_sdks_stores() -> None:
    """slack_sdk reads and writes all its columns, with its types; encrypted tokens are longer."""
    bots = SQLAlchemyInstallationStore.build_bots_table(MetaData(), "slack_bots")
    states = SQLAlchemyOAuthStateStore.build_oauth_states_table(MetaData(), "slack_oauth_states")

    sealed = {"bot_token", "bot_refresh_token"}

    def shape(table: Table) -> list[tuple[str, str, bool | None]]:
        return [
            (column.name, "TEXT" if column.name in sealed else str(column.type), column.nullable)
            for column in table.columns
        ]

    assert shape(slack_bots) == shape(bots)
    assert shape(slack_oauth_states) == shape(states)


@pytest.mark.parametrize(
    ("missing", "more", "expected"),
    [
        ("SLACK_CLIENT_SECRET", {}, "SLACK_CLIENT_SECRET"),
        ("SLACK_CLIENT_ID", {}, "SLACK_CLIENT_ID"),
        ("SLACK_SIGNING_SECRET", {}, "SLACK_SIGNING_SECRET"),
        (None, {"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN"),
        (None, {"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_APP_TOKEN"),
    ],
)
def test_contradicting_settings_are_reported(
    missing: str | None, more: dict[str, str], expected: str
) -> None:
    """The error names the setting."""
    values: dict[str, str | None] = {**office_values("http://slack", "sqlite://", "/x"), **more}
    if missing is not None:
        del values[missing]
    with pytest.raises(SettingsError, match=expected):
        Settings.from_mapping(values).check_connection()


def test_a_click_has_no_effect_in_another_workspace(office: Office) -> None:
    """A shared channel has the same id in both, so a button may name the other's tickets."""
    for team in ("T1", "T2"):
        office.install(team)
    one, other = office.desk("T1"), office.desk("T2")
    first = other.ticket("C1", PRINTER)
    second = other.ticket("C1", PRINTER)
    [answer] = other.answers("C1", second)
    other.click("C1", "duplicate", buttons(answer)["duplicate"])
    reply = other.slack.say("C1", "Restart it", user="U5", thread_ts=first)
    other.react("C1", reply["ts"])
    other.drain()
    [notice] = [m for m in other.slack.replies("C1", second) if "told_works" in buttons(m)]
    one.ticket("C1", "another matter")
    for action in ("told_works", "told_broken"):
        one.click("C1", action, buttons(notice)[action])
        one.drain()
        assert other.item("C1", second).status == "open"
        assert other.jobs("failed") == []
    assert "told_works" in buttons(other.slack.replies("C1", second)[-1])
