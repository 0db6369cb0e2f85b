"""Spans as OpenTelemetry records them. Only imported where it is installed (`deja[otel]`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
    use_span,
)

# The ids of the span that is just being started, if it is the first of a request.
_first: ContextVar[SpanContext | None] = ContextVar("first", default=None)


class RequestIds(RandomIdGenerator):
    """Random ids, but for the first span of a request, whose ids every process can derive."""

    def generate_trace_id(self) -> int:
        """Return the id of a trace."""
        first = _first.get()
        return super().generate_trace_id() if first is None else first.trace_id

    def generate_span_id(self) -> int:
        """Return the id of a span."""
        first = _first.get()
        return super().generate_span_id() if first is None else first.span_id


@dataclass(frozen=True)
class OtelRecorder:
    """Records spans; see `bot.traces.Recorder`."""

    tracer: Tracer

    @contextmanager
    def first_span(self, name: str, cause: str) -> Iterator[None]:
        """Record a block that begins the trace of a request."""
        token = _first.set(first_context(cause))
        try:
            started = self.tracer.start_span(name, Context(), attributes={"request_id": cause})
        finally:
            _first.reset(token)
        with _ended(started):
            yield

    @contextmanager
    def span(
        self, name: str, causes: Sequence[str], attributes: dict[str, str | int]
    ) -> Iterator[None]:
        """Record a block: under its only cause, linked to several, or under the block around it."""
        begun = [first_context(cause) for cause in causes]
        parent = Context() if begun else None
        if len(begun) == 1:
            parent = set_span_in_context(NonRecordingSpan(begun[0]), Context())
        links = [Link(one) for one in begun] if len(begun) > 1 else []
        with _ended(self.tracer.start_span(name, parent, attributes=attributes, links=links)):
            yield


def first_context(cause: str) -> SpanContext:
    """Return the ids of the first span of a request: they are the same in every process."""
    digest = hashlib.sha256(cause.encode()).digest()
    return SpanContext(
        trace_id=int.from_bytes(digest[:16], "big") or 1,
        span_id=int.from_bytes(digest[16:24], "big") or 1,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


@contextmanager
def recorder_with(processor: SpanProcessor) -> Iterator[OtelRecorder]:
    """Give a recorder whose spans a processor gets; what is left is sent at the end."""
    # What the environment says of resources is taken as well (OTEL_RESOURCE_ATTRIBUTES).
    provider = TracerProvider(
        resource=Resource.create({"service.name": "deja"}), id_generator=RequestIds()
    )
    provider.add_span_processor(processor)
    try:
        yield OtelRecorder(provider.get_tracer("deja"))
    finally:
        provider.shutdown()


@contextmanager
def sending_to(url: str) -> Iterator[OtelRecorder]:
    """Give a recorder that sends spans in batches to an address that takes OTLP over HTTP."""
    with recorder_with(BatchSpanProcessor(OTLPSpanExporter(endpoint=url))) as recorder:
        yield recorder


@contextmanager
def _ended(span: Span) -> Iterator[None]:
    """End a span after the block. Of an error only the kind: its message may quote somebody."""
    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
