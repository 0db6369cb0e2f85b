"""Requests and responses of the dashboard, and the headers that every response has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

# A form has a token, two numbers and a word.
MAX_FORM_BYTES = 4_000
MAX_FIELDS = 20

HTML = "text/html; charset=utf-8"

# Everything comes from the dashboard itself; no page of others may show it in a frame.
_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Not "no-referrer": with it a browser says "null" for where a form comes from.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
# What a page shows is for its viewer alone, and may not be shown to the next one.
NOT_KEPT = ("Cache-Control", "no-store")


@dataclass(frozen=True)
class WebRequest:
    """A request: `host` and `origin` are what the browser says, "" where it says nothing."""

    method: str
    path: str
    host: str
    origin: str
    languages: str
    cookies: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]

    @classmethod
    def read(cls, environ: WSGIEnvironment) -> WebRequest:
        """Return the request of an environment; a form that is too long counts as empty."""
        method = environ.get("REQUEST_METHOD", "GET")
        body = b""
        if method == "POST":
            body = environ["wsgi.input"].read(MAX_FORM_BYTES + 1)
        return cls(
            method,
            environ.get("PATH_INFO", ""),
            environ.get("HTTP_HOST", ""),
            environ.get("HTTP_ORIGIN", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
            _cookies(environ.get("HTTP_COOKIE", "")),
            _fields(environ.get("QUERY_STRING", "")),
            _fields(body.decode("latin-1") if len(body) <= MAX_FORM_BYTES else ""),
        )


@dataclass(frozen=True)
class Response:
    """A response; `headers` are those besides the type and what every response has."""

    body: bytes = b""
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = field(default=(NOT_KEPT,))

    def with_headers(self, headers: Iterable[tuple[str, str]]) -> Response:
        """Return the response with further headers."""
        return Response(self.body, self.status, self.content_type, (*self.headers, *headers))

    def send(self, start_response: StartResponse) -> list[bytes]:
        """Give the response to the server."""
        headers = [("Content-Type", self.content_type), *self.headers, *_HEADERS]
        start_response(f"{self.status.value} {self.status.phrase}", headers)
        return [self.body]


def redirect(to: str) -> Response:
    """Return a response that leads to another page, also after a form."""
    return Response(status=HTTPStatus.SEE_OTHER, headers=(("Location", to), NOT_KEPT))


def _fields(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, max_num_fields=MAX_FIELDS, keep_blank_values=True))
    except ValueError:
        return {}


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
