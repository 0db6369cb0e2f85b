"""A stand-in of Slack's Web API for one workspace: in this process, strict where Slack is strict.

It stores messages, checks tokens and Block Kit limits, and fails on request: `fail` queues faults,
one for each call of the named method.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any
from urllib.request import urlopen

from tests.slack_limits import message_error
from tests.slack_methods import BOT_ID, TEAM, SlackError, SlackMethods
from tests.slack_server import HOLD_SECONDS, CountingServer, Fault, Handler, Json, dropped

TOKEN = "xoxb-stand-in"
HOOK_USES = 5


class SlackStandIn(SlackMethods):
    """The workspace: channels, messages, and a log of every call."""

    def __init__(self, team: str = TEAM) -> None:
        super().__init__(team)
        self.calls: list[tuple[str, Json]] = []
        self.tokens = {TOKEN}
        self.shared_files: dict[str, bytes] = {}
        self.may_read_files = True
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        # How every call fails, while there is an outage.
        self.outage: Callable[[], Fault] | None = None
        self._hooks: dict[str, int] = {}
        self._is_paused = False
        self._server = CountingServer(type("BoundHandler", (Handler,), {"slack": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[SlackStandIn]:
        """Answer calls until the end of the block."""
        thread = Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        thread.join()
        self._server.server_close()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Give a time in which nothing is done: what was under way ends first, the rest is dropped.

        For when the bot's clock jumps: no call may take longer than its leases.
        """
        self._is_paused = True
        try:
            # Calls are accepted in their order, so those before this one are known afterwards.
            with suppress(OSError), urlopen(f"{self.url}/files/none", timeout=HOLD_SECONDS):
                pass
            while self._server.in_progress:
                time.sleep(0.01)
            yield
        finally:
            self._is_paused = False

    # For tests.

    def add_channel(self, channel: str, **facts: Any) -> str:
        """Add a channel with the bot in it; `facts` are fields of `conversations.info`."""
        self.channels[channel] = {"id": channel, "name": channel.lower(), **facts}
        return channel

    def say(self, channel: str, text: str, user: str = "U1", **more: Any) -> Json:
        """Post a message as a person, and return it; `ts` and `thread_ts` may be given."""
        with self._lock:
            message = {"type": "message", "ts": self._ts(), "user": user, "text": text, **more}
            self._messages[channel][message["ts"]] = message
        return message

    def remove(self, channel: str, ts: str) -> None:
        """Delete a message; the parent of a thread becomes a tombstone."""
        with self._lock:
            if self._thread(channel, ts)[1:]:
                self._messages[channel][ts] |= {"subtype": "tombstone", "text": "Gone", "user": "S"}
            else:
                del self._messages[channel][ts]

    def replies(self, channel: str, ts: str) -> list[Json]:
        """Return the bot's messages in a thread."""
        return [one for one in self._thread(channel, ts)[1:] if one.get("bot_id") == BOT_ID]

    def posted(self, channel: str | None = None) -> list[Json]:
        """Return all messages of the bot, or those in a channel."""
        with self._lock:
            places = self._messages if channel is None else [channel]
            rows = [m for place in places for m in self._messages[place].values()]
        return [message for message in rows if message.get("bot_id") == BOT_ID]

    def count(self, method: str) -> int:
        """Return how often a method was called."""
        return [name for name, _ in self.calls].count(method)

    def fail(self, method: str, *faults: Fault) -> None:
        """Fail at the next calls of a method, or of response URLs (`response_url`)."""
        self._faults[method].extend(faults)

    def forbid(self, method: str, error: str) -> None:
        """Refuse a method from now on, as if the app lacked a permission."""

        def refuse(_call: Json) -> Json:
            raise SlackError(error)

        self._methods[method] = refuse

    def hook(self, *, uses: int = HOOK_USES) -> str:
        """Return a new `response_url`."""
        address = f"/commands/{next(self._numbers)}"
        self._hooks[address] = uses
        return self.url + address

    # For the server.

    def take_fault(self, method: str) -> Fault | None:
        """Return the next fault of a method, if there is one."""
        with self._lock:
            if self._is_paused:
                return dropped()
            if self._faults[method]:
                return self._faults[method].popleft()
            return None if self.outage is None else self.outage()

    def may_fetch(self, token: str) -> bool:
        """Say whether a file may be fetched with a token."""
        return self.may_read_files and token.removeprefix("Bearer ") in self.tokens

    def answer(self, path: str, token: str, call: Json) -> tuple[int, Json | str]:
        """Carry out a call, and return status and body."""
        with self._lock:
            if path in self._hooks:
                return self._use_hook(path, call)
            if path.startswith("/upload/"):
                return 200, "OK"
            method = path.rpartition("/")[2]
            self.calls.append((method, call))
            signs_in = method == "openid.connect.token"  # the app's secret stands for a token
            if not signs_in and token.removeprefix("Bearer ") not in self.tokens:
                return 200, {"ok": False, "error": "invalid_auth" if token else "not_authed"}
            if method not in self._methods:
                return 200, {"ok": False, "error": "unknown_method"}
            try:
                return 200, {"ok": True, **self._methods[method](call)}
            except SlackError as error:
                return 200, {"ok": False, "error": str(error)}

    def _use_hook(self, path: str, call: Json) -> tuple[int, Json | str]:
        if not self._hooks[path]:
            return 404, "used_url"
        self._hooks[path] -= 1
        try:
            self._refuse_unknown(call)
        except SlackError as refused:
            return 400, str(refused)
        error = message_error(call)
        if error:
            self.violations.append(f"response_url: {error}")
            return 400, error
        self.private_replies.append(call)
        return 200, "ok"
