"""HTTP mode: Slack's signed requests, health at `/healthz`, and the pages of an installation."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from threading import Thread
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest
from slack_bolt.adapter.wsgi.http_response import WsgiHttpResponse
from slack_bolt.oauth import OAuthFlow
from waitress.server import create_server
from waitress.wasyncore import close_all

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Requests wait for one commit each; more threads only wait for each other.
THREADS = 8

# Slack's largest payloads are a few hundred kilobytes.
MAX_BYTES = 2_000_000

logger = logging.getLogger(__name__)


def wsgi_app(
    app: App, is_healthy: Callable[[], bool], install: OAuthFlow | None = None
) -> WSGIApplication:
    """Return the WSGI application of a Bolt app, with the pages that `install` it."""
    slack = SlackRequestHandler(app)
    pages = {}
    if install is not None:
        pages[install.install_path] = install.handle_installation
        pages[install.redirect_uri_path] = install.handle_callback

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/healthz":
            healthy = is_healthy()
            status = "200 OK" if healthy else "503 Service Unavailable"
            return _answer(start_response, status, {"ok": healthy})
        page = pages.get(environ.get("PATH_INFO", ""))
        if page is not None and environ.get("REQUEST_METHOD") == "GET":
            return _show(page, environ, start_response)
        if not environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "0").isdecimal():
            # Slack's are numbers; Bolt would take anything else for a fault of ours.
            return _answer(start_response, "401 Unauthorized", {"error": "invalid request"})
        try:
            return slack(environ, start_response)
        except (ValueError, RecursionError, AttributeError):
            # Not UTF-8, not JSON, JSON without an end, or no object. What goes wrong after the
            # body was read is answered by Bolt.
            return _answer(start_response, "400 Bad Request", {"error": "malformed body"})

    return serve


class HttpServer:
    """The WSGI application on a socket of its own, in threads of this process."""

    def __init__(self, app: WSGIApplication, host: str, port: int) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            self._server = create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=THREADS,
                max_request_body_size=MAX_BYTES,
                ident=None,
                # Unlike `select` it bears that another thread closes a socket.
                asyncore_use_poll=True,
            )
        except OSError:
            close_all(self._sockets)
            raise
        self._thread = Thread(target=self._server.run, name="deja-http", daemon=True)
        self.port = _port(self._server)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; requests that are being answered end first, idle connections are cut."""
        self._server.task_dispatcher.shutdown()
        self._server.close()
        close_all(self._sockets)  # else kept-alive connections keep the thread for minutes
        self._thread.join(5)


def _port(server: Any) -> int:
    """Return the port that the system gave, where 0 was asked for."""
    if hasattr(server, "effective_port"):
        return int(server.effective_port)
    return int(server.effective_listen[0][1])  # a name with several addresses


def _show(
    page: Callable[[BoltRequest], BoltResponse],
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Answer with one of the pages that install the app."""
    request = WsgiHttpRequest(environ)
    try:
        shown = page(
            BoltRequest(body="", query=request.query_string, headers=dict(request.get_headers()))
        )
    except OSError as error:
        logger.warning("an installation failed: Slack cannot be reached: %s", error)
        return _answer(start_response, "503 Service Unavailable", {"error": "try again"})
    response = WsgiHttpResponse(status=shown.status, headers=shown.headers, body=shown.body)
    start_response(response.status, response.get_headers())
    return response.get_body()


def _answer(start_response: StartResponse, status: str, body: dict[str, object]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
