"""The monitoring port: metrics for Prometheus, and whether the process is healthy."""

from __future__ import annotations

import json
import re
import socket
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

import migrations
from bot.server.monitor import Readiness, monitor_app, monitored
from bot.server.state_metrics import COUNT_INTERVAL, StateMetrics
from bot.settings import Settings
from models import Database
from services.errors import SettingsError
from services.queue import JobQueue
from tests.serving import Desk
from tests.slack_server import Fault
from tests.web import ask_app

PRINTER = "printer prints blank pages after the firmware update"

ROOT = Path(__file__).parents[3]

_FAMILY = re.compile(r"^# TYPE (deja_\w+)", re.MULTILINE)
_METRIC = re.compile(r"\bdeja_[a-z_]+")
_SUFFIX = re.compile(r"_(bucket|count|created|sum|total)$")

Samples = dict[tuple[str, ...], float]


def scraped(desk: Desk) -> Samples:
    """Return the current metrics, by name and labels."""
    state = StateMetrics(desk.services, desk.clock)
    return _read(ask_app(monitor_app(Readiness(desk.services), state), "/metrics")[1])


def _read(page: str) -> Samples:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


@pytest.mark.both_databases
def test_the_path_of_a_ticket_is_counted(desk: Desk) -> None:
    """There are metrics of events, jobs, answers, stored rows, and the queue."""
    before = scraped(desk)
    desk.ticket("C1", PRINTER)
    desk.ticket("C1", PRINTER)
    desk.clock.advance(90)
    waiting = scraped(desk)
    assert waiting["deja_queue_jobs", "ready"] == 2
    assert waiting["deja_queue_age_seconds", "message"] == 90
    desk.drain()
    after = scraped(desk)
    assert after["deja_database_up",] == 1
    assert after["deja_queue_jobs", "ready"] == 0
    assert after["deja_items", "ticket"] == 2
    assert after["deja_vectors",] == 2
    assert after["deja_answers_posted",] == 1
    assert after["deja_channel_budget_kept", "C1"] == 1
    for name in (
        ("deja_acknowledgement_seconds_count", "200"),
        ("deja_jobs_total", "message", "done"),
    ):
        assert after[name] == before.get(name, 0) + 2
    assert after["deja_answer_seconds_count",] == before.get(("deja_answer_seconds_count",), 0) + 1


def test_the_age_of_the_queue_includes_an_outage(desk: Desk) -> None:
    """A job retried while Slack is away counts from when it was first due."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.fail("conversations.replies", *[Fault(status=500)] * 100)
    desk.ticket("C1", PRINTER)
    desk.drain()
    for _ in range(10):
        desk.clock.advance(60)
        desk.drain()
    assert scraped(desk)["deja_queue_age_seconds", "answer"] == 600


def test_counting_everything_is_not_done_at_every_scrape(desk: Desk) -> None:
    """Counts of stored rows are cached for some minutes; those of the queue are not."""
    state = StateMetrics(desk.services, desk.clock)
    app = monitor_app(Readiness(desk.services), state)
    assert _read(ask_app(app, "/metrics")[1])["deja_items", "ticket"] == 0
    desk.ticket("C1", PRINTER)
    assert _read(ask_app(app, "/metrics")[1])["deja_queue_jobs", "ready"] == 1
    desk.drain()
    assert _read(ask_app(app, "/metrics")[1])["deja_items", "ticket"] == 0
    desk.clock.advance(COUNT_INTERVAL / timedelta(seconds=1))
    assert _read(ask_app(app, "/metrics")[1])["deja_items", "ticket"] == 1


def test_no_metric_contains_what_people_wrote(desk: Desk) -> None:
    """Labels are only kinds, states and Slack ids."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    page = ask_app(
        monitor_app(Readiness(desk.services), StateMetrics(desk.services, desk.clock)), "/metrics"
    )[1]
    assert "printer" not in page
    assert "support" not in page


