"""The slash command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.events import Self
from services.queue import NewJob


def register(app: App, me: Self, enqueue: Callable[[NewJob], None]) -> None:
    """Listen to `/deja`."""

    @app.command("/deja")
    def on_command(ack: Ack, command: dict[str, Any]) -> None:
        enqueue(
            NewJob(
                "command",
                f"command:{command['trigger_id']}",
                {
                    "team": me.team_id,
                    "channel": command["channel_id"],
                    "user": command["user_id"],
                    "text": command.get("text") or "",
                    "response_url": command["response_url"],
                },
            )
        )
        ack()
