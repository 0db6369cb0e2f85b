"""The slash command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.events import Self
from bot.listeners.setup import open_settings
from bot.slack import Slack
from services.queue import NewJob


def register(app: App, me: Self, slack: Slack, enqueue: Callable[[NewJob], None]) -> None:
    """Listen to `/deja`. The form of the settings is opened here: a job would come too late."""

    @app.command("/deja")
    def on_command(ack: Ack, command: dict[str, Any]) -> None:
        about = {
            "team": me.team_id,
            "channel": command["channel_id"],
            "user": command["user_id"],
        }
        text = command.get("text") or ""
        wants_form = text.strip().lower() == "settings"
        if wants_form and open_settings(slack, enqueue, command["trigger_id"], about):
            ack()
            return
        enqueue(
            NewJob(
                "command",
                f"command:{command['trigger_id']}",
                {**about, "text": text, "response_url": command["response_url"]},
            )
        )
        ack()
