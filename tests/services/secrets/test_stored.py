"""All stored secrets are found, encrypted, and moved to another key, whatever interrupts it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text, update

from models import Connection, Database, Source, Workspace, slack_bots
from models.types import Sealed
from services.errors import SettingsError
from services.secrets import stored
from services.secrets.keyring import Keyring, key_id, key_of
from services.secrets.stored import (
    StoredSecret,
    forget_lost,
    list_secrets,
    reseal,
    seal_new,
    seal_plain,
    secrets_state,
)
from tests.keys import KEY, OTHER_KEY, keyring

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SECRETS = ["xoxb-1", "xoxe-1", "whsec_new", "whsec_old", '{"token": "ghp_1"}']


@pytest.fixture
def plain(database: Database) -> Database:
    """Give a database in which an older version stored a secret in each column."""
    with database.write() as session:
        workspace = Workspace(team_id="T1", name="T", url="", created_at=NOW)
        session.add(workspace)
        session.flush()
        source = Source(workspace_id=workspace.id, name="a", kind="webhook", created_at=NOW)
        source.secret, source.old_secret = Sealed("whsec_new"), Sealed("whsec_old")
        session.add(source)
        session.flush()
        session.add(
            Connection(
                source_id=source.id, address="", scope="", cursor={}, next_poll_at=NOW,
                credentials=Sealed('{"token": "ghp_1"}'),
            )
        )  # fmt: skip
        session.execute(
            insert(slack_bots).values(
                client_id="1.2", app_id="A", team_id="T1", bot_token=Sealed("xoxb-1"),
                bot_refresh_token=Sealed("xoxe-1"), is_enterprise_install=False,
                installed_at=datetime(2026, 11, 29),  # noqa: DTZ001 - as slack_sdk stores it
            )
        )  # fmt: skip
    return database


def listed(database: Database) -> list[StoredSecret]:
    """Return all stored secrets."""
    with database.engine.connect() as connection:
        return list_secrets(connection)


def opened(database: Database, ring: Keyring) -> list[str]:
    """Return all secrets, decrypted."""
    return sorted(ring.open(one.sealed) for one in listed(database))


def test_what_an_older_version_stored_is_encrypted(plain: Database) -> None:
    """Every column; a second time there is nothing to do."""
    ring = keyring(KEY)
    assert secrets_state(plain, ring).plain == 5
    assert seal_plain(plain, ring) == 5
    assert seal_plain(plain, ring) == 0
    with plain.engine.connect() as connection:
        raw = connection.execute(text("SELECT bot_token, bot_refresh_token FROM slack_bots")).one()
    assert all(str(one).startswith("deja1:") for one in raw)
    assert opened(plain, ring) == sorted(SECRETS)
    state = secrets_state(plain, ring)
    assert (state.total, state.plain, state.missing, state.damaged) == (5, 0, {}, [])
    assert state.by_key == {key_id(KEY): 5}


@pytest.mark.both_databases
def test_a_rotation_that_was_interrupted_goes_on(
    plain: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done stays done, and everything is readable at each moment."""
    monkeypatch.setattr(stored, "AT_ONCE", 2)
    seal_plain(plain, keyring(KEY))
    both = keyring(OTHER_KEY, KEY)

    def interrupt(done: int, total: int) -> None:
        assert (done, total) == (2, 5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reseal(plain, both, interrupt)
    assert secrets_state(plain, both).by_key == {key_id(KEY): 3, key_id(OTHER_KEY): 2}
    assert opened(plain, both) == sorted(SECRETS)
    steps: list[tuple[int, int]] = []
    assert reseal(plain, both, lambda *step: steps.append(step)) == 3
    assert steps == [(2, 3), (3, 3)]
    assert opened(plain, keyring(OTHER_KEY)) == sorted(SECRETS)


def test_a_rotation_without_the_old_key_changes_nothing(plain: Database) -> None:
    """Nor does one that meets a damaged secret."""
    seal_plain(plain, keyring(KEY))
    before = listed(plain)
    with pytest.raises(SettingsError, match=f"5 secrets .* {key_id(KEY)}, which is not here"):
        reseal(plain, keyring(OTHER_KEY), lambda *_: None)
    with plain.write() as session:
        session.execute(update(slack_bots).values(bot_token=Sealed(f"deja1:{key_id(KEY)}:AAAA")))
    with pytest.raises(SettingsError, match="damaged"):
        reseal(plain, keyring(OTHER_KEY, KEY), lambda *_: None)
    assert [one.sealed for one in listed(plain)][1:] == [one.sealed for one in before][1:]
    [damaged] = secrets_state(plain, keyring(KEY)).damaged
    assert damaged == "slack_bots.bot_token of row 1"


def test_nothing_new_is_stored_under_a_wrong_key(plain: Database) -> None:
    """The secrets would come apart: some need this key, some that one."""
    seal_plain(plain, keyring(KEY))
    with plain.write() as session, pytest.raises(SettingsError, match=key_id(KEY)):
        seal_new(session, keyring(OTHER_KEY), "new")
    with plain.write() as session, pytest.raises(SettingsError, match="not here"):
        seal_new(session, keyring(), "new")
    with plain.write() as session:
        assert key_of(seal_new(session, keyring(OTHER_KEY, KEY), "new")) == key_id(OTHER_KEY)


def test_secrets_whose_key_is_lost_can_be_given_up(plain: Database) -> None:
    """The others stay, and so do the sources."""
    ring = keyring(OTHER_KEY)
    seal_plain(plain, keyring(KEY))
    with plain.write() as session:
        session.execute(update(Source).values(secret=ring.seal("whsec_known")))
    assert forget_lost(plain, ring) == {"slack_bots": 1, "sources": 1, "connections": 1}
    assert opened(plain, ring) == ["whsec_known"]
    with plain.read() as session:
        assert session.scalars(select(Source.name)).all() == ["a"]
        assert session.scalars(select(slack_bots.c.id)).all() == []
