"""The slash command."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.jobs.request_kinds import SlashCommand
from bot.listeners.channel_setup import open_settings
from bot.listeners.context import ListenerContext
from services.text.words.plain import first_word


def register(app: App) -> None:
    """Listen to `/deja`. The settings form is opened here: a job would come too late."""

    @app.command("/deja")
    def on_command(ack: Ack, deps: ListenerContext, command: dict[str, Any]) -> None:
        channel, user = command["channel_id"], command["user_id"]
        text, trigger_id = command.get("text") or "", command["trigger_id"]
        wants_form = first_word(text)[0].lower() == "settings"
        if wants_form and open_settings(deps, trigger_id, channel, user):
            ack()
            return
        deps.enqueue(
            SlashCommand(
                key=f"command:{trigger_id}",
                team=deps.me.team_id,
                channel=channel,
                user=user,
                response_url=command["response_url"],
                text=text,
            )
        )
        ack()
