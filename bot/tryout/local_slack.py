"""A local Slack (the program `local-slack`) as a child process, for `deja try` and for tests."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from bot.settings import Settings
from services.errors import SettingsError

BOT_TOKEN = "xoxb-local"  # noqa: S105 - local-slack's own, not a secret
APP_TOKEN = "xapp-local"  # noqa: S105
SIGNING_SECRET = "local-signing-secret"  # noqa: S105
BOT_USER = "U0DEJA"

START_SECONDS = 20.0
CALL_SECONDS = 30.0


@dataclass(frozen=True)
class LocalSlack:
    """A running local Slack, driven by its control API."""

    url: str

    def post(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> str:
        """Post a message as a user and return its `ts`."""
        body = {"channel": channel, "user": user, "text": text}
        if thread_ts is not None:
            body["thread_ts"] = thread_ts
        return str(self._call("message", body)["message"]["ts"])

    def edit(self, channel: str, user: str, ts: str, text: str) -> None:
        """Edit a user's message."""
        self._call("edit-message", {"channel": channel, "user": user, "ts": ts, "text": text})

    def delete(self, channel: str, user: str, ts: str) -> None:
        """Delete a user's message."""
        self._call("delete-message", {"channel": channel, "user": user, "ts": ts})

    def command(self, channel: str, user: str, text: str) -> None:
        """Type the command `/deja text` as a user."""
        body = {"channel": channel, "user": user, "command": "/deja", "text": text}
        self._call("command", body)

    def click(self, channel: str, user: str, message_ts: str, action: dict[str, Any]) -> None:
        """Press a message's button as a user; `action` is its block element."""
        body = {"channel": channel, "user": user, "messageTs": message_ts, "action": action}
        self._call("interact", body)

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Return all messages of a channel, with replies and ephemeral ones, the oldest first."""
        found: list[dict[str, Any]] = self._call(f"messages/{channel}")["messages"]
        return found

    def replies(self, channel: str, thread_ts: str) -> list[dict[str, Any]]:
        """Return the bot's messages in a thread."""
        return [
            message
            for message in self.messages(channel)
            if message.get("thread_ts") == thread_ts and message.get("user") == BOT_USER
        ]

    def _call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/_control/{path}", data=data, headers=headers)  # noqa: S310
        with urlopen(request, timeout=CALL_SECONDS) as response:  # noqa: S310 - loopback
            return json.load(response)


def configuration(workspace: dict[str, Any], request_url: str | None = None) -> dict[str, Any]:
    """Return local-slack's configuration for a workspace with Déjà's bot in every channel.

    With a `request_url` it sends signed requests to it, otherwise it uses Socket Mode.
    """
    team = workspace["workspace"]
    users = workspace["users"]
    everybody = [user["id"] for user in users] + [BOT_USER]
    return {
        "workspace": {
            "name": team["name"],
            "domain": team["domain"],
            "teamId": team["team_id"],
        },
        "app": {
            "appId": "A0DEJA",
            "botUserId": BOT_USER,
            "botName": "deja",
            "botToken": BOT_TOKEN,
            "appToken": APP_TOKEN,
            "signingSecret": SIGNING_SECRET,
            "mode": "events" if request_url else "socket",
            **({"requestUrl": request_url} if request_url else {}),
        },
        "users": users,
        "channels": [{**channel, "members": everybody} for channel in workspace["channels"]],
    }


@contextmanager
def start_local_slack(
    config: dict[str, Any], folder: Path, port: int | None = None
) -> Iterator[LocalSlack]:
    """Run a local Slack until the end of the `with` block."""
    port = port or free_port()
    file = folder / "local-slack.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    with (folder / "local-slack.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - a program we chose, with arguments of ours
            [
                find_program(),
                "--config",
                str(file),
                "--port",
                str(port),
                "--base-host",
                "127.0.0.1",
            ],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this process, which stops it after the bot
        )
        try:
            local = LocalSlack(f"http://127.0.0.1:{port}")
            _wait_until_up(local, process, folder / "local-slack.log")
            yield local
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def local_settings(url: str, folder: Path, *, socket_mode: bool = True) -> Settings:
    """Return the settings of a bot on the local Slack at `url`, with all data in `folder`."""
    return Settings.from_mapping(
        {
            "DEJA_DATA_DIR": str(folder),
            "SLACK_API_URL": f"{url}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN if socket_mode else None,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "DEJA_DEFAULT_MODE": "full",
            "DEJA_POST_INTERVAL": "0",
            # It accepts them and draws nothing.
            "DEJA_CAROUSELS": "no",
            # People who try it out post several tickets in a row as the same user.
            "DEJA_BURST_SECONDS": "0",
            "DEJA_MODEL": os.environ.get("DEJA_MODEL"),
        }
    )


def find_program() -> str:
    """Return the path of local-slack: from DEJA_LOCAL_SLACK, this environment, or the PATH."""
    named = os.environ.get("DEJA_LOCAL_SLACK")
    if named:
        return named
    installed = (Path(sys.prefix) / "local-slack").glob(
        "node_modules/local-slack-*/bin/local-slack*"
    )
    found = next(iter(sorted(installed)), None) or shutil.which("local-slack")
    if found is None:
        raise SettingsError(
            "The program local-slack is not installed: run `make setup`, or set DEJA_LOCAL_SLACK "
            "to its path."
        )
    return str(found)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(local: LocalSlack, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            local._call("state")
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise SettingsError(f"local-slack did not start: {' '.join(last) or 'no message'}")
