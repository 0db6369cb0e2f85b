"""The end of an installation: all work for the workspace stops before Slack is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext

# Takes the team, and when Slack told (seconds).
End = Callable[[str, float | None], None]


def register(app: App, end: End) -> None:
    """Listen to what Slack says when the app is removed, in whatever order it says it."""

    @app.event("app_uninstalled")
    def on_uninstalled(context: BoltContext, body: dict[str, Any]) -> None:
        end(str(context.team_id), body.get("event_time"))

    @app.event("tokens_revoked")
    def on_revoked(context: BoltContext, event: dict[str, Any], body: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):  # somebody's own token is none of ours
            end(str(context.team_id), body.get("event_time"))
