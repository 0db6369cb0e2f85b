"""A stand-in of Slack with many workspaces: `oauth.v2.access` issues tokens, which may rotate.

A code and a refresh token are valid once; an access token is for one workspace.
"""

from __future__ import annotations

import base64
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer
from itertools import count
from threading import RLock, Thread

from tests.slack_methods import BOT_USER
from tests.slack_server import Fault, Handler, Json
from tests.slack_standin import TOKEN, SlackStandIn

CLIENT_ID, CLIENT_SECRET = "111.222", "stand-in-client-secret"


class SlackPlatform:
    """Workspaces by team id, and the app's credentials in them."""

    def __init__(self, *, expires_in: int | None = None) -> None:
        self.expires_in = expires_in
        self.calls: list[tuple[str, Json]] = []
        self.shared_files: dict[str, bytes] = {}
        self.workspaces: dict[str, SlackStandIn] = {}
        self.tokens: dict[str, str] = {}
        self._codes: dict[str, Json] = {}
        self._refresh: dict[str, str] = {}
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._numbers = count(1)
        self._opened = ExitStack()
        self._lock = RLock()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("BoundHandler", (Handler,), {"slack": self})
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[SlackPlatform]:
        """Answer calls until the end of the block."""
        thread = Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        with self._opened:
            yield self
        self._server.shutdown()
        thread.join()
        self._server.server_close()

    def may_fetch(self, token: str) -> bool:
        """Say whether a file may be fetched: those of workspaces are elsewhere."""
        return False

    def open(self, team: str) -> SlackStandIn:
        """Open a workspace with one public channel."""
        self.workspaces[team] = self._opened.enter_context(SlackStandIn(team).running())
        self.workspaces[team].add_channel("C1")
        return self.workspaces[team]

    def consent(self, team: str, **more: object) -> str:
        """Agree to install the app in a workspace, and return the code."""
        code = f"code-{next(self._numbers)}"
        self._codes[code] = {"team": {"id": team, "name": f"Team {team}"}, **more}
        return code

    def revoke(self, team: str) -> None:
        """Take no token of a workspace any more."""
        self.tokens = {token: of for token, of in self.tokens.items() if of != team}
        self._refresh = {token: of for token, of in self._refresh.items() if of != team}

    def fail(self, method: str, *faults: Fault) -> None:
        """Misbehave at the next calls of a method."""
        self._faults[method].extend(faults)

    def take_fault(self, method: str) -> Fault | None:
        """Return the misbehaviour that a call of this method is to meet."""
        with self._lock:
            return self._faults[method].popleft() if self._faults[method] else None

    def answer(self, path: str, token: str, call: Json) -> tuple[int, Json | str]:
        """Do what a call asks; return status and body."""
        with self._lock:
            method = path.rpartition("/")[2]
            self.calls.append((method, call))
            if method == "oauth.v2.access":
                return 200, self._access(token, call)
            team = self.tokens.get(token.removeprefix("Bearer "))
            if team is None:
                return 200, {"ok": False, "error": "invalid_auth" if token else "not_authed"}
            return self.workspaces[team].answer(path, TOKEN, call)

    def _access(self, credentials: str, call: Json) -> Json:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if credentials != f"Basic {basic}":
            return {"ok": False, "error": "bad_client_secret"}
        if call.get("grant_type") == "refresh_token":
            team = self._refresh.pop(call.get("refresh_token", ""), None)
            if team is None:
                return {"ok": False, "error": "invalid_refresh_token"}
            return {"ok": True, **self._token(team)}
        consent = self._codes.pop(call.get("code", ""), None)
        if consent is None:
            return {"ok": False, "error": "invalid_code"}
        app = {"app_id": "A1", "bot_user_id": BOT_USER, "authed_user": {"id": "U1"}}
        return {"ok": True, **app, **consent, **self._token(consent["team"]["id"])}

    def _token(self, team: str) -> Json:
        number = next(self._numbers)
        given: Json = {"access_token": f"xoxb-{team}-{number}", "token_type": "bot"}
        if self.expires_in is not None:
            given["access_token"] = f"xoxe.xoxb-{team}-{number}"
            given["refresh_token"] = f"xoxe-1-{team}-{number}"
            given["expires_in"] = self.expires_in
            self._refresh[given["refresh_token"]] = team
        self.tokens[given["access_token"]] = team
        return given
