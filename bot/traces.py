"""Traces by OpenTelemetry, if `deja[otel]` is installed and `DEJA_TRACES_URL` is set; else nothing.

One trace is a request of Slack, the jobs that follow from it and their calls of Slack, in whichever
processes they run: its ids are derived from the request's id, which the key of each job ends with.
No span holds what people wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from services.errors import SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings


class Recorder(Protocol):
    """Records the spans of this process."""

    def span(
        self, name: str, causes: Sequence[str], attributes: dict[str, str | int]
    ) -> AbstractContextManager[None]:
        """Record the time of a block; see `span`."""

    def first_span(self, name: str, cause: str) -> AbstractContextManager[None]:
        """Record the time of a block that begins a trace; see `first_span`."""


class _Installed:
    """The recorder of this process, if there is one."""

    recorder: Recorder | None = None


def span(
    name: str, *, causes: Sequence[str] = (), **attributes: str | int
) -> AbstractContextManager[None]:
    """Record the time of a block, as part of what its causes, ids of requests, began.

    Without causes it is part of the block around it. It is an error if the block raises.
    """
    recorder = _Installed.recorder
    return nullcontext() if recorder is None else recorder.span(name, causes, attributes)


def first_span(name: str, cause: str) -> AbstractContextManager[None]:
    """Record the time of a block that begins the trace of a request."""
    recorder = _Installed.recorder
    return nullcontext() if recorder is None else recorder.first_span(name, cause)


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Record the spans of this process until the end of the block."""
    _Installed.recorder = recorder
    try:
        yield
    finally:
        _Installed.recorder = None


@contextmanager
def traced(settings: Settings) -> Iterator[None]:
    """Send spans to the address of the settings, if there is one, until the end of the block.

    Raises `SettingsError` if OpenTelemetry is not installed.
    """
    if settings.traces_url is None:
        yield
        return
    try:
        from bot.otel import sending_to
    except ModuleNotFoundError as error:
        raise SettingsError(
            "DEJA_TRACES_URL needs OpenTelemetry: run `pip install 'deja[otel]'`."
        ) from error
    with sending_to(settings.traces_url) as recorder, recording(recorder):
        yield
