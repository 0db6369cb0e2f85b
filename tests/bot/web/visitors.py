"""People who visit the dashboard with a browser that keeps cookies, without a network."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from wsgiref.util import setup_testing_defaults

from bot.web.dashboard import Dashboard
from bot.web.serve import connected_dashboard
from bot.web.sign_in import DONE_PATH, ISSUER, TEAM_CLAIM, USER_CLAIM
from tests.serving import Clock, Desk

URL = "https://deja.example.com"
SETTINGS = {
    "DEJA_WEB_URL": URL,
    "DEJA_WEB_CLIENT_ID": "1.2",
    "DEJA_WEB_CLIENT_SECRET": "client secret",
}


@dataclass
class Visitor:
    """A browser at the dashboard; `page` is what it shows, and `status` how it was answered."""

    dashboard: Dashboard
    host: str = "deja.example.com"
    cookies: dict[str, str] = field(default_factory=dict)
    status: int = 0
    page: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def get(self, path: str) -> str:
        """Open a page."""
        return self._ask("GET", path)

    def post(self, path: str, *, origin: str = "", **fields: str) -> str:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields).encode(), origin)

    def choose(self, choice: str, **changed: str) -> str:
        """Press a button of the review as it is shown now, and follow where it leads."""
        fields = {"token": self.field("token"), "pair": self.field("pair"), "choice": choice}
        self.post("/review", **(fields | changed))
        return self.get(self.location) if self.status == 303 else self.page

    def field(self, name: str) -> str:
        """Return the last hidden field with a name on the page."""
        return str(re.findall(rf'name="{name}" value="([^"]*)"', self.page)[-1])

    @property
    def location(self) -> str:
        """Where the response leads to."""
        return dict(self.headers)["Location"]

    def _ask(self, method: str, path: str, body: bytes = b"", origin: str = "") -> str:
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": self.host,
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "HTTP_ORIGIN": origin,
            "wsgi.input": BytesIO(body),
        }
        setup_testing_defaults(environ)

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            self.status, self.headers = int(status.split(maxsplit=1)[0]), headers

        self.page = b"".join(self.dashboard(environ, start)).decode("utf-8", "replace")
        for name, value in self.headers:
            if name == "Set-Cookie":
                for cookie in SimpleCookie(value).values():
                    self.cookies[cookie.key] = cookie.value
        return self.page


def dashboard_of(desk: Desk) -> Dashboard:
    """Return the dashboard of a desk whose settings have `SETTINGS`."""
    return connected_dashboard(desk.services, desk.bot.workspaces, desk.clock)


def id_token(clock: Clock, user: str, claims: dict[str, object]) -> str:
    """Return what Slack says of a person who signs in."""
    said: dict[str, object] = {
        "iss": ISSUER,
        "aud": "1.2",
        "exp": int(clock.now.timestamp()) + 300,
        TEAM_CLAIM: "T1",
        USER_CLAIM: user,
    }
    parts = [{"alg": "RS256"}, said | claims, {}]
    coded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join(coded)


def sign_in(desk: Desk, dashboard: Dashboard, user: str, **claims: object) -> Visitor:
    """Return a visitor who has signed in as a Slack user."""
    visitor = Visitor(dashboard)
    visitor.get("/sign-in")
    asked = parse_qs(urlsplit(visitor.location).query)
    said: dict[str, object] = {"nonce": asked["nonce"][0], **claims}
    desk.slack.id_tokens["code"] = id_token(desk.clock, user, said)
    visitor.get(f"{DONE_PATH}?code=code&state={asked['state'][0]}")
    return visitor
