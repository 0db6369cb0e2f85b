"""A bot that listens on a port, for requests over HTTP."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults

from sqlalchemy import func, select

from bot.server.http import HttpServer, wsgi_app
from bot.server.serve import ingest_endpoint, is_healthy
from models import Job
from tests.serving import Desk
from tests.slack_people import event_body

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


PRINTER = "printer prints blank pages after the firmware update"


@dataclass(frozen=True)
class Web:
    """A bot that listens on a port."""

    desk: Desk
    port: int

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """Send a request to the bot and return the status."""
        return self.ask("POST", "/slack/events", body, headers)[0]

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send any request and return status and body."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()

    def stored(self) -> int:
        """Return the number of stored jobs."""
        with self.desk.services.database.read() as session:
            return session.scalar(select(func.count(Job.id))) or 0


def new_event(web: Web, event_id: str = "Ev1") -> bytes:
    """Post a ticket, and return the body of the request that tells the bot of it."""
    message = web.desk.slack.say("C1", PRINTER)
    return event_body({"channel": "C1", "channel_type": "channel", **message}, event_id).encode()


@contextmanager
def listening(desk: Desk) -> Iterator[Web]:
    """Have a desk's bot listen on a free port until the end of the block."""
    ingest = ingest_endpoint(desk.bot)
    app = wsgi_app(desk.bot.app, lambda: is_healthy(desk.services), ingest=ingest)
    server = HttpServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield Web(desk, server.port)
    finally:
        server.stop()


def ask_app(app: WSGIApplication, path: str, query: str = "", cookie: str = "") -> tuple[int, str]:
    """Request a page of a WSGI application, and return status and body."""
    environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_COOKIE": cookie}
    setup_testing_defaults(environ)
    statuses: list[str] = []

    def start(status: str, _headers: Any, _error: Any = None) -> Any:
        statuses.append(status)

    body = b"".join(app(environ, start))
    return int(statuses[0].split()[0]), body.decode()
