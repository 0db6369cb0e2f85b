"""Traces: from a request of Slack to the posted answer, also over several processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.otel import first_context, recorder_with
from bot.settings import Settings
from bot.traces import first_span, recording, span, traced
from services.errors import SettingsError
from tests.serving import Desk, restarted
from tests.slack_server import refused

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """Record all spans of this process."""
    memory = InMemorySpanExporter()
    with recorder_with(SimpleSpanProcessor(memory)) as recorder, recording(recorder):
        yield memory


def spans_of(exporter: InMemorySpanExporter, cause: str) -> list[ReadableSpan]:
    """Return the spans of the trace of a request, in the order of their ends."""
    trace_id = first_context(cause).trace_id
    return [one for one in exporter.get_finished_spans() if one.context.trace_id == trace_id]


def test_a_request_is_one_trace_to_its_answer(desk: Desk, exporter: InMemorySpanExporter) -> None:
    """The event, its jobs and the calls of Slack, though another process does the work."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    message = desk.slack.say("C1", PRINTER)
    desk.deliver_message("C1", message, "Ev900")
    restarted(desk).drain()
    spans = spans_of(exporter, "Ev900")
    names = [one.name for one in spans]
    assert names[0] == "request message"
    assert {"job message", "job answer", "slack chat_postMessage"} <= set(names)
    root = spans[0]
    assert root.parent is None
    assert root.context.span_id == first_context("Ev900").span_id
    by_id = {one.context.span_id: one for one in spans}
    for one in spans[1:]:
        assert one.parent is not None
        parent = by_id[one.parent.span_id]
        assert parent.name.startswith("job " if one.name.startswith("slack ") else "request ")


def test_a_batch_is_linked_to_its_requests(desk: Desk, exporter: InMemorySpanExporter) -> None:
    """Jobs that run together belong to no trace alone."""
    for event_id in ("Ev901", "Ev902"):
        desk.deliver_message("C1", desk.slack.say("C1", f"{PRINTER} {event_id}"), event_id)
    desk.drain()
    [batch] = [one for one in exporter.get_finished_spans() if one.name == "job message"]
    assert [one.context.trace_id for one in batch.links] == [
        first_context(cause).trace_id for cause in ("Ev901", "Ev902")
    ]
    assert dict(batch.attributes or {})["jobs"] == 2


def test_no_span_holds_what_people_wrote(desk: Desk, exporter: InMemorySpanExporter) -> None:
    """Neither in names and attributes, nor of an error that quotes it."""
    desk.slack.fail("chat.postMessage", refused())
    for _ in range(2):
        desk.ticket("C1", PRINTER)
        desk.drain()
    with pytest.raises(ValueError, match="printer"), span("broken"):
        raise ValueError(PRINTER)
    spans = exporter.get_finished_spans()
    assert not any("printer" in str(one.to_json()) for one in spans)
    failed = {one.name for one in spans if not one.status.is_ok}
    assert {"broken", "slack chat_postMessage"} <= failed
    assert all("Error" in str(one.status.description) for one in spans if not one.status.is_ok)


def test_nothing_is_traced_unless_asked() -> None:
    """By default spans cost nothing and need no package."""
    with traced(Settings.from_mapping({})), first_span("request", "Ev1"), span("job", jobs=1):
        pass


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting without the extra is one line that says what to install."""
    monkeypatch.delitem(sys.modules, "bot.otel", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    settings = Settings.from_mapping({"DEJA_TRACES_URL": "http://127.0.0.1:4318/v1/traces"})
    with pytest.raises(SettingsError, match=r"pip install 'deja\[otel\]'"), traced(settings):
        pass


def test_an_address_that_is_none_is_refused() -> None:
    """In one line that gives an example."""
    with pytest.raises(SettingsError, match="DEJA_TRACES_URL must be an address such as http"):
        Settings.from_mapping({"DEJA_TRACES_URL": "localhost:4318"})
