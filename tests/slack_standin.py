"""A stand-in of Slack's Web API for one workspace: in this process, strict where Slack is strict.

It keeps what was said, checks tokens and Block Kit limits, and misbehaves on request: `fail` puts
faults in a queue, one a call of the named method.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from itertools import count
from threading import RLock, Thread
from typing import Any

from tests.slack_limits import MAX_UPDATE_TEXT, message_error, view_error
from tests.slack_server import Fault, Handler, Json

TOKEN = "xoxb-stand-in"
# In the pane of an assistant.
MAX_PROMPTS = 4
# Of a picture, for who cannot see it.
MAX_ALT_TEXT = 1000

TEAM, BOT_USER, BOT_ID = "T1", "U0DEJA", "B0DEJA"

# Some time before `tests.conftest.NOW`.
FIRST_TS = 1_795_300_000
HOOK_USES = 5


class SlackError(Exception):
    """An answer with `ok: false`."""


class SlackStandIn:
    """The workspace: channels, messages, and a log of every call."""

    def __init__(self, team: str = TEAM) -> None:
        self.team = team
        self.calls: list[tuple[str, Json]] = []
        self.violations: list[str] = []
        self.whispers: list[Json] = []
        self.views: dict[str, Json] = {}
        self.prompts: list[Json] = []
        self.files: dict[str, Json] = {}
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.tokens = {TOKEN}
        self._messages: dict[str, dict[str, Json]] = defaultdict(dict)
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._hooks: dict[str, int] = {}
        self._numbers = count(1)
        self._lock = RLock()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("BoundHandler", (Handler,), {"slack": self})
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._methods: dict[str, Callable[[Json], Json]] = {
            "assistant.threads.setSuggestedPrompts": self._suggest,
            "auth.test": self._auth_test,
            "chat.postEphemeral": self._tell,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete_upload,
            "files.delete": self._delete_file,
            "conversations.info": lambda call: {"channel": self._channel(call)},
            "conversations.history": self._history,
            "conversations.members": self._members,
            "users.list": self._users,
            "conversations.replies": self._replies,
            "users.conversations": self._conversations,
            "users.info": self._user,
            "views.open": self._open,
            "views.publish": lambda call: self._keep_view(f"home-{call['user_id']}", call),
            "views.update": self._update_view,
        }

    @contextmanager
    def running(self) -> Iterator[SlackStandIn]:
        """Answer calls until the end of the block."""
        thread = Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        thread.join()
        self._server.server_close()

    # What tests do and ask.

    def add_channel(self, channel: str, **facts: Any) -> str:
        """Open a channel with the bot in it; `facts` are those of `conversations.info`."""
        self.channels[channel] = {"id": channel, "name": channel.lower(), **facts}
        return channel

    def say(self, channel: str, text: str, user: str = "U1", **more: Any) -> Json:
        """Say something as a person and return the message; `ts` and `thread_ts` may be given."""
        with self._lock:
            message = {"type": "message", "ts": self._ts(), "user": user, "text": text, **more}
            self._messages[channel][message["ts"]] = message
        return message

    def remove(self, channel: str, ts: str) -> None:
        """Take a message back: a thread's parent becomes a tombstone, another one is gone."""
        with self._lock:
            if self._thread(channel, ts)[1:]:
                self._messages[channel][ts] |= {"subtype": "tombstone", "text": "Gone", "user": "S"}
            else:
                del self._messages[channel][ts]

    def replies(self, channel: str, ts: str) -> list[Json]:
        """Return the bot's messages in a thread."""
        return [one for one in self._thread(channel, ts)[1:] if one.get("bot_id") == BOT_ID]

    def posted(self) -> list[Json]:
        """Return every message of the bot that stands."""
        with self._lock:
            rows = [m for messages in self._messages.values() for m in messages.values()]
        return [message for message in rows if message.get("bot_id") == BOT_ID]

    def count(self, method: str) -> int:
        """Return how often a method was called."""
        return [name for name, _ in self.calls].count(method)

    def fail(self, method: str, *faults: Fault) -> None:
        """Misbehave at the next calls of a method (`response_url` for those)."""
        self._faults[method].extend(faults)

    def forbid(self, method: str, error: str) -> None:
        """Refuse a method from now on, as where the app lacks a permission."""

        def refuse(_call: Json) -> Json:
            raise SlackError(error)

        self._methods[method] = refuse

    def hook(self, *, uses: int = HOOK_USES) -> str:
        """Return a new `response_url`."""
        address = f"/commands/{next(self._numbers)}"
        self._hooks[address] = uses
        return self.url + address

    # What the server does with a call.

    def take_fault(self, method: str) -> Fault | None:
        """Return the misbehaviour that a call of this method is to meet."""
        with self._lock:
            return self._faults[method].popleft() if self._faults[method] else None

    def answer(self, path: str, token: str, call: Json) -> tuple[int, Json | str]:
        """Do what a call asks; return status and body."""
        with self._lock:
            if path in self._hooks:
                return self._use_hook(path, call)
            if path.startswith("/upload/"):
                return 200, "OK"
            method = path.rpartition("/")[2]
            self.calls.append((method, call))
            if token.removeprefix("Bearer ") not in self.tokens:
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
        error = message_error(call)
        if error:
            self.violations.append(f"response_url: {error}")
            return 400, error
        self.whispers.append(call)
        return 200, "ok"

    def _auth_test(self, _call: Json) -> Json:
        team = {"team": "Stand-in", "team_id": self.team, "url": "https://stand-in.slack.com/"}
        return {**team, "user_id": BOT_USER, "bot_id": BOT_ID}

    def _post(self, call: Json) -> Json:
        channel, thread_ts = self._channel(call)["id"], call.get("thread_ts")
        if self.channels[channel].get("is_archived"):
            raise SlackError("is_archived")
        self._check(call, "chat.postMessage")
        parent = self._messages[channel].get(thread_ts or "")
        if thread_ts and (parent is None or parent.get("subtype") == "tombstone"):
            self.violations.append(f"a reply to {thread_ts}, which is gone, lands in the channel")
        message = {
            "type": "message",
            "ts": self._ts(),
            "user": BOT_USER,
            "bot_id": BOT_ID,
            **_said(call),
        }
        if thread_ts:
            message["thread_ts"] = thread_ts
        self._messages[channel][message["ts"]] = message
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _update(self, call: Json) -> Json:
        message = self._own(call, "cant_update_message")
        self._check(call, "chat.update", max_text=MAX_UPDATE_TEXT)
        message.update({"blocks": [], **_said(call)})
        return {"ts": message["ts"], "text": message["text"]}

    def _delete(self, call: Json) -> Json:
        message = self._own(call, "cant_delete_message")
        del self._messages[call["channel"]][message["ts"]]
        return {"ts": message["ts"]}

    def _tell(self, call: Json) -> Json:
        self._channel(call)
        self._check(call, "chat.postEphemeral")
        self.whispers.append({"user": call["user"], **_said(call)})
        return {"message_ts": self._ts()}

    def _upload_url(self, call: Json) -> Json:
        if not call.get("filename") or int(call.get("length") or 0) < 1:
            raise SlackError("invalid_arguments")
        if len(call.get("alt_txt") or "") > MAX_ALT_TEXT:
            self.violations.append("files.getUploadURLExternal: alt_text_too_long")
        file_id = f"F{next(self._numbers)}"
        self.files[file_id] = {"alt_txt": call.get("alt_txt"), "channel": None}
        return {"file_id": file_id, "upload_url": f"{self.url}/upload/{file_id}"}

    def _complete_upload(self, call: Json) -> Json:
        files = call["files"] if isinstance(call["files"], list) else json.loads(call["files"])
        channel = self._channel({"channel": call.get("channel_id")})["id"]
        for one in files:
            if one["id"] not in self.files:
                raise SlackError("file_not_found")
            thread = {"thread_ts": call.get("thread_ts"), "title": one.get("title")}
            self.files[one["id"]] |= {"channel": channel, **thread}
        return {"files": files}

    def _delete_file(self, call: Json) -> Json:
        if self.files.pop(call.get("file", ""), None) is None:
            raise SlackError("file_not_found")
        return {}

    def _history(self, call: Json) -> Json:
        oldest = call.get("oldest") or "0"
        messages = [
            message
            for message in self._messages[self._channel(call)["id"]].values()
            if float(oldest) < float(message["ts"]) < float(call.get("latest") or "inf")
            and (message.get("thread_ts") in {None, message["ts"]} or message.get("subtype"))
        ]
        messages.sort(key=lambda message: float(message["ts"]), reverse=True)
        return _page("messages", [_visible(message, call) for message in messages], call)

    def _replies(self, call: Json) -> Json:
        thread = self._thread(self._channel(call)["id"], call.get("ts", ""))
        if not thread:
            raise SlackError("thread_not_found")
        return _page("messages", [_visible(message, call) for message in thread], call)

    def _conversations(self, call: Json) -> Json:
        types = (call.get("types") or "public_channel").split(",")
        kinds = {True: "private_channel", False: "public_channel"}
        found = [
            channel
            for channel in self.channels.values()
            if kinds[bool(channel.get("is_private"))] in types
            and not channel.get("is_im")
            and not (channel.get("is_archived") and _is_set(call, "exclude_archived"))
        ]
        if "user" in call:  # of a private channel both must be members, of a public one the user
            found = [c for c in found if call["user"] in c.get("members", ())]
        return _page("channels", found, call)

    def _members(self, call: Json) -> Json:
        return _page("members", list(self._channel(call).get("members", ())), call)

    def _users(self, call: Json) -> Json:
        found = [{"id": user, "team_id": self.team, **facts} for user, facts in self.users.items()]
        return _page("members", found, call)

    def _user(self, call: Json) -> Json:
        known = {"id": call["user"], "team_id": self.team, "locale": "en-US"}
        return {"user": {**known, **self.users.get(call["user"], {})}}

    def _suggest(self, call: Json) -> Json:
        prompts = call["prompts"]
        prompts = prompts if isinstance(prompts, list) else json.loads(prompts)
        wrong = not 1 <= len(prompts) <= MAX_PROMPTS or not call.get("thread_ts")
        if wrong or any(not one.get("title") or not one.get("message") for one in prompts):
            self.violations.append("assistant.threads.setSuggestedPrompts: invalid_arguments")
            raise SlackError("invalid_arguments")
        self._channel({"channel": call["channel_id"]})
        self.prompts.append({**call, "prompts": prompts})
        return {}

    def _open(self, call: Json) -> Json:
        if not call.get("trigger_id"):
            raise SlackError("invalid_trigger_id")
        return self._keep_view(f"V{next(self._numbers)}", call)

    def _update_view(self, call: Json) -> Json:
        if call.get("view_id") not in self.views:
            raise SlackError("not_found")
        return self._keep_view(call["view_id"], call)

    def _keep_view(self, view_id: str, call: Json) -> Json:
        view = call["view"] if isinstance(call["view"], dict) else json.loads(call["view"])
        error = view_error(view)
        if error:
            self.violations.append(f"views: {error}")
            raise SlackError(error)
        self.views[view_id] = {**view, "id": view_id, "hash": str(next(self._numbers))}
        return {"view": self.views[view_id]}

    def _channel(self, call: Json) -> Json:
        if call.get("channel") not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[call["channel"]]

    def _own(self, call: Json, refusal: str) -> Json:
        message = self._messages[self._channel(call)["id"]].get(call.get("ts", ""))
        if message is None:
            raise SlackError("message_not_found")
        if message.get("bot_id") != BOT_ID:
            raise SlackError(refusal)
        return message

    def _check(self, call: Json, method: str, **limits: int) -> None:
        error = message_error(call, **limits)
        if error:
            self.violations.append(f"{method}: {error}")
            raise SlackError(error)

    def _thread(self, channel: str, ts: str) -> list[Json]:
        with self._lock:
            messages = self._messages[channel]
            if ts not in messages:
                return []
            return [m for m in messages.values() if ts in {m["ts"], m.get("thread_ts")}]

    def _ts(self) -> str:
        return f"{FIRST_TS + next(self._numbers)}.000100"


def _said(call: Json) -> Json:
    return {key: call[key] for key in ("text", "blocks", "metadata") if key in call}


def _visible(message: Json, call: Json) -> Json:
    shows_metadata = _is_set(call, "include_all_metadata")
    return {key: value for key, value in message.items() if key != "metadata" or shows_metadata}


def _is_set(call: Json, name: str) -> bool:
    return str(call.get(name)) in {"1", "true", "True"}


def _page(name: str, rows: list[Json], call: Json) -> Json:
    start, limit = int(call.get("cursor") or 0), min(int(call.get("limit") or 100), 999)
    after = start + limit
    cursor = str(after) if after < len(rows) else ""
    found = {name: rows[start:after], "has_more": bool(cursor)}
    return {**found, "response_metadata": {"next_cursor": cursor}}
