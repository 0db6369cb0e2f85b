"""The buttons of the Home tab with which administrators switch between its two views."""

from __future__ import annotations

import re
from typing import Any, Literal

from slack_bolt import Ack, App

from bot.jobs.event_kinds import HomeOpened
from bot.listeners.context import ListenerContext


def register(app: App) -> None:
    """Listen to the buttons. Who may see which view is decided where it is made."""

    @app.action(re.compile("deja_home_(team|admin)"))
    def on_switch(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        shown: Literal["team", "admin"] = (
            "admin" if action["action_id"] == "deja_home_admin" else "team"
        )
        key = f"home:{body['trigger_id']}"
        user = body["user"]["id"]
        deps.enqueue(HomeOpened(key=key, team=deps.me.team_id, user=user, shown=shown))
        ack()