@pytest.mark.parametrize("page", ["deploy/grafana.json", "docs/monitoring.md"])
def test_documented_metrics_exist(desk: Desk, page: str) -> None:
    """The dashboard and the manual use existing metrics, and the manual lists all of them."""
    desk.services.settings.data_dir.mkdir(exist_ok=True)
    app = monitor_app(Readiness(desk.services), StateMetrics(desk.services, desk.clock))
    there = {_SUFFIX.sub("", name) for name in _FAMILY.findall(ask_app(app, "/metrics")[1])}
    # Only with the real model, and only while jobs wait in the queue.
    there |= {"deja_model_texts", "deja_model_seconds", "deja_queue_age_seconds"}
    if not desk.services.database.is_sqlite:  # PostgreSQL has its index itself
        there |= {"deja_index_rows", "deja_index_dead_rows"}
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {_SUFFIX.sub("", name) for name in _METRIC.findall(text)}
    assert named <= there
    assert page.endswith(".json") or there <= named


def test_a_process_is_ready_once_it_works(desk: Desk) -> None:
    """It is ready when its worker runs and its database has the expected revision."""
    readiness = Readiness(desk.services)
    app = monitor_app(readiness, StateMetrics(desk.services, desk.clock))
    status, body = ask_app(app, "/readyz")
    assert status == 503
    assert json.loads(body)["faults"] == ["the bot is starting or stopping"]
    readiness.is_working = True
    assert ask_app(app, "/readyz") == (200, '{"ok": true, "faults": []}')
    assert ask_app(app, "/healthz")[0] == 200
    assert ask_app(app, "/slack/events")[0] == 404


def test_a_database_that_is_down_is_reported_without_an_error(desk: Desk, tmp_path: Path) -> None:
    """The other metrics are still there, and the process is not ready."""
    with closing(Database.connect(f"sqlite:///{tmp_path}/no-folder/deja.db")) as gone:
        services = replace(desk.services, database=gone, queue=JobQueue(gone))
        readiness = Readiness(services, is_working=True)
        app = monitor_app(readiness, StateMetrics(services, desk.clock))
        status, body = ask_app(app, "/metrics")
        assert status == 200
        found = _read(body)
        assert found["deja_database_up",] == 0
        assert (("deja_index_rows",) in found) is desk.services.database.is_sqlite
        assert ask_app(app, "/readyz")[0] == ask_app(app, "/healthz")[0] == 503


@pytest.mark.both_databases
def test_a_database_that_takes_no_changes_is_not_ready(desk: Desk, tmp_path: Path) -> None:
    """It answers, so that the process is healthy; why events cannot be stored is said."""
    url = desk.services.settings.database_url.get_secret_value()
    if desk.services.database.is_sqlite:
        database = Database.connect(f"sqlite:///{tmp_path}/here/deja.db")
        (tmp_path / "here").mkdir()
        migrations.upgrade(database.engine)
        (tmp_path / "here").rename(tmp_path / "there")
        fault = f"{tmp_path}/here cannot be written: No such file or directory."
    else:
        database = Database.connect(f"{url}&options=-c%20default_transaction_read_only%3Don")
        fault = "The database cannot be changed: its server is read-only."
    with closing(database):
        services = replace(desk.services, database=database)
        app = monitor_app(Readiness(services, is_working=True), StateMetrics(services, desk.clock))
        assert ask_app(app, "/healthz")[0] == 200
        status, body = ask_app(app, "/readyz")
    assert (status, json.loads(body)["faults"]) == (503, [fault])


def test_the_port_is_that_of_the_settings(desk: Desk) -> None:
    """It answers while the bot runs; if it is in use, the error names it."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        busy = desk.services.settings.model_copy(update={"metrics_port": port})
        with (
            pytest.raises(SettingsError, match=f"Port {port} .* DEJA_METRICS_PORT"),
            monitored(replace(desk.services, settings=busy)),
        ):
            pass
    free = desk.services.settings.model_copy(update={"metrics_port": port})
    with monitored(replace(desk.services, settings=free)) as readiness:
        readiness.is_working = True
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("GET", "/readyz")
            assert connection.getresponse().status == 200


def test_a_port_that_is_no_number_is_one_clear_line() -> None:
    """The error names the setting."""
    with pytest.raises(SettingsError, match="DEJA_METRICS_PORT"):
        Settings.from_mapping({"DEJA_METRICS_PORT": "many"})
