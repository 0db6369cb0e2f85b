"""The HTTP server of a stand-in: it answers requests, and fails on request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request. `query` and `headers` have the last value of each name, headers in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Reply:
    """An answer: JSON, or bytes as they are."""

    status: int = 200
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes of the answer."""
        if isinstance(self.data, bytes):
            return self.data
        return b"" if self.data is None else json.dumps(self.data).encode()


@dataclass
class Tracker:
    """A stand-in. `faults` are answered first, one a request; None drops the connection.

    A fault for a path is answered to requests whose path contains it.
    """

    address: str = ""
    calls: list[Call] = field(default_factory=list)
    faults: list[tuple[str, Reply | None]] = field(default_factory=list)

    def answer(self, call: Call) -> Reply:
        """Answer a request."""
        raise NotImplementedError

    def fail(self, reply: Reply | None, path: str = "") -> None:
        """Answer the next request for a path with a fault."""
        self.faults.append((path, reply))

    def take(self, call: Call) -> Reply | None:
        """Answer a request, or fail."""
        self.calls.append(call)
        for number, (path, reply) in enumerate(self.faults):
            if path in call.path:
                del self.faults[number]
                return reply
        return self.answer(call)


@contextmanager
def serving(tracker: Tracker) -> Iterator[None]:
    """Let a stand-in listen on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            pass

        def serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            reply = tracker.take(call)
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.status != 304:
                self.wfile.write(reply.body)

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.serve)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    tracker.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
