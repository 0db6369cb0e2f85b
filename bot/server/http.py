"""HTTP: Slack's signed requests, those of other programs, `/healthz`, and the install pages."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest
from slack_bolt.adapter.wsgi.http_response import WsgiHttpResponse
from slack_bolt.oauth import OAuthFlow
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.wasyncore import close_all

from bot.server.app import UNREADABLE
from bot.server.ingest import PREFIX, IngestEndpoint
from bot.server.json_answers import answer, answer_health

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Each request waits for one commit; more threads would only wait for each other.
THREADS = 8

# Slack's largest payloads are a few hundred kilobytes.
MAX_BYTES = 2_000_000
MAX_HEADER_BYTES = 64_000

# Those that send nothing, or half a request, wait beside the others and take no thread. A process
# may usually have 1,024 files open, and the database and Slack need some.
MAX_CONNECTIONS = 500
IDLE_SECONDS = 30

# A whole request takes no longer, however steadily its bytes drip: Slack waits for three seconds,
# and the largest body takes a minute at 35 KB a second.
REQUEST_SECONDS = 60.0

# What Slack sends. Bolt would treat anything else as an internal error.
_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"[\x20-\x7e]{0,256}")

logger = logging.getLogger(__name__)


def wsgi_app(
    app: App,
    is_healthy: Callable[[], bool],
    install: OAuthFlow | None = None,
    ingest: IngestEndpoint | None = None,
) -> WSGIApplication:
    """Return the WSGI application of a Bolt app.

    `install` has the pages that install the app, `ingest` takes the tickets of other programs.
    """
    slack = SlackRequestHandler(app)
    pages = {}
    if install is not None:
        pages[install.install_path] = install.handle_installation
        pages[install.redirect_uri_path] = install.handle_callback

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/healthz":
            return answer_health(start_response, is_healthy)
        if ingest is not None and environ.get("PATH_INFO", "").startswith(PREFIX):
            return ingest.serve(environ, start_response)
        page = pages.get(environ.get("PATH_INFO", ""))
        if page is not None and environ.get("REQUEST_METHOD") == "GET":
            return _answer_with(page, environ, start_response)
        if not _is_well_formed(environ):
            return answer(start_response, 401, error="invalid request")
        try:
            return slack(environ, start_response)
        except UNREADABLE:
            # The body is not UTF-8, not JSON, nested too deep, or not an object. Bolt itself
            # answers for errors after the body was parsed.
            return answer(start_response, 400, error="malformed body")

    return serve


def ingest_app(is_healthy: Callable[[], bool], ingest: IngestEndpoint) -> WSGIApplication:
    """Return the WSGI application of a bot in Socket Mode, for other programs alone."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX):
            return ingest.serve(environ, start_response)
        if path == "/healthz":
            return answer_health(start_response, is_healthy)
        return answer(start_response, 404, error="there is no such page")

    return serve


class _TimedChannel(HTTPChannel):
    """A connection that is closed if a request takes too long to arrive."""

    max_seconds = REQUEST_SECONDS
    _began_at: float | None = None

    def received(self, data: bytes) -> bool:
        """Take bytes of a request; those of one that is too late are not read any more."""
        now = time.monotonic()
        if self._began_at is not None and now - self._began_at > self.max_seconds:
            self.will_close = True
            return False
        before = self.request
        taken: bool = super().received(data)
        if self.request is None:
            self._began_at = None
        elif self.request is not before:
            self._began_at = now
        return taken


class HttpServer:
    """Serves a WSGI application on a socket, in threads of this process."""

    def __init__(
        self,
        app: WSGIApplication,
        host: str,
        port: int,
        idle_seconds: int = IDLE_SECONDS,
        *,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            self._server = create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=THREADS,
                max_request_body_size=MAX_BYTES,
                max_request_header_size=MAX_HEADER_BYTES,
                connection_limit=MAX_CONNECTIONS,
                channel_timeout=idle_seconds,
                cleanup_interval=max(1, idle_seconds // 4),
                ident=None,
                # Unlike `select`, poll copes with another thread closing a socket.
                asyncore_use_poll=True,
            )
        except OSError:
            close_all(self._sockets)
            raise
        channel = type("Channel", (_TimedChannel,), {"max_seconds": request_seconds})
        for server in self._sockets.values():
            if hasattr(server, "channel_class"):
                server.channel_class = channel
        self._thread = Thread(target=self._server.run, name="deja-http", daemon=True)
        self.port = _port(self._server)

    def start(self) -> None:
        """Start to answer requests."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening: finish the running requests, and close idle connections."""
        self._server.task_dispatcher.shutdown()
        self._server.close()
        close_all(self._sockets)  # else kept-alive connections would hold the thread for minutes
        self._thread.join(5)


def _is_well_formed(environ: WSGIEnvironment) -> bool:
    """Say whether the headers of a signature can be compared at all."""
    timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "0")
    signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
    return bool(_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature))


def _port(server: Any) -> int:
    """Return the port in use, which the system chose if 0 was given."""
    if hasattr(server, "effective_port"):
        return int(server.effective_port)
    return int(server.effective_listen[0][1])  # a host name with several addresses


def _answer_with(
    page: Callable[[BoltRequest], BoltResponse],
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Answer with a page that installs the app."""
    request = WsgiHttpRequest(environ)
    try:
        shown = page(
            BoltRequest(body="", query=request.query_string, headers=dict(request.get_headers()))
        )
    except OSError as error:
        logger.warning("an installation failed: Slack cannot be reached: %s", error)
        return answer(start_response, 503, error="try again")
    response = WsgiHttpResponse(status=shown.status, headers=shown.headers, body=shown.body)
    start_response(response.status, response.get_headers())
    return response.get_body()
