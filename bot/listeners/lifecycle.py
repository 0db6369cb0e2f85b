"""Uninstallation: all work for the workspace stops before Slack is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext

# Takes the team id and the time of the event, in Unix seconds.
Uninstall = Callable[[str, float | None], None]


def register(app: App, uninstall: Uninstall) -> None:
    """Listen to the events of an uninstalled app, which may come in any order."""

    @app.event("app_uninstalled")
    def on_uninstalled(context: BoltContext, body: dict[str, Any]) -> None:
        uninstall(str(context.team_id), body.get("event_time"))

    @app.event("tokens_revoked")
    def on_revoked(context: BoltContext, event: dict[str, Any], body: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):  # not a user's own token
            uninstall(str(context.team_id), body.get("event_time"))
