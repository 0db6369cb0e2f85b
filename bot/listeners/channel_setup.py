"""The buttons and the form by which a channel is set up."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.channel_setup import FORM, loading_view, read_backfill, read_form, read_settings
from bot.jobs.from_events import about_click
from bot.listeners.context import ListenerContext
from services.queue import NewJob

_CHANNEL = re.compile(r"[CGD][A-Z0-9]{0,62}")


def register(app: App) -> None:
    """Listen to the buttons of the message that asks, and to the form."""

    @app.action(re.compile(r"deja_mode_(off|request|quiet|full)"))
    def on_mode(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        mode = action["action_id"].removeprefix("deja_mode_")
        payload = {**about_click(body, here.me), "mode": mode}
        here.enqueue(NewJob("setup_choose", f"setup_choose:{body['trigger_id']}", payload))
        ack()

    @app.action("deja_settings")
    def on_button(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ack()
        if _CHANNEL.fullmatch(action.get("value") or ""):
            about = {
                "team": here.me.team_id,
                "channel": action["value"],
                "user": body["user"]["id"],
            }
            open_settings(here, body["trigger_id"], about)

    @app.view(FORM)
    def on_form(
        ack: Ack, here: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        channel, say = read_form(view)
        settings = read_settings(view["state"])
        if isinstance(settings, dict):
            errors = {field: say(wrong) for field, wrong in settings.items()}
            ack(response_action="errors", errors=errors)
            return
        payload = {
            "team": here.me.team_id,
            "channel": channel,
            "user": body["user"]["id"],
            "settings": asdict(settings),
            "backfill": read_backfill(view["state"]),
        }
        here.enqueue(NewJob("setup_save", f"setup_save:{view['id']}:{view['hash']}", payload))
        ack()


def open_settings(here: ListenerContext, trigger_id: str, about: dict[str, str]) -> bool:
    """Open the form at once, for a trigger lasts three seconds, and have it filled by a job.

    `about` is the team, the channel and the user. Return whether Slack opened it.
    """
    view_id = here.slack.open_view(trigger_id, loading_view())
    if view_id is None:
        return False
    here.enqueue(NewJob("setup_open", f"setup_open:{view_id}", {**about, "view_id": view_id}))
    return True
