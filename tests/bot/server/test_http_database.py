"""HTTP mode while the database is gone, full or locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from models import Database
from tests.databases import TEMPLATE, PostgresServer
from tests.slack_people import json_headers
from tests.web import Web, new_event


@pytest.mark.both_databases
def test_health_follows_the_database(web: Web, request: pytest.FixtureRequest) -> None:
    """`/healthz` is 200 while the database answers; without it that is 503, and events get 500."""
    assert web.ask("GET", "/healthz") == (200, b'{"ok": true}')
    body = new_event(web)
    with _lost(web.desk.services.database, request):
        assert web.ask("GET", "/healthz") == (503, b'{"ok": false}')
        assert web.post(body, json_headers(body.decode())) == 500


@contextmanager
def _lost(database: Database, request: pytest.FixtureRequest) -> Iterator[None]:
    """Remove the database: its file, or the one on the server."""
    name = str(database.engine.url.database)
    database.close()
    if database.is_sqlite:
        for part in Path(name).parent.glob(f"{Path(name).name}*"):
            part.unlink()
        Path(name).mkdir()
        yield
        Path(name).rmdir()
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.drop(name)
        yield
        server.create(name, TEMPLATE)


@pytest.mark.both_databases
def test_an_event_that_cannot_be_stored_is_not_acknowledged(web: Web) -> None:
    """While the database takes no writes the response is 500; Slack's retry is handled once."""
    first = new_event(web, "Ev1")
    assert web.post(first, json_headers(first.decode())) == 200
    body = new_event(web, "Ev2")
    _refuse_jobs(web, refuse=True)
    assert web.post(body, json_headers(body.decode())) == 500
    _refuse_jobs(web, refuse=False)
    assert web.stored() == 1
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"}
    for _ in range(2):
        assert web.post(body, {**json_headers(body.decode()), **retry}) == 200
    web.desk.drain()
    assert len(web.desk.slack.posted()) == 1


def _refuse_jobs(web: Web, *, refuse: bool) -> None:
    """Make the database refuse new jobs, as on a full disk, or accept them again."""
    sqlite = web.desk.services.database.is_sqlite
    if sqlite:
        on = "CREATE TRIGGER no BEFORE INSERT ON jobs BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        off = "DROP TRIGGER no"
    else:
        on = "ALTER TABLE jobs ADD CONSTRAINT no CHECK (false) NOT VALID"
        off = "ALTER TABLE jobs DROP CONSTRAINT no"
    with web.desk.services.database.write() as session:
        session.execute(text(on if refuse else off))


def test_a_locked_database_is_not_acknowledged(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    """While another process locks the database the response is 500; the retry succeeds.

    The log says why.
    """
    body = new_event(web)
    database = web.desk.services.database
    other = Database.connect(web.desk.services.settings.database_url.get_secret_value())
    with closing(other), other.write() as holding:
        # On SQLite a write transaction alone blocks all others.
        holding.execute(text("SELECT 1" if database.is_sqlite else "LOCK TABLE jobs"))
        _make_impatient(web)
        assert web.post(body, json_headers(body.decode())) == 500
    assert web.post(body, json_headers(body.decode())) == 200
    assert web.stored() == 1
    [line] = [one for one in caplog.messages if "could not be stored" in one]
    assert ": The database cannot be used: " in line
    assert "lock" in line


def _make_impatient(web: Web) -> None:
    """Make the pool's connection, which the next request takes, wait only for milliseconds."""
    database = web.desk.services.database
    setting = "PRAGMA busy_timeout = 50" if database.is_sqlite else "SET lock_timeout = 50"
    with database.engine.connect() as connection:
        connection.exec_driver_sql(setting)
        connection.commit()
