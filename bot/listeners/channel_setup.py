"""The buttons and the form that set up a channel."""

from __future__ import annotations

import re
from typing import Any, cast

from slack_bolt import Ack, App

from bot.blocks.channel_setup import loading_view
from bot.blocks.sent_ids import is_channel_id
from bot.blocks.settings_form import (
    FORM,
    read_backfill,
    read_form,
    read_settings,
    resets_caution,
)
from bot.jobs.from_events import requester_of
from bot.jobs.request_kinds import ModeClick, SettingsForm, SettingsOpened
from bot.listeners.context import ListenerContext
from services.channels.settings import Mode


def register(app: App) -> None:
    """Listen to the buttons of the message that asks how to work, and to the form."""
    _listen_to_form(app)

    @app.action(re.compile(r"deja_mode_(off|request|quiet|full)"))
    def on_mode(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        mode = cast(Mode, action["action_id"].removeprefix("deja_mode_"))
        key = f"setup_choose:{body['trigger_id']}"
        deps.enqueue(ModeClick(key=key, mode=mode, **requester_of(body, deps.me)))
        ack()

    @app.action("deja_settings")
    def on_button(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ack()
        if is_channel_id(action.get("value") or ""):
            open_settings(deps, body["trigger_id"], action["value"], body["user"]["id"])


def _listen_to_form(app: App) -> None:
    @app.view(FORM)
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        channel, say = read_form(view)
        settings = read_settings(view)
        if isinstance(settings, dict):
            errors = {field: say(wrong) for field, wrong in settings.items()}
            ack(response_action="errors", errors=errors)
            return
        deps.enqueue(
            SettingsForm(
                key=f"setup_save:{view['id']}:{view['hash']}",
                team=deps.me.team_id,
                channel=channel,
                user=body["user"]["id"],
                settings=settings,
                backfill=read_backfill(view["state"]),
                resets_caution=resets_caution(view["state"]),
            )
        )
        ack()


def open_settings(deps: ListenerContext, trigger_id: str, channel: str, user: str) -> bool:
    """Open a channel's form at once, because a trigger lasts three seconds; a job fills it.

    Return whether Slack opened it.
    """
    view_id = deps.slack.open_view(trigger_id, loading_view())
    if view_id is None:
        return False
    key, team = f"setup_open:{view_id}", deps.me.team_id
    deps.enqueue(SettingsOpened(key=key, team=team, channel=channel, user=user, view_id=view_id))
    return True
