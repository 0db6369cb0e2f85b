"""The slash command."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.listeners.channel_setup import open_settings
from bot.listeners.context import ListenerContext
from services.queue import NewJob


def register(app: App) -> None:
    """Listen to `/deja`. The form of the settings is opened here: a job would come too late."""

    @app.command("/deja")
    def on_command(ack: Ack, here: ListenerContext, command: dict[str, Any]) -> None:
        about = {
            "team": here.me.team_id,
            "channel": command["channel_id"],
            "user": command["user_id"],
        }
        text = command.get("text") or ""
        wants_form = text.strip().lower() == "settings"
        if wants_form and open_settings(here, command["trigger_id"], about):
            ack()
            return
        here.enqueue(
            NewJob(
                "command",
                f"command:{command['trigger_id']}",
                {**about, "text": text, "response_url": command["response_url"]},
            )
        )
        ack()
