"""The HTTP server of the stand-in of Slack: it answers calls, and fails on request."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

HOLD_SECONDS = 30.0

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One failure. Without a `status` the connection is dropped without an answer."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "upstream connect error"
    does: bool = False  # carries the call out first
    answers: bool = False  # as if nothing had failed
    hold: Event | None = None  # waits for this first
    begun: Event = field(default_factory=Event)  # is set when the call arrives
    over: Event = field(default_factory=Event)  # is set when it is over


def rate_limited(seconds: int) -> Fault:
    """Answer 429 with Retry-After."""
    headers = {"Retry-After": str(seconds)}
    return Fault(429, headers, json.dumps({"ok": False, "error": "ratelimited"}))


def broken() -> Fault:
    """Answer 500 with a body that is not JSON, as a proxy does."""
    return Fault(status=500)


def refused(error: str = "invalid_arguments") -> Fault:
    """Refuse the call with an error that trying again cannot mend."""
    return Fault(200, body=json.dumps({"ok": False, "error": error}))


def dropped() -> Fault:
    """Do nothing and drop the connection."""
    return Fault()


def done_but_dropped() -> Fault:
    """Carry the call out and drop the connection."""
    return Fault(does=True)


def done_later(hold: Event) -> Fault:
    """Hang until `hold` is set, then carry the call out."""
    return Fault(does=True, answers=True, hold=hold)


class Backend(Protocol):
    """A workspace or a platform that answers calls."""

    calls: list[tuple[str, Json]]
    # What people shared, by the name in its address.
    shared_files: dict[str, bytes]

    def take_fault(self, method: str) -> Fault | None: ...
    def may_fetch(self, token: str) -> bool: ...
    def answer(self, path: str, token: str, call: Json) -> tuple[int, Json | str]: ...


class CountingServer(ThreadingHTTPServer):
    """Answers each call in a thread of its own, and knows how many are in progress."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.in_progress = 0
        self._lock = Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count a call as soon as it is accepted."""
        with self._lock:
            self.in_progress += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a call."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self.in_progress -= 1


class Handler(BaseHTTPRequestHandler):
    """Reads a call, and answers it or fails as requested."""

    slack: Backend

    def do_POST(self) -> None:
        """Handle one call."""
        url = urlsplit(self.path)
        call = {**dict(parse_qsl(url.query)), **self._body()}
        name = "response_url" if url.path.startswith("/commands/") else url.path.rpartition("/")[2]
        fault = self.slack.take_fault(name)
        if fault is None:
            self._reply(*self._answer(url.path, call))
        else:
            self._fail(fault, name, url.path, call)

    def do_GET(self) -> None:
        """Handle a request for a file."""
        name = urlsplit(self.path).path.removeprefix("/files/")
        fault = self.slack.take_fault("files")
        if fault is not None:
            self._fail(fault, "files", self.path, {})
        elif not self.slack.may_fetch(self.headers.get("Authorization", "")):
            self._reply(302, "", {"Location": "/signin"})
        elif name not in self.slack.shared_files:
            self._reply(404, "")
        else:
            self.slack.calls.append(("files", {"name": name}))
            self._reply(
                200, self.slack.shared_files[name], {"Content-Type": "application/octet-stream"}
            )

    def _fail(self, fault: Fault, name: str, path: str, call: Json) -> None:
        fault.begun.set()
        if fault.hold is not None:
            fault.hold.wait(HOLD_SECONDS)
        if not fault.does:
            self.slack.calls.append((name, call))
        done = self._answer(path, call) if fault.does else (200, "")
        if fault.answers:
            self._reply(*done)
        elif fault.status is not None:
            self._reply(fault.status, fault.body, fault.headers)
        fault.over.set()

    def _answer(self, path: str, call: Json) -> tuple[int, Json | str]:
        return self.slack.answer(path, self.headers.get("Authorization", ""), call)

    def _body(self) -> Json:
        read = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if urlsplit(self.path).path.startswith("/upload/"):
            return {"bytes": len(read)}
        raw = read.decode()
        return dict(json.loads(raw)) if raw.startswith("{") else dict(parse_qsl(raw))

    def _reply(self, status: int, body: Json | str | bytes, headers: Json | None = None) -> None:
        with suppress(OSError):  # the client has given up
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            text = json.dumps(body) if isinstance(body, dict) else body
            self.wfile.write(text.encode() if isinstance(text, str) else text)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
