"""The Web API's methods on the stand-in of Slack: what each does, and which calls it refuses."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from threading import RLock

from tests.slack_limits import MAX_UPDATE_TEXT, message_error, view_error
from tests.slack_server import Json

# Suggested prompts in an assistant's pane.
MAX_PROMPTS = 4
# Characters of a picture's description.
MAX_ALT_TEXT = 1000

TEAM, BOT_USER, BOT_ID = "T1", "U0DEJA", "B0DEJA"

# Some time before `tests.conftest.NOW`.
FIRST_TS = 1_795_300_000


class SlackError(Exception):
    """An answer with `ok: false`."""


class SlackMethods:
    """What a workspace holds, and the methods that read and change it.

    `violations` are calls that Slack would have refused, or carried out in a way nobody wants.
    """

    def __init__(self, team: str) -> None:
        self.team = team
        self.violations: list[str] = []
        # Types of blocks that this Slack does not know, or none where "any" is among them.
        self.unknown_blocks: set[str] = set()
        self.private_replies: list[Json] = []
        self.views: dict[str, Json] = {}
        self.prompts: list[Json] = []
        self.files: dict[str, Json] = {}
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.id_tokens: dict[str, str] = {}
        self.url = ""
        self._messages: dict[str, dict[str, Json]] = defaultdict(dict)
        self._numbers = count(1)
        self._lock = RLock()
        self._methods: dict[str, Callable[[Json], Json]] = {
            "assistant.threads.setSuggestedPrompts": self._suggest,
            "auth.test": self._auth_test,
            "chat.postEphemeral": self._post_ephemeral,
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
            "openid.connect.token": self._identity,
            "users.conversations": self._conversations,
            "users.info": self._user,
            "views.open": self._open,
            "views.publish": lambda call: self._keep_view(f"home-{call['user_id']}", call),
            "views.update": self._update_view,
        }

    def _auth_test(self, _call: Json) -> Json:
        team = {"team": "Stand-in", "team_id": self.team, "url": "https://stand-in.slack.com/"}
        return {**team, "user_id": BOT_USER, "bot_id": BOT_ID}

    def _identity(self, call: Json) -> Json:
        if call["code"] not in self.id_tokens:
            raise SlackError("invalid_code")
        return {"id_token": self.id_tokens.pop(call["code"])}  # a code works once

    def _post(self, call: Json) -> Json:
        if call.get("channel") in self.users:  # posts alone may name a person
            call = {**call, "channel": self._direct_channel(call["channel"])}
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
            **_content(call),
        }
        if thread_ts:
            message["thread_ts"] = thread_ts
        self._messages[channel][message["ts"]] = message
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _update(self, call: Json) -> Json:
        message = self._own(call, "cant_update_message")
        self._check(call, "chat.update", max_text=MAX_UPDATE_TEXT)
        message.update({"blocks": [], **_content(call)})
        return {"ts": message["ts"], "text": message["text"]}

    def _delete(self, call: Json) -> Json:
        message = self._own(call, "cant_delete_message")
        del self._messages[call["channel"]][message["ts"]]
        return {"ts": message["ts"]}

    def _post_ephemeral(self, call: Json) -> Json:
        self._channel(call)
        self._check(call, "chat.postEphemeral")
        self.private_replies.append({"user": call["user"], **_content(call)})
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

    def _direct_channel(self, user: str) -> str:
        """Return the direct channel of a person and the bot, opened by its first message."""
        channel = f"D{user[1:]}"
        self.channels.setdefault(
            channel, {"id": channel, "is_im": True, "is_private": True, "user": user}
        )
        return channel

    def _own(self, call: Json, refusal: str) -> Json:
        message = self._messages[self._channel(call)["id"]].get(call.get("ts", ""))
        if message is None:
            raise SlackError("message_not_found")
        if message.get("bot_id") != BOT_ID:
            raise SlackError(refusal)
        return message

    def _refuse_unknown(self, call: Json) -> None:
        kinds = {block["type"] for block in call.get("blocks") or []}
        if kinds & self.unknown_blocks or (kinds and "any" in self.unknown_blocks):
            raise SlackError("invalid_blocks")

    def _check(self, call: Json, method: str, **limits: int) -> None:
        self._refuse_unknown(call)
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


def _content(call: Json) -> Json:
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
