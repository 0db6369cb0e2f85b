"""The address of a try-out: local-slack's page and API, with what they lack of Slack.

The page shows no values in forms, no menu of a message and no age of a message; the API knows no
administrators. Everything else is passed on to local-slack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from slack_bolt import Ack, App, BoltRequest

from bot.server.serve import start_server
from bot.tryout.local_slack import CALL_SECONDS, LocalSlack

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Json = dict[str, Any]

# As `manifest.yaml` has them.
SHORTCUTS = {
    "deja_similar": "Find similar",
    "deja_inspect": "Inspect this message",
    "deja_mark": "Mark as duplicate of …",
    "deja_resolve": "Mark resolved with this answer",
}
# What the page's script sends in place of a click that local-slack does not know.
RELAY = "deja_tryout"

STYLE = b'<link rel="stylesheet" href="/tryout/page.css">'
_FILES = {"page.js": "text/javascript", "page.css": "text/css"}


@contextmanager
def open_page(local: LocalSlack, administrator: str, port: int | None) -> Iterator[TryoutPage]:
    """Serve the page of a local Slack until the end of the `with` block.

    Raises `SettingsError` if the port cannot be used.
    """
    page = TryoutPage(local, administrator)
    server = start_server(page.wsgi_app(), "127.0.0.1", port or 0)
    page.port = server.port
    try:
        yield page
    finally:
        server.stop()


@dataclass
class TryoutPage:
    """A local Slack with what it lacks; `times` says when messages were written, by their `ts`."""

    local: LocalSlack
    administrator: str
    times: dict[str, float] = field(default_factory=dict)
    app: App | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self, app: App) -> None:
        """Let the page's forms and menus reach the bot's app."""
        self.app = app
        app.use(_say_what_is_private)

        @app.action(RELAY)
        def on_relay(ack: Ack, body: Json, action: Json) -> None:
            ack()
            self._dispatch({**body, **json.loads(action["value"])})

    def wsgi_app(self) -> WSGIApplication:
        """Return what serves the page, the API and the files."""

        def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            path, body = environ["PATH_INFO"], environ["wsgi.input"].read(length)
            status, type_, content = self._answer(path, body, environ)
            start_response(
                f"{status} {HTTPStatus(status).phrase}",
                [("Content-Type", type_), ("Content-Length", str(len(content)))],
            )
            return [content]

        return serve

    def _answer(self, path: str, body: bytes, environ: WSGIEnvironment) -> tuple[int, str, bytes]:
        own = path.removeprefix("/tryout/")
        if own in _FILES:
            content = files(__package__).joinpath(own).read_bytes()
            return HTTPStatus.OK, f"{_FILES[own]}; charset=utf-8", content
        if own == "suggestions":
            answer = self._dispatch(json.loads(body))
            return HTTPStatus.OK, "application/json", answer.encode()
        status, type_, content = self._pass_on(path, body, environ)
        if type_.startswith("text/html"):
            content = content.replace(b"<head>", b"<head>" + self._script().encode(), 1)
            content = content.replace(b"</head>", STYLE + b"</head>", 1)  # after the page's own
        elif path == "/api/users.info":
            content = self._with_role(content)
        elif path == "/api/users.conversations":
            content = _without_direct(content)
        return status, type_, content

    def _script(self) -> str:
        """Return the script that is put into the page, before its own."""
        socket = f"ws://{urlsplit(self.local.url).netloc}/ui"
        shortcuts = [{"callback_id": id_, "name": name} for id_, name in SHORTCUTS.items()]
        known = {"socket": socket, "shortcuts": shortcuts, "times": self.times}
        written = json.dumps(known).replace("<", "\\u003c")
        return f'<script>window.TRYOUT = {written};</script><script src="/tryout/page.js"></script>'

    def _with_role(self, content: bytes) -> bytes:
        found = json.loads(content)
        if "user" in found:
            found["user"]["is_admin"] = found["user"]["id"] == self.administrator
        return json.dumps(found).encode()

    def _dispatch(self, payload: Json) -> str:
        """Let the bot handle a payload; return what it acknowledges it with."""
        if self.app is None:
            return "{}"
        answer = self.app.dispatch(BoltRequest(body=json.dumps(payload), mode="socket_mode"))
        return answer.body or "{}"

    def _pass_on(self, path: str, body: bytes, environ: WSGIEnvironment) -> tuple[int, str, bytes]:
        """Return the status, type and content of local-slack's answer."""
        query = environ.get("QUERY_STRING")
        request = Request(  # noqa: S310 - loopback
            f"{self.local.url}{path}{f'?{query}' if query else ''}",
            data=body if environ["REQUEST_METHOD"] == "POST" else None,
            headers={
                "Authorization": environ.get("HTTP_AUTHORIZATION", ""),
                "Content-Type": environ.get("CONTENT_TYPE", ""),
            },
        )
        try:
            with urlopen(request, timeout=CALL_SECONDS) as response:  # noqa: S310 - loopback
                return response.status, response.headers["Content-Type"], response.read()
        except HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read()


def _say_what_is_private(body: Json, next_: Callable[[], Any]) -> None:
    """Say of a click whether only one person sees the message, as Slack does."""
    if body.get("message", {}).get("subtype") == "ephemeral":
        body["container"]["is_ephemeral"] = True
    next_()


def _without_direct(content: bytes) -> bytes:
    """Return the channels that the bot is in; local-slack lists direct messages among them."""
    found = json.loads(content)
    found["channels"] = [one for one in found.get("channels", ()) if not one.get("is_im")]
    return json.dumps(found).encode()
